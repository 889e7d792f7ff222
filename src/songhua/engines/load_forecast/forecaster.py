"""A forecaster of one plant: trained once, asked at any moment since."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count, pairwise
from math import gcd
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.load_forecast.intervals import Intervals, calibrate
from songhua.engines.load_forecast.methods import METHODS, Method, Model, train
from songhua.engines.load_forecast.reasons import Gaps, Reasons, gaps, reasons
from songhua.engines.load_forecast.record import in_hindsight
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.engines.load_forecast.record import Floats, Integers, Issued, Record

LEVELS = (0.1, 0.5, 0.9)
LONGEST_H = 168
_LEAST_H = 56 * 24
_WARM_UP_H = 14 * 24
_LEARNT = 1200  # issues, about
_ORIGINS = (0.5, 0.75, 1.0)  # shares of the known loads, behind which errors are out of sample


@dataclass(frozen=True)
class Forecast:
    """`load_mw` and its `reason` (`Reason`), shape (issues, horizon); `quantile_mw` with one more
    axis for the `levels`. NaN where unknown."""

    load_mw: Floats
    quantile_mw: Floats
    levels: tuple[float, ...]
    reason: Reasons


@dataclass(frozen=True)
class Forecaster:
    """A fitted model, its errors out of sample, the gaps of its training, and what it forecasts:
    `horizon` hours ahead by these quantities of the `weather`."""

    model: Model
    intervals: Intervals
    gaps: Gaps
    horizon: int
    weather: frozenset[str]

    def forecast(
        self, record: Record, issued: Issued, levels: Sequence[float] = LEVELS
    ) -> Forecast:
        """The loads ahead of every issue. What the record holds from an issue on is not read but
        for the calendar. Raises `InputError` where `issued` does not fit record or training."""
        issued.check(record)
        wrong = [str(level) for level in levels if not 0 < level < 1]
        problems = [Problem("levels", "forecast_level", level) for level in wrong[:1]]
        if issued.horizon > self.horizon:
            problems.append(Problem("horizon", "forecast_horizon", str(issued.horizon)))
        if issued.weather.known().keys() != self.weather:
            names = ", ".join(issued.weather.known())
            problems.append(Problem("weather", "forecast_weather", names))
        if problems:
            raise InputError(problems)
        load_mw = self.model.load_mw(record, issued)
        quantile_mw = self.intervals.quantiles(load_mw, levels)
        return Forecast(load_mw, quantile_mw, tuple(levels), reasons(record, issued, load_mw))


def fit(
    record: Record, horizon: int = 72, method: Method = "hybrid", archive: Issued | None = None
) -> Forecaster:
    """Learn a plant from its record to forecast up to `horizon` hours ahead, 168 at most.

    `archive` is the weather forecasts that were issued in that time; without it the weather is
    taken to turn out as forecast, and the quantiles know nothing of weather error. The quantiles
    come from models that saw the first half, and the first three quarters, of the loads only.
    Raises `InputError` where less than eight weeks of load are known.
    """
    known = np.flatnonzero(np.isfinite(record.load_mw))
    require(method in METHODS, "method", "param_choice", ", ".join(METHODS))
    require(1 <= horizon <= LONGEST_H, "horizon", "forecast_horizon", horizon)
    require(known.size >= _LEAST_H, "load_mw", "load_record_too_short", known.size)
    ends = [int(known[int(share * known.size) - 1]) + 1 for share in _ORIGINS]
    if archive is None:
        issue = _issues(int(known[0]) + _WARM_UP_H, ends[-1] - horizon)
        archive = in_hindsight(record, issue, horizon)
    archive.check(record)
    require(archive.horizon == horizon, "archive", "forecast_horizon", archive.horizon)
    loads, forecasts = [], []
    for begun, until in pairwise(ends):
        later = archive.some((archive.issue >= begun) & (archive.issue + horizon <= until))
        loads.append(record.load_mw[later.target])
        forecasts.append(_train(method, record, begun, archive).load_mw(record, later))
    intervals = calibrate(np.concatenate(loads), np.concatenate(forecasts))
    model = _train(method, record, ends[-1], archive)
    return Forecaster(model, intervals, gaps(record), horizon, frozenset(record.weather.known()))


def _issues(first: int, end: int) -> Integers:
    """Moments to learn from, at a step prime to 24 so that every hour of the day has its turn."""
    step = next(step for step in count(max(1, (end - first) // _LEARNT)) if gcd(step, 24) == 1)
    return np.arange(first, end, step)


def _train(method: Method, record: Record, end: int, archive: Issued) -> Model:
    """A model that knows nothing from `end` on."""
    return train(method, record.until(end), archive.some(archive.issue + archive.horizon <= end))
