"""Portfolios: no matter is paid twice, nothing better is lawful, and no tie is forgotten."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.policy.packing import PackingProblem, enumerate_packings, solve
from songhua.policy.portfolio import (
    Candidate,
    Limit,
    Reading,
    best,
    best_many,
    conflicts,
)

EXCLUSIVE_PAIRS = {"this this", "city this", "city city"}  # sources of two awards on one matter
AMOUNTS = st.integers(0, 4) | st.integers(0, 10**14)  # many ties, and the largest
READINGS = st.builds(
    Reading,
    within_policy=st.sampled_from(["exclusive", "allow"]),
    between_city=st.sampled_from(["exclusive", "allow"]),
    district_conflicts=st.booleans(),
    limits=st.lists(st.builds(Limit, st.sampled_from("gh"), st.integers(0, 3)), max_size=2).map(
        tuple
    ),
)


def award(name, source, amount, *matters, groups=()):
    return Candidate(name, source, amount, frozenset(matters), frozenset(groups))


@st.composite
def portfolios(draw, amounts=AMOUNTS):
    size = draw(st.integers(0, 9))
    return [
        Candidate(
            f"a{number}",
            draw(st.sampled_from(["this", "city", "district", "province", "state"])),
            draw(amounts),
            draw(st.frozensets(st.sampled_from("xyz"), min_size=1)),
            draw(st.frozensets(st.sampled_from("gh"))),
        )
        for number in range(size)
    ]


def brute_force(candidates, reading):
    """Every subset: the best sum of a lawful one, and all that reach it."""
    pairs = [{e.first, e.second} for e in conflicts(candidates, reading)]
    found = {}
    for size in range(len(candidates) + 1):
        for subset in combinations(candidates, size):
            names = {c.id for c in subset}
            within = all(
                sum(limit.group in c.groups for c in subset) <= limit.at_most
                for limit in reading.limits
            )
            if within and not any(pair <= names for pair in pairs):
                found.setdefault(sum(c.amount for c in subset), set()).add(tuple(sorted(names)))
    return max(found), found[max(found)]


def random_problem(chance, fewest, most, largest):
    size = chance.randint(fewest, most)
    weights = sorted((chance.randint(0, largest) for _ in range(size)), reverse=True)
    matters = [set(chance.sample(range(14), chance.randint(1, 3))) for _ in range(size)]
    foes = [
        sum(1 << j for j in range(size) if j != i and matters[i] & matters[j]) for i in range(size)
    ]
    return PackingProblem(weights, foes, [(chance.getrandbits(size), chance.randint(1, 9))])


@pytest.mark.parametrize("one", ["this", "city", "district", "province", "state"])
@pytest.mark.parametrize("other", ["this", "city", "district", "province", "state"])
def test_only_the_citys_awards_exclude_each_other_on_one_matter(one, other):
    pair = [award("a", one, 1, "x", "y"), award("b", other, 1, "y", "z")]
    key = " ".join(sorted((one, other)))
    assert bool(conflicts(pair)) == (key in EXCLUSIVE_PAIRS)
    assert all(found.matters == ("y",) for found in conflicts(pair))
    assert not conflicts([pair[0], award("b", other, 1, "z")]), "different matters stack"


@pytest.mark.parametrize(
    ("sources", "reading", "rule"),
    [
        (("this", "this"), Reading(), "within_policy"),
        (("this", "this"), Reading(within_policy="allow"), None),
        (("this", "city"), Reading(within_policy="allow"), "other_city_award"),
        (("city", "city"), Reading(), "between_city_awards"),
        (("city", "city"), Reading(between_city="allow"), None),
        (("this", "district"), Reading(district_conflicts=True), "district_award"),
        (("city", "district"), Reading(district_conflicts=True), "district_award"),
        (
            ("city", "district"),
            Reading(district_conflicts=True, between_city="allow"),
            None,
        ),
        (("state", "district"), Reading(district_conflicts=True), None),
    ],
)
def test_a_reading_decides_where_the_text_is_silent(sources, reading, rule):
    pair = [award(name, source, 1, "x") for name, source in zip("ab", sources, strict=True)]
    assert [found.rule for found in conflicts(pair, reading)] == ([rule] if rule else [])


def test_two_small_awards_beat_one_large_that_covers_both_matters():
    large = award("P03b", "this", 600, "park", "firms")
    small = [award("one", "city", 350, "park"), award("two", "city", 300, "firms")]
    assert best([large, *small]).sets == (("one", "two"),)
    assert best([large, *small]).amount == 650


def test_every_tie_is_listed_in_order():
    found = best([award("b", "this", 5, "x"), award("a", "city", 5, "x")])
    assert found.sets == (("a",), ("b",))
    assert best([]).sets == ((),)
    assert best([]).amount == 0


def test_an_award_of_nothing_makes_a_tie():
    assert best([award("a", "this", 5, "x"), award("z", "this", 0, "y")]).sets == (
        ("a",),
        ("a", "z"),
    )


def test_the_applicant_may_take_two_awards_a_year_of_a_group():
    awards = [award(f"p{n}", "province", 10 + n, f"m{n}", groups=["2023"]) for n in range(4)]
    assert best(awards, Reading(limits=(Limit("2023", 2),))).sets == (("p2", "p3"),)
    assert best(awards, Reading(limits=(Limit("2023", 0),))).sets == ((),)


def test_an_unknown_amount_is_named_and_never_counted_as_nothing():
    found = best([award("a", "this", 5, "x"), award("b", "city", None, "x")])
    assert (found.amount, found.at_least, found.unknown) == (None, 5, ("b",))
    assert found.flags == ("AMOUNT_UNKNOWN",)


def test_open_questions_are_flagged():
    district = [award("a", "this", 5, "x"), award("d", "district", 1, "x")]
    assert best(district).flags == ("DISTRICT_OVERLAP_FLAG",)
    assert best([award("a", "state", 5, "x"), award("d", "district", 1, "x")]).flags == ()
    assert best([award(n, "city", 5, "x") for n in "ab"]).flags == ("CITY_OVERLAP_FLAG",)
    assert best([award("a", "this", 5)]).flags == ("MATTER_MISSING",)


@pytest.mark.parametrize("pairs", [4, 15])
def test_a_list_of_ties_is_never_cut_in_silence(pairs):
    """Fewer and more awards than are enumerated: 2 to the power of the pairs tie."""
    awards = [award(f"{n}{side}", "this", 7, f"m{n}") for n in range(pairs) for side in "ab"]
    found = best(awards, most_sets=10)
    assert (found.amount, len(found.sets), found.flags) == (7 * pairs, 10, ("TIES_CUT",))
    assert len(best(awards[:8], most_sets=16).sets) == 16
    assert best(awards[:8], most_sets=16).flags == ()


@given(portfolios(), READINGS)
def test_no_lawful_set_is_better_and_none_as_good_is_missing(candidates, reading):
    found = best(candidates, reading)
    amount, sets = brute_force(candidates, reading)
    assert found.amount == amount
    assert set(found.sets) == sets
    assert list(found.sets) == sorted(sets)


@given(portfolios(), READINGS, st.randoms())
def test_the_order_of_the_awards_changes_nothing(candidates, reading, chance):
    shuffled = chance.sample(candidates, len(candidates))
    assert best(shuffled, reading) == best(candidates, reading)
    assert best_many([candidates, shuffled], reading) == [best(candidates, reading)] * 2


@given(portfolios(amounts=st.integers(0, 10**6)), READINGS, st.data())
def test_raising_an_award_never_lowers_the_optimum_nor_lifts_it_by_more(candidates, reading, data):
    more = data.draw(st.integers(1, 10**6))
    before = best(candidates, reading).amount
    for position, candidate in enumerate(candidates):
        raised = [*candidates]
        raised[position] = replace(candidate, amount=candidate.amount + more)
        assert 0 <= best(raised, reading).amount - before <= more


@pytest.mark.parametrize("largest", [3, 10**9, 10**14])
def test_the_enumerator_and_cp_sat_find_the_same_optimum_and_ties(largest):
    chance = random.Random(largest)
    for _ in range(100):
        problem = random_problem(chance, 1, 30, largest)
        ours, theirs = enumerate_packings(problem, 1000), solve(problem, 1000)
        assert (ours.optimum, ours.complete) == (theirs.optimum, theirs.complete)
        if ours.complete:
            assert set(ours.sets) == set(theirs.sets)


def test_more_awards_than_are_enumerated_are_still_proven():
    awards = [award(f"a{n}", "this", 10 + n, f"m{n}", f"m{n + 1}") for n in range(40)]
    every_second = tuple(sorted(f"a{n}" for n in range(1, 40, 2)))
    assert best(awards).sets == (every_second,)


def test_awards_that_cannot_be_read_are_all_named():
    with pytest.raises(InputError) as caught:
        best([award(name, "this", 1, "x") for name in "aabbc"])
    assert [p.value for p in caught.value.problems] == ["a", "b"]
    with pytest.raises(InputError):
        award("a", "village", 1, "x")
    with pytest.raises(InputError):
        award("a", "this", -1, "x")
    with pytest.raises(InputError):
        Reading(within_policy="exclusve")
