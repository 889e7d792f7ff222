"""How two records suit each other beside their words: 1 where they agree, -1 where they do not,
0 where either does not say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from songhua.engines.matching.matcher import Item

FEATURES = ("words", "concepts", "field", "district", "maturity", "budget")
LEVELS = 8  # the widest gap between technology readiness levels


def agreement(one: str, other: str) -> float:
    """Of two codes.

    >>> agreement("heating", "heating"), agreement("heating", "health"), agreement("", "health")
    (1.0, -1.0, 0.0)
    """
    return 0.0 if not one or not other else 1.0 if one == other else -1.0


def overlap(one: tuple[int, int] | None, other: tuple[int, int] | None, widest: float) -> float:
    """Of two closed ranges: 1 where they meet, less by twice the gap as a share of `widest`.

    >>> overlap((1, 3), (3, 5), 8), overlap((1, 1), (5, 9), 8), overlap(None, (1, 2), 8)
    (1.0, 0.0, 0.0)
    """
    if one is None or other is None:
        return 0.0
    gap = max(one[0], other[0]) - min(one[1], other[1])
    return max(-1.0, 1.0 - 2.0 * gap / widest) if gap > 0 else 1.0


def traits(one: Item, other: Item) -> tuple[float, float, float, float]:
    """Field, district, maturity and budget, as `FEATURES` has them after the text's two."""
    money = (one.budget_fen, other.budget_fen)
    tops = [high for _, high in filter(None, money)]
    return (
        agreement(one.field, other.field),
        agreement(one.district, other.district),
        overlap(one.trl, other.trl, LEVELS),
        overlap(*money, widest=max(*tops, 1, 1)),
    )
