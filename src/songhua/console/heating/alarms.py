"""What is wrong now, and why: rules on the newest readings, the gravest first.

Every rule is one function that looks at one thing; an alarm names the element, what was seen and
the likely cause. What is not read raises no alarm but that it is silent.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

from songhua.console.design import say
from songhua.console.heating.indicators import WARM_C

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from songhua.console.heating.models import Element
    from songhua.console.heating.readings import Snapshot

GRAVE, WARNING = "red", "yellow"
LEAK_KG_PER_S = 5.0
LOWEST_KPA, HIGHEST_KPA = 50.0, 1600.0
OPEN_PERCENT = 95.0
CLOSED_PERCENT = 5.0
APART_K = 10.0


@dataclass(frozen=True)
class Alarm:
    """How grave, of which element, what was seen, and its likely cause."""

    light: str
    element: Element
    seen: str
    cause: str


def found(elements: Iterable[Element], now: Snapshot) -> list[Alarm]:
    """All alarms of a plant."""
    rows = list(elements)
    raised = [alarm for row in rows for alarm in _RULES.get(row.kind, _none)(row, now)]
    raised += _apart([row for row in rows if row.kind == "station"], now)
    return sorted(raised, key=lambda alarm: alarm.light != GRAVE)


def _none(row: Element, now: Snapshot) -> Iterator[Alarm]:
    yield from ()


def _source(row: Element, now: Snapshot) -> Iterator[Alarm]:
    yield from _silent(row, now, "supply_c")
    yield from _turned(row, now, "supply_c", "return_c")
    yield from _pressure(row, now)


def _plant(row: Element, now: Snapshot) -> Iterator[Alarm]:
    makeup = now.value(row, "makeup_kg_per_s")
    if makeup is not None and makeup > LEAK_KG_PER_S:
        yield Alarm(
            GRAVE, row, say("补水 {v} kg/s", "make-up water {v} kg/s", v=f"{makeup:.1f}"),
            say("管网泄漏：查看供回水压力突降的支线", "A leak: look where pressures have dropped"),
        )  # fmt: skip


def _station(row: Element, now: Snapshot) -> Iterator[Alarm]:
    yield from _silent(row, now, "primary_supply_c")
    yield from _turned(row, now, "primary_supply_c", "primary_return_c")
    yield from _pressure(row, now)
    opening = now.value(row, "valve_percent")
    supply, back = now.value(row, "secondary_supply_c"), now.value(row, "secondary_return_c")
    flow = now.value(row, "primary_flow_kg_per_s")
    if opening is not None and opening >= OPEN_PERCENT:
        yield Alarm(
            WARNING, row, say("阀门开度 {v}%", "valve {v} % open", v=f"{opening:.0f}"),
            say("一次侧供热不足：水力失调或供水温度偏低",
                "Too little from the primary side: out of balance or supplied too cool"),
        )  # fmt: skip
    if flow is not None and opening is not None and flow <= 0.01 and opening > CLOSED_PERCENT:
        yield Alarm(
            GRAVE, row, say("阀门已开但无流量", "the valve is open and nothing flows"),
            say("阀门卡死、循环泵停运或流量计失灵",
                "A stuck valve, a tripped pump or a dead meter"),
        )  # fmt: skip
    if supply is not None and back is not None and back > supply + 0.5:
        yield _backwards(row, supply, back)


def _apart(stations: list[Element], now: Snapshot) -> Iterator[Alarm]:
    """Stations much cooler than most though their valves do not stand open."""
    supplies = {row: now.value(row, "secondary_supply_c") for row in stations}
    known = [value for value in supplies.values() if value is not None]
    for row, value in supplies.items():
        opening = now.value(row, "valve_percent")
        if value is None or value > median(known) - APART_K or (opening or 0) >= OPEN_PERCENT:
            continue
        yield Alarm(
            GRAVE, row, say("二次供水 {v} ℃", "secondary supply {v} °C", v=f"{value:.1f}"),
            say("远低于其他站：阀门卡死或站内循环停止",
                "Far below the other stations: a stuck valve or no circulation"),
        )  # fmt: skip


def _room(row: Element, now: Snapshot) -> Iterator[Alarm]:
    value = now.value(row, "room_c")
    if value is not None and value < WARM_C:
        yield Alarm(
            WARNING, row, say("室温 {v} ℃", "{v} °C", v=f"{value:.1f}"),
            say("低于 18 ℃：{s}", "Below 18 °C: {s}", s=row.parent or row),
        )  # fmt: skip


def _silent(row: Element, now: Snapshot, metric: str) -> Iterator[Alarm]:
    reading = now.get(row, metric)
    if now.at is not None and (reading is None or reading.old):
        yield Alarm(
            GRAVE, row, say("无读数", "silent"),
            say("通信中断或仪表失灵", "Communication lost or a dead instrument"),
        )  # fmt: skip


def _turned(row: Element, now: Snapshot, supply: str, back: str) -> Iterator[Alarm]:
    warm, cool = now.value(row, supply), now.value(row, back)
    if warm is not None and cool is not None and cool > warm + 0.5:
        yield _backwards(row, warm, cool)


def _backwards(row: Element, warm: float, cool: float) -> Alarm:
    return Alarm(
        WARNING, row,
        say("回水 {c} ℃ 高于供水 {w} ℃", "return {c} °C above supply {w} °C", c=f"{cool:.1f}",
            w=f"{warm:.1f}"),
        say("温度传感器漂移或接反", "A temperature sensor has drifted or the two are swapped"),
    )  # fmt: skip


def _pressure(row: Element, now: Snapshot) -> Iterator[Alarm]:
    low, high = now.value(row, "return_kpa"), now.value(row, "supply_kpa")
    if low is not None and low < LOWEST_KPA:
        yield Alarm(
            GRAVE, row, say("回水压力 {v} kPa", "return pressure {v} kPa", v=f"{low:.0f}"),
            say("有汽化或倒空的危险：定压不足或泄漏",
                "May boil or run empty: pressure not held, or a leak"),
        )  # fmt: skip
    if high is not None and high > HIGHEST_KPA:
        yield Alarm(
            GRAVE, row, say("供水压力 {v} kPa", "supply pressure {v} kPa", v=f"{high:.0f}"),
            say("超压：末端阀门关闭过多或泵扬程过高",
                "Overpressure: valves closed or too much head"),
        )  # fmt: skip


_RULES = {"plant": _plant, "source": _source, "station": _station, "room": _room}
