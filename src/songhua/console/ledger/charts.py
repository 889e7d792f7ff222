"""What charts.js and map.js draw, as plain data. The shapes are described in design/charts.py."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from math import floor, log10
from typing import TYPE_CHECKING

from django.urls import reverse

from songhua.console.design.bilingual import choose, field
from songhua.console.ledger.selectors import COLOURS, MonthCell, UnitLights, months_between
from songhua.console.ledger.services.programme import outlines
from songhua.governance.forecast import forecast
from songhua.governance.periods import add_months, month_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from songhua.console.ledger.models import UnitScore
    from songhua.console.ledger.outlook import Outlook
    from songhua.programmes.model import Programme

LIGHT_NAMES = {
    "red": ("滞后", "Behind"), "yellow": ("预警", "Warning"), "green": ("正常", "On track"),
    "blue": ("已完成", "Done"), "grey": ("无数据", "No data"),
}  # fmt: skip
WORST_FIRST = ("red", "yellow", "grey", "green", "blue")
CAVEAT = (
    "边界示意，正式公开前须核对审图号。",
    "Outlines are schematic; check the map approval number before public display.",
)


def units(rows: Sequence[UnitLights]) -> dict[str, object]:
    """Tasks by colour, one bar a unit, the reddest on top."""
    return {
        "kind": "stacked",
        "horizontal": True,
        "title": choose("任务数，按灯色", "Tasks by light"),
        "unit": choose("项", "tasks"),
        "places": 0,
        "x": [field(row, "name") for row in rows],
        "x_label": choose("单位", "Unit"),
        "series": [
            {
                "name": choose(*LIGHT_NAMES[colour]),
                "light": colour,
                "values": [row.counts[colour] for row in rows],
            }
            for colour in COLOURS
        ],
    }


def scores(rows: Sequence[UnitScore]) -> dict[str, object]:
    """A unit's monthly scores in the order of time; a month without a score is a gap."""
    ordered = sorted(rows, key=lambda row: row.month)
    return {
        "kind": "line",
        "title": choose("月度考评得分", "Monthly score"),
        "unit": choose("分", "points"),
        "places": 1,
        "min": 0,
        "max": 100,
        "x": [_month(row.month) for row in ordered],
        "x_label": choose("月份", "Month"),
        "series": [
            {
                "name": choose("得分", "Score"),
                "values": [None if row.score is None else float(row.score) for row in ordered],
            }
        ],
    }


def task_progress(cells: Sequence[MonthCell]) -> dict[str, object]:
    """A task's planned and reported progress, in percent. A month without a report is a gap."""

    def values(name: str) -> list[float | None]:
        rows = (getattr(cell, name) for cell in cells)
        return [None if row is None else float(row.percent) for row in rows]

    return {
        "kind": "line",
        "title": choose("累计进度", "Cumulative progress"),
        "unit": "%",
        "min": 0,
        "max": 100,
        "x": [_month(cell.month) for cell in cells],
        "x_label": choose("月份", "Month"),
        "series": [
            {"name": choose("计划", "Planned"), "dashed": True, "values": values("plan")},
            {"name": choose("实际", "Reported"), "values": values("report")},
        ],
    }


def indicator(state: Outlook) -> dict[str, object] | None:
    """The reported series, the forecast month by month up to the target's date with its interval,
    and a line for every target. None where nothing was ever reported."""
    if not state.series:
        return None
    row, known = state.indicator, dict(state.series)
    ahead = list(_ahead(state))
    first, last = state.series[0][0], state.series[-1][0]
    months = months_between(first, max([last, *(month for month, *_ in ahead)]))
    series: list[dict[str, object]] = [
        {
            "name": choose("填报值", "Reported"),
            "values": [float(known[m]) if m in known else None for m in months],
        }
    ]
    if ahead:
        start = float(known[last])
        points = {last: (start, start, start)} | {m: figures for m, *figures in ahead}
        low, median, high = (
            [points[m][i] if m in points else None for m in months] for i in range(3)
        )
        level = round(100 * state.forecast.level) if state.forecast else 80
        name = choose("{p}% 预测区间", "{p}% interval", p=level)
        series.append(
            {
                "name": choose("预测中值", "Forecast, median"),
                "dashed": True,
                "values": median,
                "band": {"name": name, "low": low, "high": high},
            }
        )
    return {
        "kind": "line",
        "title": field(row, "name"),
        "unit": field(row, "unit"),
        "places": row.places,
        "x": [_month(m) for m in months],
        "x_label": choose("月份", "Month"),
        "series": series,
        "max": _above(
            [float(value) for _, value in state.series]
            + [float(target.value) for target in row.targets.all()]
            + [high for *_, high in ahead]
        ),
        "targets": [
            {
                "name": choose("{y} 年目标", "Target {y}", y=target.due.year),
                "value": float(target.value),
            }
            for target in row.targets.all()
        ],
    }


def _above(values: Sequence[float]) -> float:
    """A round number a little above all values, so that every target's line is seen.

    >>> _above([150.0]), _above([2900.0, 3000.0])
    (160.0, 3500.0)
    """
    most = max(values)
    if most <= 0:
        return 1.0
    tens = 10.0 ** floor(log10(most))
    step = tens / (5 if most < 2 * tens else 2 if most < 5 * tens else 1)
    return (floor(most / step) + 1) * step


