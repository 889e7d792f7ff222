"""Prizes go by rank, equals win alike, and nobody wins who did not pass."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.contests import Ranked, allot, priority_until
from songhua.kit.errors import InputError

PRIZES = [("first", 1), ("second", 2), ("third", 3)]


def ranked(scores: list[int]) -> list[Ranked]:
    """Standard competition ranks of these scores; 60 passes."""
    return [Ranked(str(n), 1 + sum(other > s for other in scores), s >= 60)
            for n, s in enumerate(scores)]  # fmt: skip


@given(st.lists(st.integers(50, 70), max_size=12))
def test_a_better_entry_never_wins_less_and_equals_win_alike(scores):
    won = allot(ranked(scores), PRIZES)
    order = [name for name, _ in PRIZES]
    place = {str(n): order.index(won[str(n)]) if str(n) in won else 3 for n in range(len(scores))}
    for a, better in enumerate(scores):
        for b, worse in enumerate(scores):
            if better >= worse and worse >= 60:
                assert place[str(a)] <= place[str(b)]
    assert all(scores[int(label)] >= 60 for label in won)
    if len(set(scores)) == len(scores):
        passing = sum(score >= 60 for score in scores)
        assert len(won) == min(passing, sum(count for _, count in PRIZES))


def test_an_entry_without_a_rank_wins_nothing():
    assert allot([Ranked("A", None, True), Ranked("B", 1, True)], PRIZES) == {"B": "first"}


def test_a_prize_of_which_there_is_none_is_refused():
    with pytest.raises(InputError):
        allot([], [("first", 0)])


@pytest.mark.parametrize(
    ("given_on", "months", "until"),
    [
        (date(2023, 3, 23), 24, date(2025, 3, 23)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2023, 1, 31), 1, date(2023, 2, 28)),
    ],
)
def test_priority_ends_so_many_months_later(given_on, months, until):
    assert priority_until(given_on, months) == until
