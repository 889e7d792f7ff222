"""What stands: pipes, sources, stations with their plates and valves, buildings with radiators."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.buildings.model import Buildings
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.engines.hydraulics.network import Floats, HeatNetwork, Integers
    from songhua.engines.substations.curve import Curve
    from songhua.engines.substations.exchanger import Exchangers


@dataclass(frozen=True)
class Equipment:
    """A plant's parts. Raises `InputError` with everything that does not fit together.

    The network's consumers are the stations. Sources: `source_capacity_w` and the greatest
    difference of pressure of their pumps, `source_head_pa`; the first keeps its return at
    `return_pa`. Stations: `exchangers`, whose secondary flow is kept at its design, and
    `valve_kg_per_s`, what the open valve and the plates let through at 100 kPa. Buildings:
    `building_station`, their `buildings`, the secondary flow `radiator_kg_per_s`, the radiators'
    conductance `radiator_w_per_k` at the design of `curve`, and `gains_w` from people and devices.
    """

    network: HeatNetwork
    source_capacity_w: Floats
    source_head_pa: Floats
    exchangers: Exchangers
    valve_kg_per_s: Floats
    building_station: Integers
    buildings: Buildings
    radiator_kg_per_s: Floats
    radiator_w_per_k: Floats
    gains_w: Floats
    curve: Curve
    return_pa: float = 3e5
    ground_c: float = 3.0
    make_up_c: float = 10.0

    def __post_init__(self) -> None:
        sizes = {
            "source_capacity_w": self.sources, "source_head_pa": self.sources,
            "valve_kg_per_s": self.stations, "radiator_kg_per_s": self.count,
            "radiator_w_per_k": self.count, "gains_w": self.count,
        }  # fmt: skip
        problems = []
        for name, size in sizes.items():
            values = np.asarray(getattr(self, name), float)
            object.__setattr__(self, name, values)
            if values.shape != (size,):
                problems.append(Problem(name, "plant_size", str(size)))
            elif not (np.isfinite(values) & (values >= 0)).all():
                problems.append(Problem(name, "plant_not_finite"))
        if self.exchangers.design_w_per_k.size != self.stations:
            problems.append(Problem("exchangers", "plant_size", str(self.stations)))
        if self.buildings.air_j_per_k.size != self.count:
            problems.append(Problem("buildings", "plant_size", str(self.count)))
        station = self.building_station
        for wrong in station[(station < 0) | (station >= self.stations)][:1]:
            problems.append(Problem("building_station", "plant_no_such_station", str(wrong)))
        if problems:
            raise InputError(problems)

    @property
    def sources(self) -> int:
        """How many sources there are."""
        return self.network.source_node.size

    @property
    def stations(self) -> int:
        """How many stations there are."""
        return self.network.consumer_node.size

    @property
    def count(self) -> int:
        """How many buildings there are."""
        return self.building_station.size

    @property
    def design_w(self) -> float:
        """The heat that all buildings lose on the design day, less their gains."""
        houses, curve = self.buildings, self.curve
        loss = (curve.room_c - curve.outdoor_c) / (houses.inside_k_per_w + houses.outside_k_per_w)
        return float(np.maximum(loss - self.gains_w, 0).sum())

    def of_station(self, of_buildings: Floats) -> Floats:
        """The sum over the buildings of each station."""
        return np.asarray(np.bincount(self.building_station, of_buildings, self.stations), float)


def mistaken(equipment: Equipment, mismatch: float, rng: Generator) -> Equipment:
    """The equipment as it may really be: each parameter off by a factor of its own, whose logarithm
    is normal with the standard deviation `mismatch`.

    Buildings of one station are off together, for they were described together, and each by a
    tenth as much by itself.
    """

    def off(values: Floats) -> Floats:
        return values * np.exp(rng.normal(0.0, mismatch, np.shape(values)))

    def off_together(values: Floats) -> Floats:
        together = rng.normal(0.0, mismatch, equipment.stations)[equipment.building_station]
        return values * np.exp(together + rng.normal(0.0, mismatch / 10, np.shape(values)))

    plates, houses, net = equipment.exchangers, equipment.buildings, equipment.network
    return replace(
        equipment,
        network=replace(net, loss_w_per_m_k=off(net.loss_w_per_m_k)),
        exchangers=replace(plates, design_w_per_k=off(plates.design_w_per_k)),
        valve_kg_per_s=off(equipment.valve_kg_per_s),
        buildings=Buildings(*(off_together(getattr(houses, f.name)) for f in fields(houses))),
        radiator_kg_per_s=off_together(equipment.radiator_kg_per_s),
        radiator_w_per_k=off_together(equipment.radiator_w_per_k),
        gains_w=off_together(equipment.gains_w),
    )
