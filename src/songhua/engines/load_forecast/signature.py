"""The energy signature: what load the weather and the calendar explain.

A building answers to the weather of the last hours and days, so every weather quantity also
enters smoothed, s(t) = a s(t-1) + (1 - a) x(t) with a = exp(-1 h / τ), for several time constants
τ. The slope on temperature changes at knots, and all of it with the hour of the day.
Source: M. F. Fels, PRISM: an introduction, Energy and Buildings 9 (1986) 5-18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.load_forecast.ridge import ridge
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Flags, Floats, Integers, Issued, Record

TIME_CONSTANTS_H = (1.0, 2.0, 4.0, 8.0, 24.0, 72.0)
LEAST_H = 28 * 24
HELD_H = 6  # a missing weather reading is taken as the last known for this long
_KNOTS = (0.2, 0.5, 0.8)
_HINGED = (1, 5)  # the temperatures smoothed over 1 h and 24 h
_HARMONICS = 4
_WEEK_H = 168
_SEASONAL_H = 330 * 24


@dataclass(frozen=True)
class Signature:
    """A fitted signature: the temperatures where its slope changes, whether it knows the season,
    and for every hour of the day, working and free, the `slope` of each column of `_basis`, shape
    (24, 2, columns)."""

    knots_c: Floats
    seasonal: bool
    intercept_mw: float
    slope: Floats

    def predict(self, record: Record, place: Integers, smooth: Floats) -> Floats:
        """Load (MW) at places (…) of the calendar under smoothed weather (…, columns)."""
        hour, _, day = calendar(record, place)
        basis = _basis(smooth, day, self.knots_c, self.seasonal)
        slope = self.slope[hour, record.day_off[place].astype(np.int64)]
        return np.asarray(self.intercept_mw + np.einsum("...c,...c->...", basis, slope))


def fit_signature(record: Record) -> Signature:
    """Fit to every hour whose load and recent weather are known."""
    smooth = smoothed_past(record)
    usable = np.isfinite(record.load_mw) & np.isfinite(smooth).all(axis=-1)
    place = np.flatnonzero(usable)
    require(place.size >= LEAST_H, "load_mw", "load_record_too_short", place.size)
    knots_c = np.quantile(smooth[place, 0], _KNOTS)
    seasonal = bool(place[-1] - place[0] >= _SEASONAL_H)
    hour, _, day = calendar(record, place)
    basis = _basis(smooth[place], day, knots_c, seasonal)
    design = _by_hour(basis, hour, record.day_off[place])
    fitted = ridge(design, record.load_mw[place], place // _WEEK_H)
    shape = (24, 2, basis.shape[-1])
    single = np.broadcast_to(np.eye(shape[-1]), (*shape, shape[-1]))
    hours, free, _ = np.indices(shape)
    slope = _by_hour(single, hours, free == 1) @ fitted.slope
    return Signature(knots_c, seasonal, fitted.intercept, slope)


def smoothed_past(record: Record) -> Floats:
    """Every weather quantity as observed and smoothed, shape (hours, columns).

    A reading missing for up to `HELD_H` hours is taken as the last one known; beyond that the
    observed is NaN, and the smoothing goes on from the last one known.
    """
    columns = []
    for values in record.weather.known().values():
        age = _age_h(values)
        last = np.arange(values.size) - np.minimum(age, np.arange(values.size))
        held = values[last]
        columns.append(np.where(age > HELD_H, np.nan, held))
        columns += [_smooth(held, constant) for constant in TIME_CONSTANTS_H]
    return np.stack(columns, axis=-1)


def age_h(record: Record) -> Integers:
    """Hours since every weather quantity was last known, shape (hours,)."""
    ages = [_age_h(values) for values in record.weather.known().values()]
    return np.asarray(np.max(ages, axis=0))


def smoothed_ahead(past: Floats, issued: Issued) -> Floats:
    """The same from each issue on, shape (issues, horizon, columns), going on from `past`.

    NaN from the first hour on whose forecast is missing.
    """
    state, found, column = past[issued.issue - 1], [], 0
    for values in issued.weather.known().values():
        found.append(values + 0 * np.cumsum(values, axis=-1))
        for step, constant in enumerate(TIME_CONSTANTS_H, column + 1):
            kept = np.exp(-1 / constant)
            level, levels = state[:, step], np.empty_like(values)
            for hour in range(issued.horizon):
                level = kept * level + (1 - kept) * values[:, hour]
                levels[:, hour] = level
            found.append(levels)
        column += 1 + len(TIME_CONSTANTS_H)
    return np.stack(found, axis=-1)


def calendar(record: Record, place: Integers) -> tuple[Integers, Integers, Integers]:
    """Hour of the day (0-23), day of the week (Monday 0) and day of the year (0-365)."""
    hours = record.hour[place]
    days = hours.astype("datetime64[D]")
    hour = (hours - days).astype(np.int64)
    weekday = (days.astype(np.int64) + 3) % 7
    return hour, weekday, (days - days.astype("datetime64[Y]")).astype(np.int64)


def _age_h(values: Floats) -> Integers:
    """Hours since the last known value; more than `HELD_H` before the first."""
    hours = np.arange(values.size)
    last = np.where(np.isfinite(values), hours, -HELD_H - 1)
    return hours - np.maximum.accumulate(last)


def _smooth(values: Floats, constant: float) -> Floats:
    """The recursion, started at the first known value; NaN before it."""
    from scipy.signal import lfilter  # type: ignore[import-untyped, unused-ignore]

    kept, begun = np.exp(-1 / constant), int(np.isfinite(values).argmax())
    smooth, known = np.full(values.size, np.nan), values[begun:]
    smooth[begun:] = lfilter([1 - kept], [1, -kept], known, zi=[kept * known[0]])[0]
    return smooth


def _basis(smooth: Floats, day: Integers, knots_c: Floats, seasonal: bool) -> Floats:
    """What the load is linear in at a given hour of the day, shape (…, columns)."""
    fast, slow = (np.maximum(knots_c - smooth[..., [column]], 0) for column in _HINGED)
    yearly = _waves(day / 365.25, 2)[..., : 4 * seasonal]
    return np.concatenate([np.ones((*day.shape, 1)), smooth, slow, yearly, fast], axis=-1)


def _by_hour(basis: Floats, hour: Integers, free: Flags) -> Floats:
    """The regression's columns: all of the basis, and by the hour all but its fast hinges; level
    and slope on days off, also by the hour."""
    resting = free[..., None] * basis[..., [0, 1 + _HINGED[1]]]
    columns = np.concatenate([resting, basis], axis=-1)
    daily = _waves(hour / 24, _HARMONICS)
    return np.concatenate([columns, _times(columns[..., : -len(_KNOTS)], daily)], axis=-1)


def _waves(phase: Floats, count: int) -> Floats:
    angle = 2 * np.pi * phase[..., None] * np.arange(1, count + 1)
    waves = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return waves.reshape(*phase.shape, 2 * count)


def _times(left: Floats, right: Floats) -> Floats:
    """Every column of the one times every column of the other."""
    product = left[..., :, None] * right[..., None, :]
    return product.reshape(*left.shape[:-1], left.shape[-1] * right.shape[-1])
