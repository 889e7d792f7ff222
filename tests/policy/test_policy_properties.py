"""What is always true of an award, whatever the facts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.money import yuan
from songhua.policy import assess, bundled

POLICIES = {p.version: p for p in bundled()}
DRAFT, INDUSTRY = POLICIES["draft-2022"], POLICIES["issued"]
DAY = date(2023, 3, 1)
fen = st.integers(0, 10**12) | st.sampled_from(
    [n + d for n in (10**9, 2 * 10**9, 3 * 10**9, 5 * 10**9, 5 * 10**10) for d in (-1, 0, 1)]
)
# rule → the facts of a plain, eligible application with this base in fen
PLAIN = {
    "P01": lambda b: {
        "applicant_kind": "高校",
        "chokepoint": True,
        "mode": "揭榜挂帅",
        "review_passed": True,
        "reviewed_amount_yuan": yuan(b),
    },
    "P02a": lambda b: {"platform_kind": "共性技术研发平台", "equipment": [machine(b)]},
    "P02b": lambda b: {
        "platform_kind": "科技创新服务平台",
        "builder_kind": "高校",
        "open_shared": True,
        "actual_investment_yuan": yuan(b),
    },
    "P03a": lambda b: {
        "integrated_mode": True,
        "applied_rd_institution": True,
        "actual_input_yuan": yuan(b),
    },
    "P03b": lambda b: {
        "carrier_kind": "产业园",
        "demo_effect": True,
        "tenants": [tenant(10**9)] * 9 + [tenant(max(10**9, b))],
    },
    "P04": lambda b: {
        "field": "智慧供热",
        "shortlisted": True,
        "government_investment": False,
        "is_investor": True,
        "total_investment_yuan": yuan(b),
    },
    "P06b": lambda b: {
        "institution_kind": "中外联合创新中心",
        "experts": [{"work_cost_yuan": yuan(b), "foreign": True}],
    },
    "P07": lambda b: {
        "high_end_talent": True,
        "basis": "经济贡献",
        "reviewed_amount_yuan": yuan(b),
    },
    "Q1": lambda b: {"fixed_investment_yuan": yuan(b)},
    "Q2": lambda b: {"output_growth_yuan": yuan(b)},
}
rules = st.sampled_from(sorted(PLAIN))
WITH_PRIOR = [rule for rule in PLAIN if rule not in ("P01", "Q1")]


def machine(amount, new=True, rd=True, buyer="builder"):
    return {"amount_yuan": yuan(amount), "newly_purchased": new, "for_rd": rd, "buyer": buyer}


def tenant(revenue, before=0, new=True):
    return {"revenue_yuan": yuan(revenue), "prev_revenue_yuan": yuan(before), "new": new}


def award(rule, facts, reading=None):
    return assess(INDUSTRY if rule.startswith("Q") else DRAFT, rule, facts, DAY, reading)


def cap(rule):
    return (INDUSTRY if rule.startswith("Q") else DRAFT).rules[rule].cap.amount


@given(rules, fen)
def test_no_amount_above_its_ceiling_and_no_ceiling_above_the_cap(rule, base):
    found = award(rule, PLAIN[rule](base))
    assert 0 <= found.amount <= found.ceiling <= cap(rule)


@given(rules, fen, st.integers(0, 10**10))
def test_more_never_gives_less(rule, base, more):
    less, greater = (award(rule, PLAIN[rule](b)).amount for b in (base, base + more))
    assert less <= greater
    assert greater <= award(rule, PLAIN[rule](base + more + 1)).amount


@given(st.sampled_from(["P02b", "P03a", "P04"]), fen)
def test_an_uncapped_share_is_the_exact_share_rounded_half_up(rule, base):
    found, rate = award(rule, PLAIN[rule](base)), DRAFT.rules[rule].grant.rate
    if found.binding == "rate":
        assert -Fraction(1, 2) < found.amount - base * rate <= Fraction(1, 2)


@given(st.sampled_from(WITH_PRIOR), fen, fen)
def test_with_what_was_paid_before_no_cap_is_exceeded(rule, base, before):
    found = award(rule, PLAIN[rule](base) | {"prior_paid_yuan": yuan(before)})
    assert found.amount == 0 or found.amount + before <= cap(rule)
    if found.binding == "prior":
        assert found.amount + before == cap(rule)


@given(st.lists(fen, min_size=1, max_size=6), st.data())
def test_splitting_and_order_of_items_change_nothing(prices, data):
    whole = award("P02a", PLAIN["P02a"](0) | {"equipment": [machine(p) for p in prices]})
    cuts = [data.draw(st.integers(0, p)) for p in prices]
    parts = [part for p, cut in zip(prices, cuts, strict=True) for part in (cut, p - cut)]
    shuffled = data.draw(st.permutations([machine(p) for p in parts]))
    split = award("P02a", PLAIN["P02a"](0) | {"equipment": shuffled})
    assert (whole.amount, whole.ceiling, whole.binding, whole.codes) == (
        split.amount,
        split.ceiling,
        split.binding,
        split.codes,
    )


tenants = st.lists(st.builds(tenant, fen, fen, st.booleans()), max_size=15)


@given(
    tenants,
    st.sampled_from(["counted", "every"]),
    st.sampled_from(["qualifying", "all_new"]),
    st.sampled_from(["net", "positive_only"]),
)
def test_new_tenants_against_a_computation_by_hand(rows, each, cohort, delta):
    reading = {"threshold_each": each, "cohort": cohort, "delta": delta}
    found = award("P03b", PLAIN["P03b"](0) | {"tenants": rows}, reading)
    pairs = [
        tuple(int(row[k].replace(".", "")) for k in ("revenue_yuan", "prev_revenue_yuan"))
        for row in rows
        if row["new"]
    ]
    large = [p for p in pairs if p[0] >= 10**9]
    growth = [now - then for now, then in (large if cohort == "qualifying" else pairs)]
    if delta == "positive_only":
        growth = [max(0, g) for g in growth]
    total = sum(growth)
    lost = len(large) < 10 or total < 5 * 10**10 or (each == "every" and len(large) < len(pairs))
    assert found.amount == (0 if lost else min((total * 2 + 100) // 200, 3 * 10**11))
    assert ("FEWER_THAN_10_QUALIFYING" in found.codes) == (len(large) < 10)
    assert ("INCREMENT_BELOW_5YI" in found.codes) == (total < 5 * 10**10)


PENDING = {
    "P01": "review_passed",
    "P03b": "demo_effect",
    "P04": "shortlisted",
    "P07": "high_end_talent",
}


@given(st.sampled_from(sorted(PENDING)), st.integers(6 * 10**10, 10**12), st.booleans())
def test_what_is_not_known_yet_is_never_zero(rule, base, absent):
    facts = PLAIN[rule](base)
    decided = award(rule, facts)
    facts[PENDING[rule]] = None
    if absent:
        del facts[PENDING[rule]]
    found = award(rule, facts)
    assert (found.status, found.amount, found.ceiling) == ("needs_review", None, decided.amount)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | fen.map(yuan),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@given(st.data())
def test_any_facts_give_an_award_or_an_input_error(data):
    version = data.draw(st.sampled_from(sorted(POLICIES)))
    rule = data.draw(st.sampled_from(sorted(POLICIES[version].rules)))
    named = {
        name: json | st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(fact.fields, json)))
        if fact.type == "list"
        else json
        for name, fact in POLICIES[version].rules[rule].facts.items()
    }
    facts = data.draw(st.fixed_dictionaries({}, optional=named) | json)
    reading = data.draw(st.none() | st.dictionaries(st.text(max_size=3), st.text(max_size=3)))
    try:
        found = assess(POLICIES[version], rule, facts, DAY, reading)
    except InputError as error:
        for problem in error.problems:
            assert "{" not in problem.text("en").replace(problem.value, "")
            assert problem.text("zh") != problem.code
    else:
        assert (found.amount is None) == (found.status not in ("computed", "ineligible"))


@pytest.mark.parametrize(
    ("change", "where", "code"),
    [
        ({"colour": "red"}, "facts", "unknown_key"),
        ({"equipment": None}, "equipment", "policy_fact_missing"),
        ({"equipment": {}}, "equipment", "policy_fact_not_list"),
        ({"equipment": [machine(1), 5]}, "equipment[1]", "policy_fact_not_record"),
        ({"equipment": [machine(1) | {"x": 1}]}, "equipment[0]", "unknown_key"),
        ({"equipment": [machine(1, new="yes")]}, "equipment[0].newly_purchased", None),
        ({"platform_kind": 3}, "platform_kind", "policy_fact_not_text"),
    ],
)
def test_facts_of_the_wrong_structure_name_their_path(change, where, code):
    with pytest.raises(InputError) as caught:
        award("P02a", PLAIN["P02a"](1) | change)
    (problem,) = caught.value.problems
    assert (problem.where, problem.code) == (where, code or "policy_fact_not_boolean")


def test_a_bad_amount_names_its_path():
    facts = PLAIN["P02a"](1) | {"equipment": [machine(1), machine(1) | {"amount_yuan": "x"}]}
    (reason,) = award("P02a", facts).reasons
    assert reason.where == "equipment[1].amount_yuan"
    assert reason.where in reason.text("zh")
    assert reason.where in reason.text("en")


@pytest.mark.parametrize(
    ("rule", "reading", "on", "code"),
    [
        ("P99", None, DAY, "policy_rule_unknown"),
        ("P02a", {"mood": "good"}, DAY, "policy_reading_unknown"),
        ("P02a", {"cohort": "none"}, DAY, "policy_option_unknown"),
        ("P02a", {"cohort": ["net"]}, DAY, "policy_option_unknown"),
        ("P02a", "net", DAY, "policy_fact_not_record"),
        ("P02a", None, "2023-03-01", "not_a_date"),
    ],
)
def test_what_the_policy_does_not_know_is_refused(rule, reading, on, code):
    with pytest.raises(InputError) as caught:
        assess(DRAFT, rule, PLAIN["P02a"](1), on, reading)
    assert [problem.code for problem in caught.value.problems] == [code]


def test_a_reading_of_another_rule_has_no_effect():
    facts = PLAIN["P04"](10**9)
    assert award("P04", facts, {"cohort": "all_new"}) == award("P04", facts)
