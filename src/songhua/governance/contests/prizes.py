"""Prizes by rank, and until when a winner has priority (实施方案 二(三)3: 优先给予政策扶持)."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date


@dataclass(frozen=True)
class Ranked:
    """An entry by its label; `rank` from 1, shared by equals, the next left out; None unranked."""

    label: str
    rank: int | None
    passed: bool


def allot(entries: Sequence[Ranked], prizes: Sequence[tuple[str, int]]) -> Mapping[str, str]:
    """The prize of each entry that wins one, by label. The first `n` places win the highest prize,
    and so on; equals win alike, and the next prize has so many fewer. Raises `InputError` for a
    prize of which there is none.

    >>> ranked = [Ranked("A", 1, True), Ranked("B", 1, True), Ranked("C", 3, True)]
    >>> dict(allot(ranked, [("first", 1), ("second", 1), ("third", 2)]))
    {'A': 'first', 'B': 'first', 'C': 'third'}
    """
    ladder: list[str] = []
    for name, count in prizes:
        require(count > 0, "prizes", "out_of_range", count)
        ladder += [name] * count
    return {
        one.label: ladder[one.rank - 1]
        for one in entries
        if one.passed and one.rank is not None and one.rank <= len(ladder)
    }


def priority_until(given: date, months: int) -> date:
    """The last day of priority, `months` after a prize was given; a day that the month lacks is
    its last.

    >>> from datetime import date
    >>> priority_until(date(2023, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    require(months > 0, "months", "out_of_range", months)
    year, month = divmod(given.month - 1 + months, 12)
    last = calendar.monthrange(given.year + year, month + 1)[1]
    return given.replace(year=given.year + year, month=month + 1, day=min(given.day, last))
