"""Whose copy a leaked table is, and how sure that is.

Each unit left in the leak shows a bit. A candidate scores where the own bit agrees, more for the
less likely bit (the symmetric score of Škorić, Katzenbeisser & Celik 2008). For somebody whose
mark is not in the table the bits are fresh coins with known odds, so the chance of such a score has
an exact bound (Chernoff), whatever the table is: a copy, a part, a mixture of copies, or another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.exchange.privacy.units import Code, Mark, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from songhua.exchange.privacy.units import Floats, Ints

_LEAST = -690.0  # exp of less is 0 to a float, and no chance is


@dataclass(frozen=True)
class Suspicion:
    """`false_accusation` bounds the chance that any of the candidates who has nothing to do with
    the table scores as high as this one; `accused` where it is below what was asked for."""

    recipient: str
    score: float
    units: int
    false_accusation: float
    accused: bool


def trace(
    leaked: pl.DataFrame,
    marks: Sequence[Mark],
    secret: bytes,
    candidates: Sequence[str],
    at_most: float = 1e-6,
) -> list[Suspicion]:
    """Every candidate, the most suspect first; columns of `marks` that are gone are passed over.

    Columns must bear the names they were delivered under. Figures rounded to coarser than a step
    hold no mark.
    """
    code = Code(secret)
    seen = [
        (mark.column, *_votes(*ticks(leaked[mark.column], mark)))
        for mark in marks
        if mark.column in leaked.columns
    ]
    odds = [code.probabilities(column, units) for column, units, _ in seen]
    found = []
    for candidate in candidates:
        parts = [
            _scores(code.bits(candidate, column, units, chance), shown, chance)
            for (column, units, shown), chance in zip(seen, odds, strict=True)
        ]
        got, one, zero, chance = np.concatenate([np.empty((4, 0)), *parts], axis=1)
        score = float(got.sum())
        wrong = min(1.0, chance_bound(score, one, zero, chance) * len(candidates))
        found.append(Suspicion(candidate, score, len(got), wrong, wrong <= at_most))
    return sorted(found, key=lambda each: (each.false_accusation, -each.score))


def chance_bound(score: float, one: Floats, zero: Floats, chance: Floats) -> float:
    """A bound on P(sum >= score) where each term is `one` with probability `chance`, else `zero`,
    (units,) each: the least over s of exp(-s score) E[exp(s sum)].

    >>> even = np.full(100, 0.5)
    >>> chance_bound(100.0, np.ones(100), -np.ones(100), even) <= 0.5**100 * 1.01
    True
    """

    def exponent(s: float) -> float:
        each = np.logaddexp(np.log(chance) + s * one, np.log1p(-chance) + s * zero)
        return float(each.sum() - s * score)

    if score <= 0:
        return 1.0
    best = min(map(exponent, np.geomspace(1e-4, 100, 70)))  # any s gives a bound
    return float(np.exp(np.clip(best, _LEAST, 0.0)))


def _votes(counted: Ints, usable: NDArray[np.bool_]) -> tuple[Ints, NDArray[np.bool_]]:
    """The units of a column and the bit that most of their cells show; evenly split ones are
    left out."""
    units, place = np.unique(counted[usable] >> 1, return_inverse=True)
    ones = np.bincount(place, (counted[usable] & 1) * 2 - 1, minlength=len(units))
    return units[ones != 0], ones[ones != 0] > 0


def _scores(bits: NDArray[np.bool_], shown: NDArray[np.bool_], chance: Floats) -> Floats:
    """What the bits score, what a 1 and a 0 would, and the odds of a 1: (4, units)."""
    sign = np.where(shown, 1.0, -1.0)
    one = sign * np.sqrt((1 - chance) / chance)
    zero = -sign * np.sqrt(chance / (1 - chance))
    return np.stack([np.where(bits, one, zero), one, zero, chance])
