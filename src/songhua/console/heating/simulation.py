"""A simulated city in a plant's place: it sends readings over MQTT and obeys orders.

The weather is that of an invented January, whatever the day: mean −15 °C with swings over a day
and over several. The plant's clock may run ahead of ours until it has caught up with the present.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.console.heating.layout import ElementRow, Layout, PipeRow, PointRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from threading import Event

    from songhua.console.heating.models import Plant
    from songhua.engines.plant.operation import Readings, Setpoints
    from songhua.exchange.commands.gateway import Gateway
    from songhua.exchange.commands.orders import Order
    from songhua.scenarios.smart_heating.city import City

STEP = timedelta(minutes=5)
WARM_UP_STEPS = 72
MOST_WAITING = 200
"""Messages without a receipt with which the plant waits for the intake."""
DAY_S = 86400.0
CO2_KG_PER_MWH = 396.0
"""An invented plant burns what the accounting rules take for bought heat: 0.11 t CO₂ per GJ."""
SOLAR_W_PER_M2 = 150.0
GAINS_W_PER_M2 = 3.8
"""What people and devices give in the simulated city, from which its floor areas follow."""


def outdoor_c(at: datetime) -> float:
    """The simulated outdoor temperature."""
    days = at.timestamp() / DAY_S
    local = (days + 8 / 24) % 1.0
    swing = 4.0 * math.sin(2 * math.pi * days / 5.3) + 2.0 * math.sin(2 * math.pi * days / 2.1)
    return -15.0 + swing + 4.0 * math.cos(2 * math.pi * (local - 15 / 24))


def sun_w_per_m2(at: datetime) -> float:
    """The simulated sun on the walls."""
    local = (at.timestamp() / DAY_S + 8 / 24) % 1.0
    return SOLAR_W_PER_M2 * max(0.0, math.cos(2 * math.pi * (local - 0.5)))


class SimulatedPlant:
    """The plant `code` of a simulated city, with the rooms of some of its buildings measured."""

    def __init__(self, code: str, city: City, seed: int) -> None:
        from songhua.engines.plant.plant import Plant

        self.code, self.city = code, city
        self._equipment = city.equipment
        self._plant = Plant(city.equipment, np.random.default_rng(seed))
        self._orders: dict[str, tuple[str, int, float]] = {}
        first = np.unique(city.equipment.building_station, return_index=True)[1]
        self._rooms = [int(n) for n in first]  # a building of each station
        self._points = {row.device_id: row for row in self._elements()}

    @property
    def faults(self) -> list[Any]:
        """What is broken; see `songhua.engines.plant.faults`."""
        return self._plant.faults

    def warm_up(self, at: datetime) -> None:
        """Let water and walls find their temperatures before `at`, unseen."""
        for n in range(WARM_UP_STEPS, 0, -1):
            self.step(at - n * STEP)

    def layout(self) -> Layout:
        """What is registered of it."""
        net = self._equipment.network
        pipes = (
            PipeRow(self._node(int(a)), self._node(int(b)), float(length))
            for a, b, length in zip(net.pipe_start, net.pipe_end, net.length_m, strict=True)
        )
        return Layout(tuple(self._points.values()), tuple(pipes), tuple(self._controls()))

    def obey(self, order: Order) -> str:
        """Carry out an order from the next step on; why not, or ""."""
        row = self._points.get(order.device_id)
        kind, _, number = order.device_id.removeprefix(f"{self.code}-").partition("-")
        if row is None or (kind, order.quantity) not in _QUANTITIES:
            return f"unknown: {order.device_id} {order.quantity}"
        key = f"{order.device_id} {_QUANTITIES[kind, order.quantity]}"
        self._orders[key] = order.quantity, int(number) - 1, order.value
        return ""

    def step(self, at: datetime, span: timedelta = STEP) -> list[dict[str, Any]]:
        """Run for `span` until `at`; the readings of that instant."""
        setpoints = self._setpoints(outdoor_c(at))
        found = self._plant.step(span.total_seconds(), outdoor_c(at), setpoints, sun_w_per_m2(at))
        written = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        return [
            {"device_id": f"{self.code}-{device}", "metric": metric, "ts_utc": written,
             "value": round(float(value), 4)}
            for device, metric, value in self._measured(found, span.total_seconds())
            if math.isfinite(value)
        ]  # fmt: skip

    def _setpoints(self, outdoor: float) -> Setpoints:
        """The stations' curves and the sources' order of merit, and what was ordered instead."""
        from songhua.engines.plant.operation import by_the_weather

        usual = by_the_weather(self._equipment, outdoor)
        source_c, station_c = usual.source_supply_c.copy(), usual.station_supply_c.copy()
        opening = usual.station_opening.copy()
        for quantity, place, value in list(self._orders.values()):
            if quantity == "supply_c":
                source_c[place] = value
            elif quantity == "secondary_supply_c":
                station_c[place] = value
            else:
                station_c[place], opening[place] = np.nan, value / 100
        return replace(
            usual, source_supply_c=source_c, station_supply_c=station_c, station_opening=opening
        )

    def _measured(self, r: Readings, span_s: float) -> Iterator[tuple[str, str, float]]:
        mw = 1e6 * span_s
        yield from (("plant-1", name, value) for name, value in (
            ("outdoor_c", r.outdoor_c), ("loss_mw", r.books.lost_ground_j / mw),
            ("stored_mw", r.books.stored_pipes_j / mw), ("leaked_mw", r.books.leaked_j / mw),
            ("makeup_kg_per_s", r.make_up_kg_per_s),
        ))  # fmt: skip
        for metric, values, scale in (
            ("supply_c", r.source_supply_c, 1), ("return_c", r.source_return_c, 1),
            ("flow_kg_per_s", r.source_flow_kg_per_s, 1), ("supply_kpa", r.source_supply_pa, 1e-3),
            ("return_kpa", r.source_return_pa, 1e-3), ("heat_mw", r.source_heat_w, 1e-6),
        ):  # fmt: skip
            yield from ((f"source-{n}", metric, v * scale) for n, v in enumerate(values, 1))
        for metric, values, scale in (
            ("primary_supply_c", r.station_primary_supply_c, 1),
            ("primary_return_c", r.station_primary_return_c, 1),
            ("secondary_supply_c", r.station_secondary_supply_c, 1),
            ("secondary_return_c", r.station_secondary_return_c, 1),
            ("primary_flow_kg_per_s", r.station_flow_kg_per_s, 1),
            ("valve_percent", r.station_opening, 100), ("supply_kpa", r.station_supply_pa, 1e-3),
            ("return_kpa", r.station_return_pa, 1e-3), ("heat_kw", r.station_heat_w, 1e-3),
        ):  # fmt: skip
            yield from ((f"station-{n}", metric, v * scale) for n, v in enumerate(values, 1))
        for building in self._rooms:
            yield f"room-{building + 1}", "room_c", r.room_c[building]

    def _node(self, node: int) -> str:
        """The device id of what stands at a node of the network."""
        net = self._equipment.network
        for kind, nodes in (("source", net.source_node), ("station", net.consumer_node)):
            if (found := np.flatnonzero(nodes == node)).size:
                return f"{self.code}-{kind}-{found[0] + 1}"
        return f"{self.code}-junction-{node + 1}"

    def _elements(self) -> Iterator[ElementRow]:
        city, net = self.city, self._equipment.network
        area = self._equipment.of_station(self._equipment.gains_w / GAINS_W_PER_M2)
        flow = self._equipment.exchangers.primary_kg_per_s
        yield ElementRow(f"{self.code}-plant-1", "plant", "全网", area_m2=float(area.sum()))
        for node in range(net.height_m.size):
            device = self._node(node)
            kind, number = device.removeprefix(f"{self.code}-").split("-")
            n, more = int(number) - 1, {}
            name = f"节点 {node + 1}"
            if kind == "source":
                name, more = f"热源 {city.source_name[n]}", {"co2_kg_per_mwh": CO2_KG_PER_MWH}
            elif kind == "station":
                name = f"换热站 {city.station_name[n]}"
                more = {"area_m2": float(area[n]), "design_flow_kg_per_s": float(flow[n])}
            yield ElementRow(
                device, kind, name, longitude=float(city.node_lon[node]),
                latitude=float(city.node_lat[node]), elevation_m=float(net.height_m[node]), **more,
            )  # fmt: skip
        for building in self._rooms:
            station = int(self._equipment.building_station[building]) + 1
            yield ElementRow(
                f"{self.code}-room-{building + 1}", "room", f"测点 {city.building_name[building]}",
                parent=f"{self.code}-station-{station}",
                longitude=float(city.building_lon[building]),
                latitude=float(city.building_lat[building]),
            )  # fmt: skip

    def _controls(self) -> Iterator[PointRow]:
        for device, row in self._points.items():
            if row.kind == "source":
                yield PointRow(device, "supply_c", "supply_c", 60, 130, 3, "mqtt")
            if row.kind == "station":
                yield PointRow(
                    device, "secondary_supply_c", "secondary_supply_c", 25, 75, 2, "mqtt"
                )
                yield PointRow(device, "valve_percent", "valve_percent", 0, 100, 3, "mqtt")


_QUANTITIES = {
    ("source", "supply_c"): "supply", ("station", "secondary_supply_c"): "valve",
    ("station", "valve_percent"): "valve",
}  # fmt: skip
"""What may be ordered of which kind, and what it moves: a later order for the same replaces it."""


def run(
    gateway: Gateway, plant: SimulatedPlant, begins: datetime, speed: float, ended: Event
) -> None:
    """Step the plant from `begins` on, `speed` times as fast as the world until it has caught up
    with the present, and send what it measures, until `ended`."""
    at = begins + STEP
    while not ended.is_set():
        ahead = (at - datetime.now(UTC)).total_seconds()
        pause = ahead if ahead > 0 else STEP.total_seconds() / speed
        gateway.repeat()
        if ahead > 0 or gateway.waiting > MOST_WAITING:
            ended.wait(min(max(pause, 0.05), 1.0))
            continue
        gateway.send(plant.step(at))
        ended.wait(pause)
        at += STEP


def build(code: str, stations: int, seed: int) -> SimulatedPlant:
    """A simulated plant of that size with ten buildings a station."""
    from songhua.scenarios.smart_heating.city import simulated_city

    sources = min(3, stations)
    city = simulated_city(seed, sources=sources, stations=stations, buildings=10 * stations)
    return SimulatedPlant(code, city, seed)


def break_some(simulated: SimulatedPlant) -> None:
    """Let a few things be broken: a valve that hardly opens, a leak, a sensor that reads high."""
    from songhua.engines.plant.faults import Fault

    net = simulated.city.equipment.network
    place = int(net.pipe_end[net.pipe_end.size // 2])
    simulated.faults.append(Fault("stuck_valve", 1, 0.05))
    simulated.faults.append(Fault("burst", place, 6.0))
    simulated.faults.append(Fault("drifted_sensor", 0, 60.0, "station_primary_return_c"))


def begin(plant: Plant, earliest: datetime) -> datetime:
    """Where a plant that may have run before goes on: after what is stored of it."""
    from songhua.console.heating import readings

    stored = readings.newest(plant, plant.elements.filter(kind="plant")).at
    return max(stored, earliest) if stored else earliest
