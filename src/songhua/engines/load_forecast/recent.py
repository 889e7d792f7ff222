"""How far an explanation was off lately, counted back from the moment of forecasting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Flags, Floats, Integers

WINDOWS_H = (1, 3, 6, 12, 24, 72, 168, 336)
_DAYS = (1, 3, 7)
_FADING_H = (3.0, 8.0, 24.0)


def recent(error: Floats, issue: Integers, horizon: int) -> Floats:
    """What is known of `error`, shape (hours,), at each issue.

    Shape (issues, horizon, 12): the means of the last `WINDOWS_H`; of the same hour of the last
    1, 3 and 7 days; and the same hour of the same weekday. Unknown errors are left out of a mean;
    a mean of nothing is that of the next longer window, and 0 where two weeks hold nothing.

    >>> recent(np.array([1.0, np.nan, 5.0]), np.array([3]), 1)[0, 0, :3].tolist()
    [5.0, 3.0, 3.0]
    """
    filled, count = np.nan_to_num(error), np.isfinite(error)
    sums = np.concatenate([[0.0], np.cumsum(filled)])
    counts = np.concatenate([[0], np.cumsum(count)])
    level = np.zeros(issue.size)
    windows = []
    for length in reversed(WINDOWS_H):
        begun = np.maximum(issue - length, 0)
        number = counts[issue] - counts[begun]
        level = np.where(number > 0, (sums[issue] - sums[begun]) / np.maximum(number, 1), level)
        windows.append(level)
    week = windows[1]
    same = _same_hour(error, issue, horizon)
    columns = [np.broadcast_to(level[:, None], (issue.size, horizon)) for level in windows[::-1]]
    columns += [_mean(same[..., :days], week) for days in _DAYS]
    ahead = np.arange(horizon)
    last_week = issue[:, None] + ahead - 168 * (ahead // 168 + 1)
    columns.append(_mean(_look_up(error, last_week)[..., None], week))
    return np.stack(columns, axis=-1)


def fading(recently: Floats) -> Floats:
    """The columns of `recent`, and again with weights that fade with the lead time."""
    lead = np.arange(recently.shape[1])[:, None]
    weights = [np.exp(-lead / constant) for constant in _FADING_H]
    return np.concatenate([recently, *(recently * weight for weight in weights)], axis=-1)


def silent(values: Floats, issue: Integers) -> Flags:
    """Whether nothing is known of the last two weeks, shape (issues,)."""
    counts = np.concatenate([[0], np.cumsum(np.isfinite(values))])
    return np.asarray(counts[issue] == counts[np.maximum(issue - WINDOWS_H[-1], 0)])


def latest_same_hour(values: Floats, issue: Integers, horizon: int) -> Floats:
    """Each value at the same hour of the latest known day, shape (issues, horizon); NaN where the
    last 7 days do not know it."""
    same = _same_hour(values, issue, horizon)
    first = np.isfinite(same).argmax(axis=-1)
    return np.take_along_axis(same, first[..., None], axis=-1)[..., 0]


def _same_hour(values: Floats, issue: Integers, horizon: int) -> Floats:
    """The values at the same hour of the last 7 days, shape (issues, horizon, 7)."""
    hour, day = np.arange(horizon) % 24, np.arange(1, _DAYS[-1] + 1)
    return _look_up(values, issue[:, None, None] + hour[:, None] - 24 * day)


def _look_up(values: Floats, place: Integers) -> Floats:
    """The values at places, NaN before the first."""
    return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)


def _mean(values: Floats, otherwise: Floats) -> Floats:
    """The mean of the known along the last axis, or `otherwise`, shape (issues,)."""
    known = np.isfinite(values)
    number = known.sum(axis=-1)
    mean = np.where(known, values, 0).sum(axis=-1) / np.maximum(number, 1)
    return np.where(number > 0, mean, otherwise[:, None])
