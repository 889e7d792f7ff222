"""Weather forecasts as wrong as those of numerical weather prediction, for scoring."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Issued

_FIRST_K = 0.8
_PER_DAY_K = 0.4
_MEMORY_H = 12.0


def with_temperature_error(issued: Issued, rng: np.random.Generator) -> Issued:
    """`issued` with an error added to its temperatures.

    At lead time t the error is normal with a standard deviation of 0.8 K + 0.4 K per day ahead,
    and keeps exp(-1 h / 12 h) of itself from hour to hour: a first-order autoregression, about
    what two-metre temperatures of operational models show over land.
    """
    shape, kept = issued.weather.temperature_c.shape, np.exp(-1 / _MEMORY_H)
    shocks = rng.standard_normal(shape)
    error = np.empty(shape)
    level = shocks[:, 0]
    for hour in range(issued.horizon):
        error[:, hour] = level
        level = kept * level + np.sqrt(1 - kept**2) * shocks[:, (hour + 1) % issued.horizon]
    spread = _FIRST_K + _PER_DAY_K * np.arange(issued.horizon) / 24
    temperature_c = issued.weather.temperature_c + spread * error
    return replace(issued, weather=replace(issued.weather, temperature_c=temperature_c))
