"""Ways to run a plant, from a curve alone to a plan: each answers what it is told next.

A strategy is made from the plant's description and knows the plant only by its readings. `shift_k`
is by how much warmer than the design it aims: what it takes to keep everyone warm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from songhua.engines.plant.operation import Setpoints, in_order
from songhua.engines.plant.rooms import CAPACITY_J_PER_KG_K
from songhua.engines.substations.curve import Curve, trim

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats
    from songhua.engines.plant.equipment import Equipment
    from songhua.engines.plant.operation import Readings

_PRIMARY_LIFT_K = 45.0  # of the primary supply over the stations' curve, at design
_MARGIN = 1.03  # of the heat that the sources are asked for over what they gave
_MOST_ABOVE_K = 15.0  # over the curve is heard of what stations ask


@dataclass(frozen=True)
class Outlook:
    """What is foretold for this step and those after it, shape (steps,)."""

    outdoor_c: Floats
    solar_w_per_m2: Floats


class Strategy(Protocol):
    """Setpoints for the next step, from the outlook and the readings of the step before."""

    def setpoints(self, outlook: Outlook, last: Readings | None) -> Setpoints:
        """What the plant is told now."""


class WeatherCurve:
    """Valves stay as they are; the sources' temperature follows the weather (A and B)."""

    def __init__(self, equipment: Equipment, shift_k: float, opening: Floats) -> None:
        self.equipment, self.shift_k, self.opening = equipment, shift_k, opening
        curve = equipment.curve
        self._primary = Curve(
            curve.supply_c + _PRIMARY_LIFT_K, curve.return_c + 10, curve.room_c, curve.outdoor_c,
            curve.radiator_exponent,
        )  # fmt: skip

    def setpoints(self, outlook: Outlook, last: Readings | None) -> Setpoints:
        """The sources as hot as the curve says for as much colder weather as the shift."""
        plant, outdoor_c = self.equipment, outlook.outdoor_c[0] - self.shift_k
        hot_c, _ = self._primary.temperatures_c(np.array(outdoor_c))
        return Setpoints(
            np.full(plant.sources, float(hot_c)), plant.source_head_pa,
            asked_of_sources(plant, outdoor_c, last),
            np.full(plant.stations, np.nan), self.opening,
        )  # fmt: skip


class Feedback:
    """Stations follow the curve, trimmed hour by hour by what their rooms lack (C)."""

    gain_per_h, limit_k = 0.25, 15.0

    def __init__(self, equipment: Equipment, shift_k: float, step_h: float = 1.0) -> None:
        self.equipment, self.shift_k, self.step_h = equipment, shift_k, step_h
        self.trim_k = np.zeros(equipment.stations)

    def setpoints(self, outlook: Outlook, last: Readings | None) -> Setpoints:
        """The curve for as much colder weather as the shift, and the trim."""
        plant, outdoor_c = self.equipment, outlook.outdoor_c[0] - self.shift_k
        if last is not None:
            self.trim_k = trim(
                self.trim_k, rooms_of_stations(plant, last.room_c),
                plant.curve.room_c + self.shift_k, self.gain_per_h, self.step_h, self.limit_k,
            )  # fmt: skip
        supply_c, _ = plant.curve.temperatures_c(np.array(outdoor_c))
        told_c = np.maximum(float(supply_c) + self.trim_k, plant.curve.room_c)
        return Setpoints(
            np.full(plant.sources, hot_enough_c(plant, outdoor_c, told_c)), plant.source_head_pa,
            asked_of_sources(plant, outdoor_c, last), told_c, np.ones(plant.stations),
        )  # fmt: skip


def rooms_of_stations(equipment: Equipment, room_c: Floats) -> Floats:
    """The mean over each station's known rooms; NaN where none is known."""
    known = np.isfinite(room_c)
    count = equipment.of_station(known.astype(float))
    total = equipment.of_station(np.where(known, room_c, 0.0))
    return np.asarray(np.divide(total, count, out=np.full(count.size, np.nan), where=count > 0))


def hot_enough_c(equipment: Equipment, outdoor_c: float, told_c: Floats) -> float:
    """A supply temperature of the sources that leaves the stations' plates and valves room."""
    curve = equipment.curve
    share = max(curve.room_c - outdoor_c, 0.0) / (curve.room_c - curve.outdoor_c)
    usual_c, _ = curve.temperatures_c(np.array(outdoor_c))
    above_k = min(float(told_c.max() - usual_c), _MOST_ABOVE_K)
    return float(usual_c) + max(above_k, 0.0) + 25 + 20 * share


def asked_of_sources(equipment: Equipment, outdoor_c: float, last: Readings | None) -> Floats:
    """The sources in order, for what they gave and what the first lacked; at first for what the
    weather asks."""
    curve = equipment.curve
    if last is None:
        share = max(curve.room_c - outdoor_c, 0.0) / (curve.room_c - curve.outdoor_c)
        return in_order(equipment, share * equipment.design_w)
    gave_w = float(last.source_heat_w.sum())
    return in_order(equipment, _MARGIN * gave_w + first_lacks_w(last))


def first_lacks_w(last: Readings) -> float:
    """The heat that the first source's water would have needed to be as hot as the others'."""
    short_k = float(last.source_supply_c.max() - last.source_supply_c[0])
    return CAPACITY_J_PER_KG_K * float(last.source_flow_kg_per_s[0]) * short_k
