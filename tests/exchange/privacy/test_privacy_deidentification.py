"""A table is made just as coarse as its policy demands, and no two recipients can join theirs."""

from __future__ import annotations

import datetime as dt
import hmac
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.exchange.privacy.deidentification import Policy, deidentify
from songhua.exchange.privacy.keys import recipient_key
from songhua.exchange.privacy.lattice import Demand, Sensitive, search
from songhua.exchange.privacy.pseudonyms import owners
from songhua.exchange.privacy.risk import measure
from songhua.kit.errors import Infeasible, InputError
from songhua.kit.params import parse

KEY = recipient_key(b"s" * 32, "tax bureau", "pseudonym")

# Sweeney 2002 (achieving k-anonymity), figure 3: two races in four zips.
RACES = pl.DataFrame(
    list(product(["black", "white"], ["02138", "02139", "02141", "02142"])),
    schema=["race", "zip"],
    orient="row",
)
LADDERS = {"race": ("keep", "hide"), "zip": ("keep", "prefix 4", "prefix 3")}


def _one(column, rule, **more):
    table = pl.DataFrame({"c": column})
    policy = Policy(columns={"c": (rule,)}, quasi_identifiers=(), k=1, suppressed_at_most=0, **more)
    released, report = deidentify(table, policy, KEY)
    return released["c"].to_list(), report


@pytest.mark.parametrize(
    ("rule", "column", "expected"),
    [
        ("month", [dt.date(2026, 11, 23), None], ["2026-11", None]),
        ("year", [dt.date(2026, 11, 23), None], [2026, None]),
        ("month", [dt.datetime(2026, 11, 30, 17, tzinfo=dt.UTC)], ["2026-12"]),  # in Harbin
        ("band 10", [29, 30, -1, None], [20, 30, -10, None]),
        ("round 100", [149, 151, -151, None], [100, 200, -200, None]),
        ("prefix 4", ["230102", None], ["2301", None]),
        ("clamp 18 90", [3, 50, 104, None], [18, 50, 90, None]),
        ("clamp 0 90, band 20", [104, None], [80, None]),
        ("rare 2", ["a", "b", "a", None], ["a", None, "a", None]),
        ("mask 1 0", ["王小明", None], ["王**", None]),
        ("hide", ["x"], [None]),
    ],
)
def test_rules(rule, column, expected):
    assert _one(column, rule)[0] == expected


def test_an_empty_cell_stays_empty_under_every_rule_and_nan_is_one():
    assert _one([float("nan"), 12.0], "band 10")[0] == [None, 10]


def test_a_region_climbs_its_classification_and_what_has_no_superior_is_emptied():
    above = {"道里区": "哈尔滨市", "哈尔滨市": "黑龙江省", "O'区": "x"}
    told, report = _one(["道里区", "火星", None], "upper, upper", classifications={"c": above})
    assert told == ["黑龙江省", None, None]
    assert report.emptied_cells == 1
    assert _one(["O'区"], "upper", classifications={"c": above})[0] == ["x"]


def test_a_person_has_one_pseudonym_per_recipient_and_another_for_the_next():
    people = pl.DataFrame({"id": ["11010519491231002X", "x", "11010519491231002X", None]})
    policy = Policy(columns={"id": ("pseudonym",)}, quasi_identifiers=(), k=1, suppressed_at_most=0)
    other = recipient_key(b"s" * 32, "housing bureau", "pseudonym")
    [mine, theirs] = (deidentify(people, policy, key)[0]["id"].to_list() for key in (KEY, other))
    assert mine[0] == mine[2] == hmac.new(KEY, b"11010519491231002X", "sha256").hexdigest()
    assert mine[3] is None
    assert not set(mine[:3]) & set(theirs[:3])


def test_leaked_pseudonyms_name_the_recipient_they_were_made_for():
    people = [f"person {n}" for n in range(50)]
    keys = {who: recipient_key(b"s" * 32, who, "pseudonym") for who in ("tax", "housing", "health")}
    policy = Policy(columns={"id": ("pseudonym",)}, quasi_identifiers=(), k=1, suppressed_at_most=0)
    told = deidentify(pl.DataFrame({"id": people}), policy, keys["housing"])[0]["id"]
    assert owners(told.sample(2, seed=1), people, keys) == {"housing": 2}
    assert owners(["made up"], people, keys) == {}


@pytest.mark.parametrize(
    ("k", "rules"), [(2, {("hide", "keep"), ("keep", "prefix 4")}),
                     (4, {("hide", "prefix 4"), ("keep", "prefix 3")}),
                     (8, {("hide", "prefix 3")})]
)  # fmt: skip
def test_the_minimal_generalisations_of_sweeneys_table(k, rules):
    policy = Policy(columns=LADDERS, quasi_identifiers=("race", "zip"), k=k, suppressed_at_most=0)
    released, report = deidentify(RACES, policy, KEY)
    assert tuple(report.rules.values()) in rules
    assert report.risk.k == k
    assert released.height == 8


