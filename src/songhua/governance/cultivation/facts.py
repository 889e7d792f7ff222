"""What the registry knows of a firm, year by year, and the facts that criteria ask about."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, get_args

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Mapping

Fact = Literal["age_years", "revenue_yuan", "research_share", "multiple_3y", "valuation_yuan"]
FACTS: tuple[Fact, ...] = get_args(Fact)
FEN = 100


@dataclass(frozen=True)
class FirmYear:
    """A firm's figures of one year in fen; None is unknown, never 0."""

    revenue_fen: int | None = None
    research_fen: int | None = None
    valuation_fen: int | None = None


def facts(founded: int, years: Mapping[int, FirmYear], year: int) -> dict[Fact, Fraction | None]:
    """Every fact of `year`, exact; None where a figure is missing or would be divided by 0.

    `founded` is a year. Raises `InputError` ``cultivation_before_founding`` for an earlier `year`.

    >>> known = facts(2019, {2023: FirmYear(revenue_fen=400, research_fen=30)}, 2023)
    >>> known["age_years"], known["research_share"], known["multiple_3y"]
    (Fraction(4, 1), Fraction(3, 40), None)
    """
    require(year >= founded, "year", "cultivation_before_founding", year)
    now, before = years.get(year, FirmYear()), years.get(year - 3, FirmYear())
    return {
        "age_years": Fraction(year - founded),
        "revenue_yuan": ratio(now.revenue_fen, FEN),
        "research_share": ratio(now.research_fen, now.revenue_fen),
        "multiple_3y": ratio(now.revenue_fen, before.revenue_fen),
        "valuation_yuan": ratio(now.valuation_fen, FEN),
    }


def ratio(over: int | None, under: int | None) -> Fraction | None:
    """`over` divided by `under`; None where either is unknown or the divisor is 0."""
    return Fraction(over, under) if over is not None and under else None
