"""Funds: what public money brings along (leverage) and what comes back (recovery), exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.governance.cultivation.facts import ratio
from songhua.governance.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction


@dataclass(frozen=True)
class Placement:
    """One sub-fund, direct investment or guarantee, in fen; None is unknown, never 0."""

    public_fen: int | None
    others_fen: int | None
    returned_fen: int | None


@dataclass(frozen=True)
class Ratio:
    """A ratio, or None and why."""

    value: Fraction | None
    reason: Reason | None


def leverage(placements: Sequence[Placement]) -> Ratio:
    """Other people's money for each unit of public money.

    >>> leverage([Placement(100, 250, None), Placement(100, 50, None)]).value
    Fraction(3, 2)
    """
    return _ratio([p.others_fen for p in placements], [p.public_fen for p in placements])


def recovery(placements: Sequence[Placement]) -> Ratio:
    """What came back of each unit of public money; above 1 where more came back than was put in."""
    return _ratio([p.returned_fen for p in placements], [p.public_fen for p in placements])


def _ratio(over: Sequence[int | None], under: Sequence[int | None]) -> Ratio:
    known = [(a, b) for a, b in zip(over, under, strict=True) if a is not None and b is not None]
    if missing := len(over) - len(known):
        return Ratio(None, because("cultivation_amounts_missing", count=missing))
    value = ratio(sum(a for a, _ in known), sum(b for _, b in known))
    return Ratio(value, None if value is not None else because("cultivation_nothing_paid"))
