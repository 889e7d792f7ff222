"""Do the experts agree? Exact fractions; None where the question has no answer.

Krippendorff's alpha takes missing scores and asks for the same figures; Kendall's W asks for the
same order and needs every score. Both are 1 for perfect agreement; alpha is 0 where the experts
do no better than chance.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    Ratings = Sequence[Sequence[Fraction | Decimal | int | None]]


def kendall_w(ratings: Ratings) -> Fraction | None:
    """Kendall's coefficient of concordance with mid-ranks and the correction for ties.

    W = 12 S / (m² (n³ − n) − m Σ (t³ − t)), S the squared deviations of the n sums of ranks of m
    experts, t the sizes of their groups of equal scores (Kendall and Gibbons 1990, ch. 6).
    `ratings` is experts × items. None for a missing score, fewer than two experts or items, or
    experts who tell nothing apart.

    >>> interviews = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    >>> round(float(kendall_w(interviews)), 2)  # Siegel 1956, p. 230
    0.16
    """
    raters, items = len(ratings), len(ratings[0]) if ratings else 0
    whole = [[Fraction(v) for v in row if v is not None] for row in ratings]
    if raters < 2 or items < 2 or any(len(row) < items for row in whole):
        return None
    ranks = [[_mid_rank(value, row) for value in row] for row in whole]
    sums = [sum(column, Fraction(0)) for column in zip(*ranks, strict=True)]
    mean = sum(sums, Fraction(0)) / items
    spread = sum(((each - mean) ** 2 for each in sums), Fraction(0))
    ties = sum(row.count(v) ** 3 - row.count(v) for row in whole for v in set(row))
    most = raters**2 * (items**3 - items) - raters * ties
    return 12 * spread / most if most else None


def _mid_rank(value: Fraction, row: Sequence[Fraction]) -> Fraction:
    lower = sum(other < value for other in row)
    return lower + Fraction(row.count(value) + 1, 2)


def krippendorff_alpha(ratings: Ratings) -> Fraction | None:
    """Krippendorff's alpha for interval data: 1 − observed / expected squared disagreement.

    `ratings` is experts × items, None where missing; an item that fewer than two scored tells
    nothing. None where nothing can be paired or every score is the same (Krippendorff 2011).
    """
    columns = [
        [Fraction(v) for v in column if v is not None] for column in zip(*ratings, strict=True)
    ]
    paired = [column for column in columns if len(column) > 1]
    values = [value for column in paired for value in column]
    expected = _squares(values)
    if not expected:
        return None
    observed = sum((_squares(column) / (len(column) - 1) for column in paired), Fraction(0))
    return 1 - (len(values) - 1) * observed / expected


def _squares(values: Sequence[Fraction]) -> Fraction:
    """Σ (a − b)² over all ordered pairs: 2 (n Σ v² − (Σ v)²)."""
    total = sum(values, Fraction(0))
    return 2 * (len(values) * sum((v * v for v in values), Fraction(0)) - total * total)
