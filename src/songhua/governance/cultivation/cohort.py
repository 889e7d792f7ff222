"""Cohorts: how many firms of one entry are still alive, and how those grew."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist, median
from typing import TYPE_CHECKING

from songhua.governance.cultivation.facts import ratio
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Survival:
    """After `time`: how many were at risk, how many ended, the share alive, Greenwood's standard
    error, and the interval; error and interval are None where nobody is left or nobody ended."""

    time: int
    at_risk: int
    ended: int
    alive: Fraction
    error: float | None
    interval: tuple[float, float] | None


def kaplan_meier(
    durations: Sequence[int], ended: Sequence[bool], confidence: float = 0.95
) -> tuple[Survival, ...]:
    """The product-limit estimate at each time at which a firm ended or was last seen.

    `durations` are whole periods (months, say) under observation; `ended` tells a firm that
    closed from one last seen alive, which counts as at risk in its last period. The variance is
    Greenwood's; the interval lies on the log-log scale and so stays within 0 and 1 (Kalbfleisch
    and Prentice 2002, sec. 1.4). Raises `InputError` for unequal lengths, a negative duration or
    a confidence outside 0 to 1.
    """
    if len(durations) != len(ended):
        raise InputError(Problem("ended", "cultivation_lengths", str(len(ended))))
    require(0 < confidence < 1, "confidence", "out_of_range", confidence)
    require(all(t >= 0 for t in durations), "durations", "negative", min(durations, default=0))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    leaving = Counter(durations)
    closing = Counter(t for t, end in zip(durations, ended, strict=True) if end)
    left, alive, spread, rows = len(durations), Fraction(1), Fraction(0), []
    for time in sorted(leaving):
        deaths = closing[time]
        alive *= Fraction(left - deaths, left)
        if deaths < left:
            spread += Fraction(deaths, left * (left - deaths))
        known = 0 < alive < 1
        rows.append(
            Survival(
                time, left, deaths, alive,
                float(alive) * sqrt(spread) if known else None,
                _interval(alive, spread, z) if known else None,
            )
        )  # fmt: skip
        left -= leaving[time]
    return tuple(rows)


def _interval(alive: Fraction, spread: Fraction, z: float) -> tuple[float, float]:
    depth = log(alive)
    width = z * sqrt(spread) / -depth
    return exp(depth * exp(width)), exp(depth * exp(-width))


def median_multiple(firms: Iterable[tuple[int | None, int | None]]) -> tuple[Fraction | None, int]:
    """The median of later over first revenue (fen), and of how many firms; a firm that lacks
    either figure, or began at 0, is left out of both.

    >>> median_multiple([(100, 150), (200, 200), (None, 900), (0, 50)])
    (Fraction(5, 4), 2)
    """
    known = [m for first, later in firms if (m := ratio(later, first)) is not None]
    return (median(known) if known else None), len(known)
