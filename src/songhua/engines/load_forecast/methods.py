"""Four ways to a forecast: persistence, ridge, trees alone, and the hybrid of the latter two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from songhua.engines.load_forecast.recent import (
    WINDOWS_H,
    fading,
    latest_same_hour,
    recent,
    silent,
)
from songhua.engines.load_forecast.ridge import Ridge, ridge
from songhua.engines.load_forecast.signature import (
    Signature,
    calendar,
    fit_signature,
    smoothed_ahead,
    smoothed_past,
)
from songhua.engines.load_forecast.trees import Trees, fit_trees
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Floats, Issued, Record

Method = Literal["persistence", "ridge", "lightgbm", "hybrid"]
METHODS: tuple[Method, ...] = ("persistence", "ridge", "lightgbm", "hybrid")
_ALONE, _BESIDE = (300, 0.05), (150, 0.015)  # rounds and learning rate of the trees
_DAY = WINDOWS_H.index(24)


@dataclass(frozen=True)
class _Known:
    """What is known of each hour ahead, shape (issues, horizon, …)."""

    explained_mw: Floats
    recently: Floats
    smooth: Floats


@dataclass(frozen=True)
class Model:
    """A fitted method. Without any part it is persistence."""

    signature: Signature | None = None
    correction: Ridge | None = None
    trees: Trees | None = None

    def load_mw(self, record: Record, issued: Issued) -> Floats:
        """The forecast, shape (issues, horizon); NaN where the weather is unknown, and without a
        signature also where no load of the last two weeks is known."""
        if self.correction is None and self.trees is None:
            return latest_same_hour(record.load_mw, issued.issue, issued.horizon)
        known = _look(self.signature, record, issued)
        load = known.explained_mw
        if self.correction is not None:
            load = load + self.correction.predict(fading(known.recently))
        if self.trees is not None:
            load = load + self.trees.predict(_tree_features(record, issued, known))
        unknown = ~np.isfinite(known.smooth).all(axis=-1)
        if self.signature is None:
            unknown |= silent(record.load_mw, issued.issue)[:, None]
        return np.where(unknown, np.nan, load)


def train(method: Method, record: Record, issued: Issued) -> Model:
    """Learn from a record: the signature from every hour, the rest from forecasts in its past."""
    if method == "persistence":
        return Model()
    signature = None if method == "lightgbm" else fit_signature(record)
    known = _look(signature, record, issued)
    left = record.load_mw[issued.target] - known.explained_mw
    usable = np.isfinite(left) & np.isfinite(known.smooth).all(axis=-1)
    require(bool(usable.any()), "load_mw", "load_record_too_short", 0)
    correction = None
    if method != "lightgbm":
        features = fading(known.recently)
        week = np.broadcast_to(issued.issue[:, None] // 168, usable.shape)
        correction = ridge(features[usable], left[usable], week[usable])
        left = left - correction.predict(features)
    trees = None
    if method != "ridge":
        features = _tree_features(record, issued, known)[usable]
        trees = fit_trees(features, left[usable], *(_ALONE if signature is None else _BESIDE))
    return Model(signature, correction, trees)


def _look(signature: Signature | None, record: Record, issued: Issued) -> _Known:
    """What the signature explains ahead, and how far it was off before."""
    past = smoothed_past(record)
    smooth = smoothed_ahead(past, issued)
    explained, error = np.zeros(smooth.shape[:2]), record.load_mw
    if signature is not None:
        explained = signature.predict(record, issued.target, smooth)
        error = error - signature.predict(record, np.arange(record.hour.size), past)
    recently = recent(error, issued.issue, issued.horizon)
    return _Known(explained, recently, smooth)


def _tree_features(record: Record, issued: Issued, known: _Known) -> Floats:
    hour, weekday, _ = calendar(record, issued.target)
    lead = np.broadcast_to(np.arange(issued.horizon), hour.shape)
    now_c, of_4_h, of_8_h, of_24_h = (known.smooth[..., column] for column in (0, 3, 4, 5))
    likely_mw = known.explained_mw + known.recently[..., _DAY]
    single = (
        known.explained_mw, likely_mw, now_c - of_24_h, of_4_h - of_8_h,
        hour, weekday, record.day_off[issued.target], lead,
    )  # fmt: skip
    return np.concatenate([known.recently, known.smooth, np.stack(single, axis=-1)], axis=-1)