def _ahead(state: Outlook) -> Iterator[tuple[date, float, float, float]]:
    """(month, low, median, high) from the month after the last report to the target's."""
    if state.target is None or state.forecast is None or state.forecast.median is None:
        return
    month, end = add_months(state.series[-1][0], 1), month_start(state.target.due)
    while month <= end:
        step = forecast(
            state.series, state.target.value, month, comparator=state.indicator.comparator
        )
        if step.low is not None and step.median is not None and step.high is not None:
            yield month, step.low, step.median, step.high
        month = add_months(month, 1)


@dataclass(frozen=True)
class DistrictRow:
    """A district: its tasks by colour, its worst light (None without tasks), its zones."""

    adcode: str
    name: str
    counts: Mapping[str, int]
    zones: tuple[str, ...]

    @property
    def total(self) -> int:
        """All its tasks."""
        return sum(self.counts.values())

    @property
    def light(self) -> str | None:
        """The worst colour that one of its tasks shows."""
        return next((c for c in WORST_FIRST if self.counts[c]), None)

    @property
    def url(self) -> str:
        """Its rows of the ledger."""
        return f"{reverse('ledger')}?district={self.adcode}"


def district_rows(
    programme: Programme, lights: Mapping[str, Mapping[str, int]]
) -> list[DistrictRow]:
    """Every district of the programme, also those without a task."""
    return [
        DistrictRow(
            district.adcode,
            field(district, "name"),
            lights.get(district.adcode) or dict.fromkeys(COLOURS, 0),
            tuple(field(z, "name") for z in programme.zones if district.adcode in z.districts),
        )
        for district in programme.districts
    ]


def district_map(
    programme: Programme, lights: Mapping[str, Mapping[str, int]]
) -> dict[str, object]:
    """The districts coloured by their worst light, with the zones as markers."""
    regions = [
        {
            "key": int(row.adcode),
            "name": row.name,
            "light": row.light,
            "text": _tally(row.counts),
            "url": row.url if row.total else None,
        }
        for row in district_rows(programme, lights)
    ]
    title = choose("各区县（市）最差灯色", "The worst light in each district")
    return _map(programme, title, regions)


def zone_map(programme: Programme) -> dict[str, object]:
    """The districts coloured by whether a demonstration zone stands in them."""
    inside = choose("示范区所在", "With a zone")
    regions = [
        {
            "key": int(row.adcode),
            "name": row.name,
            "category": inside if row.zones else None,
            "text": choose("、", ", ").join(row.zones),
        }
        for row in district_rows(programme, {})
    ]
    title = choose("示范区分布", "Where the demonstration zones are")
    return _map(programme, title, regions) | {"categories": [{"name": inside, "colour": 1}]}


def _map(
    programme: Programme, title: str, regions: Sequence[Mapping[str, object]]
) -> dict[str, object]:
    names = [field(zone, "name") for zone in programme.zones]
    shared = _shared(names)  # "新一代人工智能" need not stand on every pin
    data: dict[str, object] = {
        "title": title,
        "description": choose(*CAVEAT),
        "geojson": reverse("districts_geojson"),
        "key": "adcode",
        "name": "name",
        "regions": regions,
        "markers": [
            {
                "name": name[shared:] or name,
                "at": [float(zone.lon_approx), float(zone.lat_approx)],
                "text": choose(
                    "{name}，{focus}", "{name}. {focus}", name=name, focus=field(zone, "focus")
                ),
            }
            for name, zone in zip(names, programme.zones, strict=True)
        ],
    }
    areas = [d.area_km2_approx for d in programme.districts if d.area_km2_approx is not None]
    small = {
        int(d.adcode)
        for d in programme.districts
        if d.area_km2_approx is not None and d.area_km2_approx * 3 * len(areas) < sum(areas)
    }
    if len(small) > 1 and (bounds := _bounds(outlines(), frozenset(small))):
        data["core"] = {"name": choose("主城区", "City core"), "bounds": bounds}
    return data


@lru_cache(maxsize=4)
def _bounds(geojson: str | bytes, keys: frozenset[int]) -> list[list[float]] | None:
    """[[west, south], [east, north]] in degrees around the districts of `keys`."""
    features = json.loads(geojson)["features"]
    shapes = [f["geometry"]["coordinates"] for f in features if f["properties"]["adcode"] in keys]
    points = [point for shape in shapes for point in _points(shape)]
    if not points:
        return None
    lon, lat = [x for x, _ in points], [y for _, y in points]
    return [[min(lon), min(lat)], [max(lon), max(lat)]]


def _points(shape: list[object]) -> Iterator[tuple[float, float]]:
    if shape and isinstance(shape[0], int | float):
        yield shape[0], shape[1]  # type: ignore[misc]
        return
    for part in shape:
        yield from _points(part)  # type: ignore[arg-type]


def _shared(names: Sequence[str]) -> int:
    """How many characters all names begin with, whole words only where words have spaces."""
    same = takewhile(lambda each: len(set(each)) == 1, zip(*names, strict=False))
    start = "".join(each[0] for each in same)
    return start.rfind(" ") + 1 if any(" " in name for name in names) else len(start)


def _tally(counts: Mapping[str, int]) -> str:
    """How many tasks, and how many of each colour that there is."""
    if not (total := sum(counts.values())):
        return choose("无落地任务", "No task here")
    parts = [f"{choose(*LIGHT_NAMES[c])} {counts[c]}" for c in COLOURS if counts[c]]
    return choose("{n} 项任务：", "{n} tasks: ", n=total) + choose("，", ", ").join(parts)


def _month(month: date) -> str:
    return f"{month:%Y-%m}"