def test_what_cannot_be_reached_says_why():
    with pytest.raises(Infeasible) as refused:
        deidentify(RACES, Policy(columns=LADDERS, quasi_identifiers=("race", "zip"), k=9,
                                 suppressed_at_most=0.5), KEY)  # fmt: skip
    [problem] = refused.value.problems
    assert (problem.code, problem.value) == ("privacy_unreachable_k", "8 / 4")
    assert "8 / 4" in problem.text("zh")


def test_all_faults_of_a_policy_are_told_at_once():
    policy = Policy(
        columns={"race": ("keep", "melt"), "zip": ("prefix 4", "prefix 5"), "gone": ("hide",)},
        quasi_identifiers=("zip", "age"), k=2, suppressed_at_most=0,
    )  # fmt: skip
    with pytest.raises(InputError) as refused:
        deidentify(RACES, policy, KEY)
    assert {problem.code for problem in refused.value.problems} == {
        "privacy_rule_unreadable",
        "privacy_ladder_misplaced",
        "privacy_ladder_not_nested",
        "privacy_column_unknown",
        "privacy_role_without_column",
    }


@pytest.mark.parametrize(
    "rule", ["", "band", "band 0", "band x", "band 1 2", "clamp 9 1", "clamp nan 1", "mask 1",
             "hide;", "prefix -1", "upper", "pseudonym, pseudonym", "keep,,", "prefix 1)--"]
)  # fmt: skip
def test_unreadable_rules_are_refused(rule):
    with pytest.raises(InputError):
        _one(["a"], rule)


def test_a_rule_that_does_not_suit_its_column_is_the_policys_fault():
    with pytest.raises(InputError) as refused:
        _one(["no date"], "month")
    assert refused.value.problems[0].code == "privacy_rule_unsuited"


def test_a_policy_is_strict():
    with pytest.raises(InputError):
        parse(Policy, {"columns": {}, "quasi_identifiers": (), "k": 0, "suppressed": 0.1})


_ROWS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 3), st.integers(0, 2)), min_size=1, max_size=30
)


@settings(max_examples=200, deadline=None)
@given(_ROWS, st.integers(1, 4), st.integers(1, 2), st.floats(0.3, 1), st.integers(0, 10))
def test_no_lower_rung_would_do(rows, k, diversity, t, suppressible):
    """Every combination of rungs, tried by itself, is as lossy or does not hold."""
    age, area, ill = np.array(rows).T
    ladders = [[age, age // 5, age // 10, age * 0], [area, area * 0]]
    sensitive = {"ill": Sensitive(ill, ordered=False)}
    demand = Demand(k, diversity, 1.0, t)

    def best(ladders):
        return search([age, area], ladders, sensitive, demand, suppressible, len(rows))

    holding = []
    for rungs in product(*ladders):
        try:
            holding.append(best([[rung] for rung in rungs]))
        except Infeasible:
            continue
    if not holding:
        with pytest.raises(Infeasible):
            best(ladders)
        return
    node = best(ladders)
    least = min(each.loss for each in holding)
    assert node.loss == pytest.approx(least, abs=1e-9)
    equal = [each for each in holding if each.loss <= least + 1e-9]
    assert node.kept.sum() == max(each.kept.sum() for each in equal)
    assert 0 <= node.loss <= 1 + 1e-9
    assert len(rows) - node.kept.sum() <= suppressible
    released = pl.DataFrame(
        [ladder[rung] for ladder, rung in zip(ladders, node.rungs, strict=True)] + [ill],
        schema=["age", "area", "ill"],
    ).filter(pl.Series(node.kept))
    found = measure(released.cast(pl.String), ["age", "area"], ["ill"])
    assert found.k >= k
    assert found.diversity["ill"].distinct >= diversity
    assert found.diversity["ill"].t <= t + 1e-8


def test_leaving_rows_out_does_not_let_the_rest_drift_from_the_table():
    """Without the first class the second is too far from what remains, and goes too."""
    classes = np.array([0] * 5 + [1] * 10 + [2] * 25)
    ones = np.array([0] * 5 + [1] * 3 + [0] * 7 + [1] * 20 + [0] * 5)
    ill = {"ill": Sensitive(ones, ordered=False)}
    node = search([classes], [[classes]], ill, Demand(k=1, t=0.3), 15, 40)
    assert node.kept.sum() == 25
    with pytest.raises(Infeasible):
        search([classes], [[classes]], ill, Demand(k=1, t=0.3), 14, 40)


def test_an_empty_table_leaves_empty():
    policy = Policy(columns=LADDERS, quasi_identifiers=("race", "zip"), k=5, suppressed_at_most=0)
    released, report = deidentify(RACES.head(0), policy, KEY)
    assert (released.height, report.risk.k, report.loss) == (0, None, 0)


def test_columns_not_named_stay_behind_and_rows_keep_their_order():
    table = RACES.with_columns(phone=pl.lit("1"), n=pl.int_range(8))
    policy = Policy(columns={"n": ("keep",), "zip": ("rare 3", "hide")}, quasi_identifiers=("zip",),
                    k=2, suppressed_at_most=0)  # fmt: skip
    released, _ = deidentify(table, policy, KEY)
    assert released.columns == ["n", "zip"]
    assert released["n"].to_list() == list(range(8))
