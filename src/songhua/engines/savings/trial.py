"""A winter under a strategy: hour by hour, in a plant that is not quite as described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.control.strategies import Outlook
from songhua.engines.load_forecast.record import Issued, Weather
from songhua.engines.load_forecast.weather_error import with_temperature_error

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.engines.control.strategies import Strategy
    from songhua.engines.hydraulics.network import Floats
    from songhua.engines.plant.plant import Plant

_AHEAD = 48


@dataclass(frozen=True)
class Winter:
    """Hourly outdoor temperature and sun, and what was foretold at each hour for the 48 h from it:
    shape (hours,) and (hours, 48)."""

    outdoor_c: Floats
    solar_w_per_m2: Floats
    foretold_c: Floats
    foretold_w_per_m2: Floats

    def outlook(self, hour: int) -> Outlook:
        """What is known of the future at an hour."""
        return Outlook(self.foretold_c[hour], self.foretold_w_per_m2[hour])


@dataclass(frozen=True)
class Season:
    """Hour by hour: heat of each source in MWh (hours, sources), rooms (hours, buildings)."""

    source_mwh: Floats
    room_c: Floats
    outdoor_c: Floats

    def cold_share(self, least_c: float) -> float:
        """Share of all rooms' hours below a temperature."""
        return float((self.room_c < least_c).mean())

    def cost(self, price_per_mwh: Floats) -> float:
        """What the sources' heat costs."""
        return float((self.source_mwh @ price_per_mwh).sum())


def winter(rng: Generator, hours: int, mean_c: float) -> Winter:
    """A made-up winter: a daily swing, fronts of some days, and sun by day through clouds.

    Forecasts err as in `songhua.engines.load_forecast.weather_error`; the sun is foretold as on an
    average day.
    """
    clock = np.arange(hours + _AHEAD)
    front = np.zeros(clock.size)
    for hour in range(1, clock.size):
        front[hour] = 0.98 * front[hour - 1] + rng.normal(0, 0.9)
    outdoor = mean_c + front + 4.5 * np.cos((clock - 14) * 2 * np.pi / 24)
    usual = 90 * np.maximum(np.cos((clock - 12.5) * np.pi / 9), 0) * (np.abs(clock % 24 - 12) < 5)
    clear = np.repeat(rng.uniform(0.2, 1.8, clock.size // 24 + 1), 24)[: clock.size]
    ahead = clock[:hours, None] + np.arange(_AHEAD)
    issued = Issued(clock[:hours], Weather(outdoor[ahead]))
    foretold = with_temperature_error(issued, rng).weather.temperature_c
    return Winter(outdoor[:hours], (usual * clear)[:hours], foretold, usual[ahead])


def season(plant: Plant, strategy: Strategy, weather: Winter, *, settle_h: int = 24) -> Season:
    """The winter under a strategy, hour by hour, without the first `settle_h` hours."""
    heat, rooms = [], []
    last = None
    for hour, outdoor_c in enumerate(weather.outdoor_c):
        told = strategy.setpoints(weather.outlook(hour), last)
        last = plant.step(3600.0, float(outdoor_c), told, float(weather.solar_w_per_m2[hour]))
        heat.append(last.source_heat_w / 1e6)
        rooms.append(last.room_c)
    return Season(
        np.array(heat[settle_h:]), np.array(rooms[settle_h:]), weather.outdoor_c[settle_h:]
    )
