"""What stations hand on to buildings, and what the rooms make of it.

A radiator with the conductance UA in the flow m gives m c (1 - exp(-UA / (m c))) for each kelvin
between secondary supply and room, and UA grows with the mean excess to the power of the curve's
exponent. With the primary flow known, the heat of a station is that on which plates and radiators
agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from songhua.engines.buildings.model import transition

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats
    from songhua.engines.plant.equipment import Equipment

CAPACITY_J_PER_KG_K = 4190.0
_LEAST_EXCESS_K = 1.0


class Radiators(NamedTuple):
    """Heat per kelvin between secondary supply and room: `each` building's, and `together` those
    of each station, whose rooms have the weighted mean `rooms_c`."""

    each: Floats
    together: Floats
    rooms_c: Floats


def radiators_w_per_k(equipment: Equipment, mean_excess_k: Floats) -> Floats:
    """Heat per kelvin between secondary supply and room, shape (buildings,)."""
    curve = equipment.curve
    design_k = (curve.supply_c + curve.return_c) / 2 - curve.room_c
    warmth = np.maximum(mean_excess_k, _LEAST_EXCESS_K) / design_k
    conductance = equipment.radiator_w_per_k * warmth**curve.radiator_exponent
    rate = CAPACITY_J_PER_KG_K * equipment.radiator_kg_per_s
    units = np.divide(conductance, rate, out=np.zeros(rate.size), where=rate > 0)
    return -rate * np.expm1(-units)


def agreed_heat_w(
    plates_w_per_k: Floats, secondary_w_per_k: Floats, radiators: Floats, primary_c: Floats,
    rooms_c: Floats,
) -> Floats:  # fmt: skip
    """The heat q of stations with q = K (t_primary - t_return) = G (t_supply - t_rooms) and
    q = C (t_supply - t_return): (t_primary - t_rooms) / (1 / K + 1 / G - 1 / C). Never below 0.

    >>> agreed_heat_w(*map(np.array, (50.0, 100.0, 40.0, 90.0, 20.0))).round(1).tolist()
    2000.0
    """
    works = (plates_w_per_k > 0) & (radiators > 0)
    plates, given = np.where(works, plates_w_per_k, 1.0), np.where(works, radiators, 1.0)
    least = 1 / plates + 1 / given - 1 / np.where(works, secondary_w_per_k, np.inf)
    return np.where(works, np.maximum(primary_c - rooms_c, 0) / least, 0.0)


class Houses:
    """The buildings of a plant on their way: air and mass, step after step, and their heat."""

    def __init__(self, equipment: Equipment, start_c: float, before_c: float) -> None:
        self.equipment = equipment
        homes = equipment.buildings
        outer = homes.outside_k_per_w / (homes.inside_k_per_w + homes.outside_k_per_w)
        mass_c = before_c + (start_c - before_c) * outer
        self.temperature_c = np.column_stack((np.full(mass_c.size, float(start_c)), mass_c))
        self._steps: dict[float, tuple[Floats, Floats]] = {}

    def step(
        self, dt_s: float, outdoor_c: float, solar_w_per_m2: float, heat_w: Floats
    ) -> tuple[float, float, float]:
        """Move on under the radiators' heat; J of gains and sun, lost outdoors, and stored."""
        houses = self.equipment.buildings
        if dt_s not in self._steps:
            self._steps = {dt_s: transition(houses, dt_s)}
        after, gain = self._steps[dt_s]
        free_w = self.equipment.gains_w + houses.aperture_m2 * solar_w_per_m2
        drive = np.column_stack((np.full(heat_w.size, outdoor_c), heat_w + free_w))
        before = self.temperature_c
        self.temperature_c = (after @ before[:, :, None] + gain @ drive[:, :, None])[:, :, 0]
        change_k = self.temperature_c - before
        stored_j = houses.air_j_per_k * change_k[:, 0] + houses.mass_j_per_k * change_k[:, 1]
        lost_j = (heat_w + free_w) * dt_s - stored_j
        return float(free_w.sum() * dt_s), float(lost_j.sum()), float(stored_j.sum())
