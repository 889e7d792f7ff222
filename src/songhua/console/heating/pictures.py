"""The charts of a plant (see `design.charts`)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.console.design.bilingual import choose
from songhua.console.heating import readings
from songhua.console.heating.network import reached
from songhua.console.runs.models import Run, Table
from songhua.console.runs.services.work import store
from songhua.kit.time import ZONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.heating.balance import Balance
    from songhua.console.heating.selectors import Live

KPA_PER_M = 9.80665 * 0.96
"""Of a column of water at about 90 °C."""
SHOWN = 15


def pressures(live: Live) -> dict[str, Any]:
    """The water-pressure diagram: heads in metres of every station and source over its way from the
    nearest source, above the ground there."""
    ways = reached(live.pipes, [row.pk for row in live.of("source")])
    series: dict[str, list[list[float]]] = {"supply_kpa": [], "return_kpa": [], "ground": []}
    for row in (*live.of("source"), *live.of("station")):
        if row.pk not in ways or row.elevation_m is None:
            continue
        way = round(ways[row.pk][0])
        for metric in ("supply_kpa", "return_kpa"):
            if (value := live.now.value(row, metric)) is not None:
                series[metric].append([way, round(value / KPA_PER_M + row.elevation_m, 1)])
        series["ground"].append([way, round(row.elevation_m, 1)])
    names = {
        "supply_kpa": choose("供水", "Supply"), "return_kpa": choose("回水", "Return"),
        "ground": choose("地面", "Ground"),
    }  # fmt: skip
    return {
        "kind": "scatter", "title": choose("水压图", "Water-pressure diagram"), "unit": "m",
        "places": 1, "x_label": choose("距热源管长（m）", "Way from the source (m)"),
        "description": choose(
            "各站供回水测压管水头与地面标高；回水水头低于地面处有倒空的危险。",
            "Piezometric heads of supply and return, and the ground; where the return lies below "
            "it the network may run empty.",
        ),
        "series": [{"name": names[name], "points": sorted(points)}
                   for name, points in series.items()],
    }  # fmt: skip


def load(live: Live) -> dict[str, Any] | None:
    """The hourly load of the last two days."""
    if live.now.at is None:
        return None
    sources = live.of("source")
    rows = readings.history("heat_mw", sources, live.now.at - timedelta(days=2), live.now.at)
    hours = (
        rows.group_by("device_id", pl.col("ts_utc").dt.truncate("1h").alias("hour"))
        .agg(pl.col("value").mean())
        .group_by("hour")
        .agg(pl.col("value").sum())
        .sort("hour")
    )
    return {
        "kind": "line", "title": choose("逐时负荷", "Load by the hour"), "unit": "MW", "places": 1,
        "x": [_clock(at) for at in hours["hour"]], "x_label": choose("时刻", "Hour"),
        "series": [{"name": choose("实测", "Measured"),
                    "values": [round(v, 2) for v in hours["value"]]}],
    }  # fmt: skip


def forecast() -> dict[str, Any] | None:
    """The newest forecast that the scenario smart_heating has made, with its range."""
    runs = Run.objects.filter(scenario="smart_heating", action="forecast_load", state="done")
    outputs = Table.objects.filter(run__in=runs, dataset="load_forecast", dropped_at=None)
    table = outputs.exclude(digest="").order_by("-pk").first()
    if table is None:
        return None
    rows = pl.read_parquet(store().path(table.digest), glob=False).sort("hour").head(72)
    return {
        "kind": "line", "unit": "MW", "places": 1, "x_label": choose("时刻", "Hour"),
        "title": choose("负荷预测（运行 {n}）", "Load forecast (run {n})", n=table.run_id),
        "x": [_clock(at) for at in rows["hour"]],
        "series": [{
            "name": choose("预测", "Forecast"), "values": rows["load_mw"].to_list(), "dashed": True,
            "band": {"name": choose("80% 区间", "80 % range"), "low": rows["low_mw"].to_list(),
                     "high": rows["high_mw"].to_list()},
        }],
    }  # fmt: skip


def imbalance(rows: Sequence[Balance]) -> dict[str, Any] | None:
    """The stations farthest from balance, now and a day before."""
    if not rows:
        return None
    shown = rows[:SHOWN]
    return {
        "kind": "bar", "horizontal": True, "places": 2,
        "title": choose("水力失调度排名", "Stations by hydraulic imbalance"),
        "description": choose("1 为平衡，小于 1 为欠供，大于 1 为过供。",
                              "1 is balanced; below it gets too little, above it too much."),
        "x": [row.station.name for row in shown], "x_label": choose("换热站", "Station"),
        "series": [
            {"name": choose("一天前", "A day before"), "values": [_two(r.before) for r in shown]},
            {"name": choose("当前", "Now"), "values": [_two(r.now) for r in shown]},
        ],
        "targets": [{"name": choose("平衡", "Balanced"), "value": 1}],
    }  # fmt: skip


def answer(rows: pl.DataFrame, ordered: float, unit: str) -> dict[str, Any]:
    """What a point measured around a command, beside what was ordered."""
    return {
        "kind": "line", "title": choose("实测与指令", "Measured and ordered"), "unit": unit,
        "places": 1, "x": [_clock(at) for at in rows["ts_utc"]],
        "x_label": choose("时刻", "Instant"),
        "series": [{"name": choose("实测", "Measured"),
                    "values": [round(v, 2) for v in rows["value"]]}],
        "targets": [{"name": choose("指令值", "Ordered"), "value": ordered}],
    }  # fmt: skip


def _two(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _clock(at: Any) -> str:
    return at.astimezone(ZONE).strftime("%m-%d %H:%M")
