"""Cost items: every invoice counts once, no allocation pays more, a doubt is never an answer."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import Infeasible, InputError
from songhua.policy import allocation_search
from songhua.policy.cost_items import Clause, CostItem, allocate

RATES = st.fractions(0, 1, max_denominator=12) | st.sampled_from(
    [Fraction(3, 10), Fraction(1, 5), Fraction(1, 2), Fraction(1, 10)]
)


@st.composite
def questions(draw, most=6):
    largest = draw(st.sampled_from([9, 10**4, 10**13]))
    names = ["P02a", "P03a", "P04", "P06a"][: draw(st.integers(1, 4))]
    clauses = {n: Clause(draw(RATES), draw(st.integers(0, largest))) for n in names}
    item = st.builds(CostItem, st.integers(0, largest), st.frozensets(st.sampled_from(names)))
    return clauses, draw(st.lists(item, max_size=most))


def paid(clauses, items, clause_of):
    return sum(
        clause.award(sum(i.amount for i, c in zip(items, clause_of, strict=True) if c == name))
        for name, clause in clauses.items()
    )


def brute_force(clauses, items):
    every = product(*[[None, *item.clauses] for item in items])
    return max(paid(clauses, items, clause_of) for clause_of in every)


def test_filling_the_highest_rate_first_is_wrong():
    clauses = {
        "P04": Clause(Fraction(3, 10), 5_000_000_00),
        "P06a": Clause(Fraction(1, 2), 1_000_000_00),
        "P03a": Clause(Fraction(1, 10), 10_000_000_00),
    }
    items = [
        CostItem(4_000_000_00, frozenset({"P06a", "P04"})),
        CostItem(2_000_000_00, frozenset({"P06a", "P03a"})),
    ]
    found = allocate(clauses, items)
    assert (found.amount, found.clause_of) == (2_200_000_00, ("P04", "P06a"))


def test_amounts_in_fen_that_presolve_is_known_to_get_wrong():
    """OR-Tools 9.15 with presolve calls 97,791,384.36 yuan optimal; 114,451,151.01 is possible."""
    clauses = {
        "c0": Clause(Fraction(3, 10), 2_077_180_368),
        "c1": Clause(Fraction(1, 5), 3_238_883_033),
        "c2": Clause(Fraction(1), 6_693_410_068),
    }
    items = [
        CostItem(45_098_750_000, frozenset(clauses)),
        CostItem(35_997_420_000, frozenset({"c0", "c2"})),
        CostItem(5_042_740_000, frozenset({"c0", "c1"})),
    ]
    assert allocate(clauses, items).amount == 11_445_115_101 == brute_force(clauses, items)


def test_each_clause_is_rounded_half_up_once():
    clauses = {"a": Clause(Fraction(1, 2), 10**9), "b": Clause(Fraction(1, 2), 10**9)}
    both = frozenset(clauses)
    assert allocate(clauses, [CostItem(1, both), CostItem(1, both)]).amount == 2, (
        "0.5 + 0.5 → 1 + 1"
    )
    assert allocate({"a": clauses["a"]}, [CostItem(1, frozenset("a"))] * 2).amount == 1


def test_an_item_that_no_clause_takes_stays_without_one():
    found = allocate({"a": Clause(Fraction(1, 2), 9)}, [CostItem(4, frozenset())])
    assert (found.amount, found.awards, found.clause_of) == (0, {"a": 0}, (None,))
    assert allocate({}, []).amount == 0


@given(questions())
def test_no_allocation_pays_more(question):
    clauses, items = question
    assert allocate(clauses, items).amount == brute_force(clauses, items)


@given(questions(most=12))
def test_the_allocation_shown_is_lawful_and_pays_what_is_said(question):
    clauses, items = question
    found = allocate(clauses, items)
    assert all(c is None or c in i.clauses for i, c in zip(items, found.clause_of, strict=True))
    assert found.amount == paid(clauses, items, found.clause_of) == sum(found.awards.values())


@given(questions(most=8))
def test_one_more_item_or_a_higher_cap_never_pays_less(question):
    clauses, items = question
    amount = allocate(clauses, items).amount
    if items:
        assert allocate(clauses, items[1:]).amount <= amount
    higher = {name: Clause(c.rate, c.cap + 1) for name, c in clauses.items()}
    assert amount <= allocate(higher, items).amount <= amount + len(clauses)


def test_a_hundred_invoices_under_the_citys_clauses_are_proven():
    chance = random.Random(4)
    clauses = {
        "P04": Clause(Fraction(3, 10), 5_000_000_00),
        "P02a": Clause(Fraction(1, 5), 10_000_000_00),
        "P06a": Clause(Fraction(1, 2), 1_000_000_00),
        "P03a": Clause(Fraction(1, 10), 10_000_000_00),
    }
    items = [
        CostItem(
            chance.randint(1, 600_000_00),
            frozenset(chance.sample(sorted(clauses), chance.randint(1, 3))),
        )
        for _ in range(100)
    ]
    found = allocate(clauses, items)
    assert found.amount == paid(clauses, items, found.clause_of)
    assert any(found.awards[name] == clauses[name].cap for name in clauses), "caps bind here"
    assert any(found.awards[name] < clauses[name].cap for name in clauses), "but not all do"


def test_without_a_proof_there_is_no_answer(monkeypatch):
    """A search that keeps one state a layer has lost too much to be sure."""
    monkeypatch.setattr(allocation_search, "WIDTHS", (1,))
    clauses = {"a": Clause(Fraction(1, 2), 1000), "b": Clause(Fraction(1, 3), 700)}
    amounts = [811, 709, 601, 503, 401, 307, 211, 101, 53, 17]
    with pytest.raises(Infeasible) as caught:
        allocate(clauses, [CostItem(amount, frozenset(clauses)) for amount in amounts])
    assert caught.value.problems[0].code == "cost_items_not_proven"


def test_figures_beyond_whole_numbers_are_refused():
    fine = {"a": Clause(Fraction(999_999_999, 1_000_000_007), 10**14)}
    with pytest.raises(Infeasible):
        allocate(fine, [CostItem(10**14, frozenset("a"))])


def test_an_item_under_a_clause_that_is_not_there_is_an_error():
    with pytest.raises(InputError) as caught:
        allocate({"a": Clause(Fraction(1, 2), 9)}, [CostItem(4, frozenset("bc"))])
    assert [problem.value for problem in caught.value.problems] == ["b", "c"]
