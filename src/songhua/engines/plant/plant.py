"""The plant in steps: valves, water, plates, radiators and rooms, one after the other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.flows import GRAVITY_M_PER_S2
from songhua.engines.plant.equipment import mistaken
from songhua.engines.plant.flows import DENSITY_KG_PER_M3, VALVE_PA, Hydraulics, Stream
from songhua.engines.plant.operation import Books, Readings
from songhua.engines.plant.rooms import (
    CAPACITY_J_PER_KG_K,
    Houses,
    Radiators,
    agreed_heat_w,
    radiators_w_per_k,
)
from songhua.engines.substations.valve import primary_flow
from songhua.engines.thermal.transient import Flows, fill, run
from songhua.kit.errors import require

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.plant.equipment import Equipment
    from songhua.engines.plant.faults import Fault
    from songhua.engines.plant.operation import Setpoints
    from songhua.engines.thermal.transient import Transient

_PASSES = 3  # of the stations' valves, each in answer to what the others did
_LEAST_PA = 1.0
_LEAST_W_PER_K = 1e-9
_LEAST_SPREAD_K = 5.0
_STILL_KG_PER_S = 1e-6


class Plant:
    """A plant that differs from its description, and has `faults` that may be put in at any time.

    It starts with every room at `start_c`, as if it had long been `before_c` outdoors.
    `equipment` is the description; the plant itself is `mistaken` by `mismatch`, drawn from
    `rng`.
    """

    def __init__(
        self, equipment: Equipment, rng: Generator, mismatch: float = 0.1, start_c: float = 20.0,
        before_c: float = -5.0,
    ) -> None:  # fmt: skip
        self.equipment = equipment
        self.real = mistaken(equipment, mismatch, rng) if mismatch else equipment
        self.faults: list[Fault] = []
        self.time_s = 0.0
        net, stations = self.real.network, self.real.stations
        self._houses = Houses(self.real, start_c, before_c)
        self._hydraulics = Hydraulics(net)
        self._water = fill(net, 70.0, 45.0, self.real.ground_c,
                           capacity_j_per_kg_k=CAPACITY_J_PER_KG_K)  # fmt: skip
        self._arriving_c = np.full(stations, 70.0)
        self._returned_c = np.full(self.real.sources, 45.0)
        self._supply_c = np.full(stations, 40.0)
        self._back_c = np.full(stations, 35.0)
        self._difference_pa = np.full(net.height_m.size, VALVE_PA)
        self._secondary_w_per_k = CAPACITY_J_PER_KG_K * self.real.of_station(
            self.real.radiator_kg_per_s
        )

    @property
    def room_c(self) -> Floats:
        """The temperature of the air in every building now, as it is."""
        return self._houses.temperature_c[:, 0].copy()

    def step(
        self, dt_s: float, outdoor_c: float, setpoints: Setpoints, solar_w_per_m2: float = 0.0
    ) -> Readings:
        """Run for `dt_s` under constant weather and setpoints; what the meters say of it.

        Raises `InputError` for a step that is not above 0, and setpoints that do not fit.
        """
        require(np.isfinite(dt_s) and dt_s > 0, "dt_s", "plant_not_finite")
        weather = np.isfinite([outdoor_c, solar_w_per_m2]).all()
        require(bool(weather), "outdoor_c", "plant_not_finite")
        setpoints.check(self.equipment)
        radiators = self._radiators()
        wanted, limited = self._wanted_kg_per_s(setpoints, radiators)
        stream = self._flow(setpoints, wanted)
        hot_c = self._reachable_c(setpoints, stream.brought)
        moved, arriving_c, outlet_c = self._exchange(dt_s, stream, hot_c, radiators)
        self._water = moved.filling
        heat_w = moved.consumer_heat_w[0, : self.real.stations]
        self._hand_on(heat_w, radiators)
        house_w = radiators.each * (
            self._supply_c[self.real.building_station] - self._houses.temperature_c[:, 0]
        )
        gains_j, lost_j, stored_j = self._houses.step(dt_s, outdoor_c, solar_w_per_m2, house_w)
        self.time_s += dt_s
        ledger = moved.ledger
        leaked_j = float(moved.consumer_heat_w[0, self.real.stations :].sum() * dt_s)
        self._arriving_c = np.where(stream.through > 0, arriving_c, self._arriving_c)
        self._returned_c = np.where(stream.brought > 0, moved.source_return_c[0], self._returned_c)
        self._difference_pa = stream.difference_pa
        supply_pa, return_pa = self._pressures(setpoints, stream)
        net = self.real.network
        at, home = net.consumer_node, net.source_node
        readings = Readings(
            self.time_s, float(outdoor_c), hot_c, self._returned_c.copy(), stream.brought,
            supply_pa[home], return_pa[home], moved.source_heat_w[0],
            arriving_c, outlet_c, stream.through, stream.opening, supply_pa[at], return_pa[at],
            self._supply_c.copy(), self._back_c.copy(), heat_w, limited, self.room_c, house_w,
            supply_pa, return_pa, sum(stream.leaks.values()),
            Books(ledger.injected_j, gains_j, ledger.lost_j, leaked_j, lost_j, ledger.stored_j,
                  stored_j),
        )  # fmt: skip
        return self._as_metered(readings)

    def _radiators(self) -> Radiators:
        """What stations meet in their buildings now."""
        real, room_c = self.real, self._houses.temperature_c[:, 0]
        mean_c = (self._supply_c + self._back_c) / 2
        each = radiators_w_per_k(real, mean_c[real.building_station] - room_c)
        together = real.of_station(each)
        rooms_c = real.of_station(each * room_c) / np.maximum(together, _LEAST_W_PER_K)
        return Radiators(each, together, rooms_c)

    def _wanted_kg_per_s(
        self, setpoints: Setpoints, radiators: Radiators
    ) -> tuple[Floats, Integers]:
        """The primary flow that would give each station its supply temperature, and why not."""
        told_c = setpoints.station_supply_c - self._drift("station_secondary_supply_c")
        heat_w = radiators.together * np.maximum(told_c - radiators.rooms_c, 0)
        back_c = told_c - heat_w / np.maximum(self._secondary_w_per_k, _LEAST_W_PER_K)
        known = np.isfinite(told_c) & (heat_w > 0)
        head_pa = self._difference_pa[self.real.network.consumer_node]
        found = primary_flow(
            self.real.exchangers, self._arriving_c, self._secondary_w_per_k / CAPACITY_J_PER_KG_K,
            np.where(known, back_c, 0.0), np.where(known, told_c, 0.0),
            self.real.valve_kg_per_s * np.sqrt(np.maximum(head_pa, 0) / VALVE_PA),
        )  # fmt: skip
        held = np.isnan(setpoints.station_supply_c)
        return found.primary_kg_per_s, np.where(held, 0, found.reason).astype(np.int64)

    def _flow(self, setpoints: Setpoints, wanted: Floats) -> Stream:
        """The stations' openings, each in answer to the others, and all flows."""
        net, by_hand = self.real.network, np.isnan(setpoints.station_supply_c)
        opening = np.where(by_hand, setpoints.station_opening, 1.0)
        difference_pa = self._difference_pa
        given, leaks = self._given(setpoints), self._leaks()
        for _ in range(_PASSES):
            head_pa = np.maximum(difference_pa[net.consumer_node], _LEAST_PA)
            widest = self.real.valve_kg_per_s * np.sqrt(head_pa / VALVE_PA)
            asked = np.divide(wanted, widest, out=np.ones(wanted.size), where=widest > 0)
            opening = np.where(by_hand, opening, np.clip(asked, 0.0, 1.0))
            for fault in self.faults:
                if fault.kind == "stuck_valve":
                    opening[fault.place] = fault.amount
            flow, difference_pa = self._hydraulics.solve(
                opening * self.real.valve_kg_per_s, setpoints.source_head_pa, given, leaks
            )
        if not flow.any():
            leaks = {}
        brought = self._hydraulics.brought(flow, leaks)[net.source_node]
        brought[np.abs(brought) < _STILL_KG_PER_S] = 0.0
        return Stream(opening, flow[: net.length_m.size], flow[net.length_m.size :],
                      np.maximum(brought, 0.0), difference_pa, leaks)  # fmt: skip

    def _given(self, setpoints: Setpoints) -> Floats:
        """The flow of each source that is not to hold its pressure: for its heat, or none."""
        spread_k = np.maximum(setpoints.source_supply_c - self._returned_c, _LEAST_SPREAD_K)
        given: Floats = setpoints.source_heat_w / (CAPACITY_J_PER_KG_K * spread_k)
        tripped = [fault.place for fault in self.faults if fault.kind == "pump_trip"]
        given[tripped] = 0.0
        standing = np.setdiff1d(np.arange(given.size), tripped)
        if standing.size and np.isfinite(given[standing]).all():
            given[standing[0]] = np.nan  # one must hold the pressure
        return given

    def _leaks(self) -> dict[int, float]:
        leaks: dict[int, float] = {}
        for fault in self.faults:
            if fault.kind == "burst":
                leaks[fault.place] = leaks.get(fault.place, 0.0) + fault.amount
        return leaks

    def _reachable_c(self, setpoints: Setpoints, brought: Floats) -> Floats:
        """The sources' supply temperatures, lower where their capacity does not suffice."""
        carried = CAPACITY_J_PER_KG_K * np.maximum(brought, _STILL_KG_PER_S)
        most_c = self._returned_c + self.real.source_capacity_w / carried
        return np.asarray(np.minimum(setpoints.source_supply_c, most_c))

    def _exchange(
        self, dt_s: float, stream: Stream, hot_c: Floats, radiators: Radiators
    ) -> tuple[Transient, Floats, Floats]:
        """Move the water; first to see what arrives at the stations, then with what they return."""
        stations = self.real.stations
        tried = self._move(dt_s, stream, hot_c, self._back_c)
        arriving_c = tried.consumer_supply_c[0, :stations]
        plates = self.real.exchangers.heat_w(
            stream.through, np.ones(stations), self._secondary_w_per_k / CAPACITY_J_PER_KG_K,
            np.zeros(stations),
        )  # fmt: skip
        heat_w = agreed_heat_w(
            plates, self._secondary_w_per_k, radiators.together, arriving_c, radiators.rooms_c
        )
        carried = CAPACITY_J_PER_KG_K * stream.through
        fallen = np.divide(heat_w, carried, out=np.zeros(stations), where=carried > 0)
        outlet_c = arriving_c - fallen
        return self._move(dt_s, stream, hot_c, outlet_c), arriving_c, outlet_c

    def _move(self, dt_s: float, stream: Stream, hot_c: Floats, outlet_c: Floats) -> Transient:
        """A step of the water; what leaks is replaced by make-up water in the return."""
        net, spilt = self.real.network, np.array(list(stream.leaks.values()), float)
        nodes = np.concatenate((net.consumer_node, np.array(list(stream.leaks), np.int64)))
        net = replace(net, consumer_node=nodes, consumer_by_flow=np.ones(nodes.size, bool))
        cold_c = np.full(spilt.size, self.real.make_up_c)
        flows = Flows(stream.pipes[None], np.concatenate((stream.through, spilt))[None],
                      hot_c[None], np.concatenate((outlet_c, cold_c))[None])  # fmt: skip
        return run(net, self._water, flows, dt_s)

    def _hand_on(self, heat_w: Floats, radiators: Radiators) -> None:
        """The secondary temperatures at which the stations' heat reaches the rooms."""
        above_k = heat_w / np.maximum(radiators.together, _LEAST_W_PER_K)
        self._supply_c = radiators.rooms_c + above_k
        rate = np.maximum(self._secondary_w_per_k, _LEAST_W_PER_K)
        self._back_c = self._supply_c - heat_w / rate

    def _pressures(self, setpoints: Setpoints, stream: Stream) -> tuple[Floats, Floats]:
        """Of supply and return at the nodes: apart by the difference, and less with height."""
        net = self.real.network
        first = net.source_node[0]
        middle = self.real.return_pa + stream.difference_pa[first] / 2
        rise_m = net.height_m - net.height_m[first]
        level = middle - DENSITY_KG_PER_M3 * GRAVITY_M_PER_S2 * rise_m
        return level + stream.difference_pa / 2, level - stream.difference_pa / 2

    def _drift(self, sensor: str) -> Floats:
        """What each station's sensor says too much."""
        drift = np.zeros(self.real.stations)
        for fault in self.faults:
            if fault.kind == "drifted_sensor" and fault.sensor == sensor:
                drift[fault.place] += fault.amount
        return drift

    def _as_metered(self, readings: Readings) -> Readings:
        """The readings as drifted sensors give them."""
        for fault in self.faults:
            if fault.kind == "drifted_sensor":
                column = getattr(readings, fault.sensor).copy()
                column[fault.place] += fault.amount
                readings = replace(readings, **{fault.sensor: column})
        return readings
