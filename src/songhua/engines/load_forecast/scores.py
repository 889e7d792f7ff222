"""What a forecast is worth. Hours whose load or forecast is NaN are left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.engines.load_forecast.record import Floats


@dataclass(frozen=True)
class Score:
    """`mape`, mean |error| / load over hours with load; `nrmse`, root mean square error over mean
    load; `pinball` (MW), the mean pinball loss over the levels; `coverage`, the share of loads
    between the first and the last quantile; `hours` counted. Shares, not percents."""

    mape: float
    nrmse: float
    pinball: float
    coverage: float
    hours: int


def score(
    load_mw: Floats, forecast_mw: Floats, quantile_mw: Floats, levels: Sequence[float]
) -> Score:
    """Score forecasts of one shape (…) with quantiles (…, levels).

    Pinball loss: R. Koenker, G. Bassett, Econometrica 46 (1978) 33-50.

    >>> load = np.array([100.0, 200.0])
    >>> round(score(load, load + 10, load[:, None] + [-5, 5], (0.1, 0.9)).mape, 4)
    0.075
    """
    known = np.isfinite(load_mw) & np.isfinite(forecast_mw)
    load, quantile = load_mw[known], quantile_mw[known]
    error = forecast_mw[known] - load
    loaded = load > 0
    level = np.asarray(levels)
    over = load[:, None] - quantile
    return Score(
        mape=float(np.mean(np.abs(error[loaded]) / load[loaded])),
        nrmse=float(np.sqrt(np.mean(error**2)) / load.mean()),
        pinball=float(np.mean(np.maximum(level * over, (level - 1) * over))),
        coverage=float(np.mean((load >= quantile[:, 0]) & (load <= quantile[:, -1]))),
        hours=int(known.sum()),
    )
