"""What a plant is told to do, what its meters say, and where its heat went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.plant.equipment import Equipment

_MAY_BE_OPEN = ("source_heat_w", "station_supply_c")
_TEMPERATURES = ("source_supply_c", "station_supply_c")


@dataclass(frozen=True)
class Setpoints:
    """Sources: supply temperature, difference of pressure, and the heat that one is to give by
    its flow (NaN: what flows at its pressure). Stations: the secondary supply temperature that the
    valve is to hold, or where that is NaN, its opening from 0 to 1."""

    source_supply_c: Floats
    source_head_pa: Floats
    source_heat_w: Floats
    station_supply_c: Floats
    station_opening: Floats

    def check(self, equipment: Equipment) -> None:
        """Raise `InputError` with everything that does not fit the equipment."""
        problems = []
        for name, values in vars(self).items():
            size = equipment.sources if name.startswith("source") else equipment.stations
            given = np.asarray(values, float)
            if given.shape != (size,):
                problems.append(Problem(name, "plant_size", str(size)))
                continue
            finite = np.isfinite(given) | (np.isnan(given) & (name in _MAY_BE_OPEN))
            if not finite.all() or (name not in _TEMPERATURES and (given < 0).any()):
                problems.append(Problem(name, "plant_not_finite"))
            elif name == "station_opening" and (given > 1).any():
                problems.append(Problem(name, "plant_opening", f"{given.max():g}"))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class Books:
    """Heat in J of a step: what sources and gains gave is what the ground, leaks and the outdoors
    took, and what pipes and buildings hold more than before."""

    injected_j: float
    gains_j: float
    lost_ground_j: float
    leaked_j: float
    lost_outdoors_j: float
    stored_pipes_j: float
    stored_buildings_j: float

    @property
    def unaccounted_j(self) -> float:
        """What the books do not explain: rounding."""
        spent = self.lost_ground_j + self.leaked_j + self.lost_outdoors_j
        return (
            self.injected_j + self.gains_j - spent - self.stored_pipes_j - self.stored_buildings_j
        )


@dataclass(frozen=True)
class Readings:
    """The mean of a step (temperatures of rooms: its end), shape (sources,), (stations,),
    (buildings,) or (nodes,). `limited`: why a station has not what it was told, 0 where it has
    (`songhua.engines.substations.valve.Reason`)."""

    time_s: float
    outdoor_c: float
    source_supply_c: Floats
    source_return_c: Floats
    source_flow_kg_per_s: Floats
    source_supply_pa: Floats
    source_return_pa: Floats
    source_heat_w: Floats
    station_primary_supply_c: Floats
    station_primary_return_c: Floats
    station_flow_kg_per_s: Floats
    station_opening: Floats
    station_supply_pa: Floats
    station_return_pa: Floats
    station_secondary_supply_c: Floats
    station_secondary_return_c: Floats
    station_heat_w: Floats
    limited: Integers
    room_c: Floats
    building_heat_w: Floats
    node_supply_pa: Floats
    node_return_pa: Floats
    make_up_kg_per_s: float
    books: Books


def by_the_weather(
    equipment: Equipment, outdoor_c: float, *, trim_k: Floats | float = 0.0
) -> Setpoints:
    """What a plant without further wisdom is told: stations by their curve, the sources 25 to 45 K
    hotter with the load, the first source first and the others for what it lacks.

    `trim_k` is added to the stations' curve.
    """
    curve = equipment.curve
    supply_c, _ = curve.temperatures_c(np.array(outdoor_c))
    share = max(curve.room_c - outdoor_c, 0.0) / (curve.room_c - curve.outdoor_c)
    hot_c = float(supply_c) + float(np.max(trim_k)) + 25 + 20 * share
    return Setpoints(
        np.full(equipment.sources, hot_c),
        equipment.source_head_pa.copy(),
        in_order(equipment, 1.1 * share * equipment.design_w),
        np.broadcast_to(supply_c + trim_k, (equipment.stations,)).astype(float),
        np.ones(equipment.stations),
    )


def in_order(equipment: Equipment, wanted_w: float) -> Floats:
    """The heat of each source when the first serves first: NaN for it, which gives what is asked,
    and for the others in turn what it lacks."""
    left = max(wanted_w - equipment.source_capacity_w[0], 0.0)
    heat = np.full(equipment.sources, np.nan)
    for source in range(1, equipment.sources):
        heat[source] = min(left, equipment.source_capacity_w[source])
        left -= heat[source]
    return heat
