"""Quantiles from errors made out of sample: normalised split conformal prediction.

Errors differ with the load and with the lead time. Each is divided by the mean size of the errors
under about the load forecast; what is left is ranked for every hour ahead by itself.
Source: J. Lei et al., Distribution-free predictive inference for regression, Journal of the
American Statistical Association 113 (2018) 1094-1111.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.engines.load_forecast.record import Floats

_CLASSES = 10  # of load
_LEAST_SIZE = 0.05  # of the mean size


@dataclass(frozen=True)
class Intervals:
    """`size_mw`, the mean size of errors at the loads `class_mw`, shape (classes,), joined by
    straight lines, and the errors over it, `ranked` at every lead time, shape (errors, horizon).
    """

    class_mw: Floats
    size_mw: Floats
    ranked: Floats

    def quantiles(self, load_mw: Floats, levels: Sequence[float]) -> Floats:
        """Loads (MW) not exceeded with the chances `levels`, shape (issues, horizon, levels)."""
        horizon = load_mw.shape[1]
        count = np.isfinite(self.ranked[:, :horizon]).sum(axis=0)
        rank = np.asarray(levels)[:, None] * (count + 1) - 1
        rank = np.clip(rank, 0, np.maximum(count - 1, 0))
        below, column = rank.astype(np.int64), np.arange(horizon)
        above = np.minimum(below + 1, np.maximum(count - 1, 0))
        part = rank - below
        error = (1 - part) * self.ranked[below, column] + part * self.ranked[above, column]
        size = np.interp(load_mw, self.class_mw, self.size_mw)
        return np.asarray(load_mw[..., None] + size[..., None] * error.T)


def calibrate(load_mw: Floats, forecast_mw: Floats) -> Intervals:
    """Intervals from loads and their forecasts, shape (forecasts, horizon); NaN is left out."""
    error = load_mw - forecast_mw
    known = np.isfinite(error)
    require(known.sum() >= _CLASSES, "load_mw", "load_record_too_short", known.sum())
    forecast, size = forecast_mw[known], np.abs(error[known])
    order = np.argsort(forecast, kind="stable")
    classes = np.array_split(order, _CLASSES)
    class_mw = np.array([forecast[places].mean() for places in classes])
    least = max(_LEAST_SIZE * float(size.mean()), 1e-12)
    size_mw = np.array([max(float(size[places].mean()), least) for places in classes])
    ranked = np.sort(error / np.interp(forecast_mw, class_mw, size_mw), axis=0)
    return Intervals(class_mw, size_mw, ranked)
