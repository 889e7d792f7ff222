"""What if: changed figures give what the changed rules give, and nothing else moves."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import polars as pl
import pytest

from songhua.kit.errors import InputError
from songhua.kit.money import yuan
from songhua.policy import assess, bundled, diff
from songhua.policy.applicants import applicants_of
from songhua.policy.batch import assess_batch
from songhua.policy.changes import changed, figures
from songhua.policy.sandbox import Applicants, sandbox, sweep

DRAFT = next(p for p in bundled() if p.version == "draft-2022")
DAY = date(2023, 3, 1)
MILLION = 10**8


def scenes(amounts):
    n = len(amounts)
    columns = {
        "applicant": [f"A{i}" for i in range(n)],
        "field": ["智慧供热"] * n,
        "shortlisted": [True] * n,
        "government_investment": [False] * n,
        "is_investor": [True] * n,
        "total_investment_fen": amounts,
    }
    schema = {"total_investment_fen": pl.Int64}
    return Applicants(pl.DataFrame(columns, schema_overrides=schema), DAY)


def funded(amounts):
    frame = {
        "applicant": range(len(amounts)),
        "in_harbin_org": [True] * len(amounts),
        "event_kind": ["产业论坛"] * len(amounts),
        "actual_expense_fen": amounts,
    }
    return Applicants(pl.DataFrame(frame), DAY)


def test_a_change_is_the_only_difference_from_the_policy():
    changes = {
        "P04.grant.rate": "25%",
        "P03b.conditions.INCREMENT_BELOW_5YI.require.amount": "400000000.00元",
        "P03b.readings.cohort.default": "all_new",
        "readings.rounding.default": "down",
    }
    found = diff(DRAFT, changed(DRAFT, changes)).changes
    assert {f"{c.rule}.{c.field}" if c.rule else c.field: c.new for c in found} == changes
    assert changed(DRAFT, {}) == DRAFT


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("P99.grant.rate", "1%", "policy_change_unknown"),
        ("P04.grant", "1%", "policy_change_unknown"),
        ("P04.grant.base", "prior_paid_yuan", "policy_change_unknown"),
        ("P04.cap.prior", "x", "policy_change_unknown"),
        ("P04.zh", "x", "policy_change_unknown"),
        ("P03b.conditions.NOBODY.require.amount", "1元", "policy_change_unknown"),
        ("P03b.conditions.INCREMENT_BELOW_5YI.require.count", "3", "policy_change_unknown"),
        ("", "1", "policy_change_unknown"),
        ("P04.grant.rate", "0%", "policy_change_invalid"),
        ("P04.grant.rate", "0.3", "policy_change_invalid"),
        ("P04.cap.amount", "-1元", "policy_change_invalid"),
        ("P03b.readings.cohort.default", "none", "policy_change_invalid"),
    ],
)
def test_a_path_or_value_that_cannot_be_is_told(path, value, code):
    with pytest.raises(InputError) as caught:
        changed(DRAFT, {path: value, "P04.grant.rate.x": "1"})
    assert [p.code for p in caught.value.problems] == [code, "policy_change_unknown"]


def test_totals_and_movements_by_hand():
    """10 and 20 million at 30%, capped at 5 million; then at 20%, capped at 3 million."""
    some = {"P04": scenes([10 * MILLION, 20 * MILLION, 0]), "P09b": funded([MILLION])}
    found = sandbox(
        DRAFT, some, 9 * MILLION, {"P04.grant.rate": "20%", "P04.cap.amount": "300万元"}
    )  # fmt: skip
    assert found.rules.filter(pl.col("rule") == "P04").select("side", "total_fen").rows() == [
        ("before", 8 * MILLION), ("after", 5 * MILLION),
    ]  # fmt: skip
    assert found.left_fen == {"before": MILLION // 2, "after": 7 * MILLION // 2}
    assert found.moved.rows() == [
        ("P04", "A0", 3 * MILLION, 2 * MILLION, -MILLION),
        ("P04", "A1", 5 * MILLION, 3 * MILLION, -2 * MILLION),
    ]
    assert found.gains_and_losses.rows() == [("P04", 0, 2, 0, 0, 3 * MILLION)]
    median = found.quantiles.filter(percent=50, rule="P04").select("side", "amount_fen")
    assert median.rows() == [("before", 3 * MILLION), ("after", 2 * MILLION)]


def test_what_waits_for_a_review_is_counted_apart_and_never_as_zero():
    some = scenes([10 * MILLION] * 3)
    pending = Applicants(some.frame.with_columns(shortlisted=pl.Series([True, None, False])), DAY)
    row = sandbox(DRAFT, {"P04": pending}, 0, {}).rules.row(0, named=True)
    assert (row["computed"], row["needs_review"], row["ineligible"], row["other"]) == (1, 1, 1, 0)
    assert (row["total_fen"], row["open_fen"]) == (3 * MILLION, 3 * MILLION)
    assert sandbox(DRAFT, {"P04": pending}, 0, {}).left_fen["after"] == -3 * MILLION


def test_a_sweep_is_the_sum_of_the_single_awards_at_each_value():
    chance = random.Random(4)
    amounts = [chance.randrange(40 * MILLION) for _ in range(80)]
    some, grid = {"P04": scenes(amounts), "P09b": funded(amounts)}, ["1/7", "20%", "30%", "100%"]
    curve = sweep(DRAFT, some, 10**12, "P04.grant.rate", grid)
    assert curve["value"].to_list() == grid
    fixed = sum(min((a + 1) // 2, MILLION // 2) for a in amounts)
    for value, total in curve.select("value", "total_fen").rows():
        rate = Fraction(int(value[:-1]), 100) if value.endswith("%") else Fraction(value)
        exact = sum(min((a * rate * 2 + 1).__floor__() // 2, 5 * MILLION) for a in amounts)
        assert total == exact + fixed
    assert curve["total_fen"].is_sorted()
    assert (curve["left_fen"] + curve["total_fen"] == 10**12).all()
    everyone = sweep(DRAFT, some, 0, "readings.rounding.default", ["half_up", "down"])
    assert everyone["total_fen"][0] >= everyone["total_fen"][1]


def test_rates_that_overflow_64_bits_are_exact_as_for_one_application():
    """A rate of nine digits times ten trillion yuan has 24 digits."""
    policy = changed(DRAFT, {"P09b.grant.rate": "999999937/999999999"})
    rule = policy.rules["P09b"].model_copy(update={"cap": None})
    policy = policy.model_copy(update={"rules": policy.rules | {"P09b": rule}})
    chance = random.Random(5)
    amounts = [10**15, 10**15 - 1, 1, *(chance.randrange(10**15) for _ in range(50))]
    some = funded(amounts)
    from songhua.policy.batch import assess_batch

    facts = {"in_harbin_org": True, "event_kind": "产业论坛"}
    for rounding in ("half_up", "down"):
        found = assess_batch(policy, "P09b", some.frame, DAY, {"rounding": rounding})
        assert found["amount_fen"].to_list() == [
            assess(
                policy, "P09b", facts | {"actual_expense_yuan": yuan(fen)}, DAY,
                {"rounding": rounding},
            ).amount
            for fen in amounts
        ]  # fmt: skip


def test_no_applicants_cost_nothing():
    found = sandbox(DRAFT, {}, 5, {"P04.grant.rate": "1%"})
    assert found.left_fen == {"before": 5, "after": 5}
    assert (found.rules.height, found.quantiles.height, found.moved.height) == (0, 0, 0)
    assert sandbox(DRAFT, {"P04": scenes([])}, 5, {}).rules["applicants"].to_list() == [0, 0]


def test_every_figure_of_every_rule_can_be_written_again_as_it_stands():
    for policy in bundled():
        for rule in policy.rules.values():
            assert changed(policy, figures(rule)) == policy


def test_records_that_can_be_read_are_judged_as_one_by_one_and_the_others_are_named():
    rule = DRAFT.rules["P03b"]
    tenant = {"revenue_yuan": "60000000.00", "prev_revenue_yuan": "0", "new": True}
    plain = {"carrier_kind": "产业园", "demo_effect": True}
    records = {
        "ten": plain | {"tenants": [tenant] * 10},
        "none": plain | {"tenants": []},
        "unjudged": plain | {"demo_effect": None, "tenants": [tenant] * 12},
        "no facts": {},
        "bad": plain | {"tenants": [tenant | {"revenue_yuan": "NaN"}]},
    }
    given, left_out = applicants_of(rule, records, DAY)
    assert left_out == ("no facts", "bad")
    found = assess_batch(DRAFT, "P03b", given.frame, given.on, items=given.items)
    assert found["applicant"].to_list() == ["ten", "none", "unjudged"]
    for row in found.iter_rows(named=True):
        award = assess(DRAFT, "P03b", records[row["applicant"]], DAY)
        answer = (row["status"], row["amount_fen"], row["ceiling_fen"])
        assert answer == (award.status, award.amount, award.ceiling)
    nobody, _ = applicants_of(rule, {}, DAY)
    assert sandbox(DRAFT, {"P03b": nobody}, 0, {}).moved.is_empty()
