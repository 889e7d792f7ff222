"""The saving in a plant's own log: heat after a change beside what the weather would have asked.

The days before teach how heat follows the weather: a level, the outdoor temperature below one or
two change points, that of the day before, and the sun. Errors remember: each day's keeps a share of
the day before's. The days after are then compared with what the same plant would have used. The
interval holds what the coefficients do not know and what the days after vary by; it knows nothing
of other changes at the same time, which no log of heat and weather can tell apart.
Source: ASHRAE Guideline 14-2014 (change-point models); S. Prais, C. Winsten, Cowles Commission
Discussion Paper 383 (1954); M. Kendall, Biometrika 41 (1954) for the bias of the remembered share.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import require
from songhua.kit.student_t import quantile

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats

_LEAST_DAYS = 30
_MOST_MEMORY = 0.95
_CHANGE_POINTS = 8  # tried between the coldest and the warmest day


@dataclass(frozen=True)
class Measured:
    """The share of heat saved with its interval, the MWh expected without the change and used with
    it, the change points in °C, the days before and after, and the share of days after that were
    colder or warmer than any before: there the expectation is a guess."""

    saving: float
    low: float
    high: float
    expected_mwh: float
    used_mwh: float
    change_points_c: tuple[float, ...]
    days_before: int
    days_after: int
    beyond_share: float


def measured_saving(
    heat_mwh: Floats,
    outdoor_c: Floats,
    solar_w_per_m2: Floats,
    after: Flags,
    confidence: float = 0.95,
) -> Measured:
    """The saving on the days `after`, from daily sums and means in order, shape (days,).

    NaN in any column leaves a day out. Raises `InputError` for less than 30 known days before or
    one after, for sizes that differ, and for a confidence that is not between 0 and 1.
    """
    columns = [np.asarray(x, float) for x in (heat_mwh, outdoor_c, solar_w_per_m2)]
    after = np.asarray(after, bool)
    require(all(x.shape == after.shape for x in columns), "heat_mwh", "savings_size", after.size)
    require(0 < confidence < 1, "confidence", "out_of_range", confidence)
    heat, outdoor, solar = columns
    eve = np.concatenate((outdoor[:1], outdoor[:-1]))
    known = np.isfinite(heat) & np.isfinite(outdoor) & np.isfinite(solar) & np.isfinite(eve)
    before, later = known & ~after, known & after
    require(int(before.sum()) >= _LEAST_DAYS, "after", "savings_few_days", int(before.sum()))
    require(bool(later.any()), "after", "savings_no_days_after")
    warmest = float(outdoor[known].max())
    points = _change_points(heat[before], outdoor[before], eve[before], solar[before], warmest)
    known_terms, new_terms = (
        _terms(outdoor[days], eve[days], solar[days], points) for days in (before, later)
    )
    place = np.arange(heat.size)
    level, spread, memory = _remembering(known_terms, heat[before], place[before])
    expected = float((new_terms @ level).sum())
    require(expected > 0, "heat_mwh", "savings_nothing_expected", f"{expected:g}")
    used = float(heat[later].sum())
    total = new_terms.sum(axis=0)
    apart = np.abs(place[later][:, None] - place[later])
    after_error = spread.error**2 * float((memory**apart).sum())
    deviation = np.sqrt(total @ spread.covariance @ total + after_error)
    freedom = max(int((before.sum() - total.size) * (1 - memory) / (1 + memory)), 3)
    half = quantile((1 + confidence) / 2, freedom) * float(deviation) / expected
    saving = 1 - used / expected
    out = (outdoor[later] < outdoor[before].min()) | (outdoor[later] > outdoor[before].max())
    return Measured(saving, saving - half, saving + half, expected, used, points,
                    int(before.sum()), int(later.sum()), float(out.mean()))  # fmt: skip


@dataclass(frozen=True)
class _Spread:
    """How surely the coefficients are known, and the standard deviation of a day's error."""

    covariance: Floats
    error: float


def _terms(outdoor: Floats, eve: Floats, solar: Floats, points: tuple[float, ...]) -> Floats:
    """What heat depends on, a column each."""
    base = max(points)
    hinges = [np.maximum(point - outdoor, 0.0) for point in points]
    inertia = np.maximum(base - eve, 0.0)
    columns = [np.ones(outdoor.size), *hinges, inertia]
    if np.ptp(solar) > 0:
        columns.append(solar)
    return np.column_stack(columns)


def _change_points(
    heat: Floats, outdoor: Floats, eve: Floats, solar: Floats, warmest: float
) -> tuple[float, ...]:
    """One or two of a grid, where Schwarz's criterion is least; the `warmest` day is no bend."""
    grid = np.unique(np.quantile(outdoor, np.linspace(0.3, 0.9, _CHANGE_POINTS)))
    tries: list[tuple[float, ...]] = [(warmest,), *((float(p),) for p in grid)]
    tries += [(warmest, float(p)) for p in grid[:-1]]
    tries += [tuple(map(float, pair)) for pair in combinations(grid, 2)]

    def criterion(points: tuple[float, ...]) -> float:
        terms = _terms(outdoor, eve, solar, points)
        error = heat - terms @ np.linalg.lstsq(terms, heat, rcond=None)[0]
        size = max(float(error @ error), 1e-12)
        free = len(points) + terms.shape[1]
        return float(heat.size * np.log(size / heat.size) + free * np.log(heat.size))

    return min(tries, key=criterion)


def _remembering(terms: Floats, heat: Floats, place: Floats) -> tuple[Floats, _Spread, float]:
    """Coefficients by generalised least squares with errors that remember, and how they spread."""
    level = np.linalg.lstsq(terms, heat, rcond=None)[0]
    memory = 0.0
    count, size = terms.shape
    for _ in range(3):
        error = heat - terms @ level
        next_to = np.diff(place) == 1
        pairs = error[1:][next_to] @ error[:-1][next_to]
        found = float(pairs / max(error @ error, 1e-12))
        memory = float(np.clip(found + (1 + (2 + size) * max(found, 0)) / count, 0, _MOST_MEMORY))
        apart = memory ** np.abs(place[:, None] - place)
        white = np.linalg.inv(np.linalg.cholesky(apart))
        level = np.linalg.lstsq(white @ terms, white @ heat, rcond=None)[0]
    rest = white @ (heat - terms @ level)
    error_sd = float(np.sqrt(rest @ rest / (count - size)))
    covariance = error_sd**2 * np.linalg.pinv((white @ terms).T @ (white @ terms))
    return np.asarray(level, float), _Spread(np.asarray(covariance, float), error_sd), memory
