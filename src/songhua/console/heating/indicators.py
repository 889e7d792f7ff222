"""What a heating interval came to, from readings alone. Unknown is None, never 0.

A reading stands until the next one of its device, an hour at most (`HOLD`): a silent instrument
counts for nothing. Where the readings of a quantity cover less than `ENOUGH` of the time, the
indicator that rests on it is None.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

HOLD = timedelta(hours=1)
ENOUGH = 0.9
WARM_C = 18.0
"""A room below is not heated as the city's rules demand (哈尔滨市城市供热办法)."""
BASE_C = 18.0
"""Degree days count from here (HDD18)."""
HOUR_S = 3600.0


def held(readings: pl.DataFrame, ends: datetime) -> pl.DataFrame:
    """Readings (device_id, ts_utc, value) with the `hours` that each stands for.

    >>> from datetime import UTC, datetime
    >>> at = [datetime(2026, 1, 5, h, tzinfo=UTC) for h in (0, 3)]
    >>> rows = pl.DataFrame({"device_id": ["a", "a"], "ts_utc": at, "value": [1.0, 2.0]})
    >>> held(rows, datetime(2026, 1, 5, 3, 30, tzinfo=UTC))["hours"].to_list()
    [1.0, 0.5]
    """
    at = pl.col("ts_utc")
    following = at.shift(-1).over("device_id", order_by="ts_utc").fill_null(ends)
    hours = (following - at).dt.total_microseconds() / (HOUR_S * 1e6)
    return readings.with_columns(hours=hours.clip(0, HOLD.total_seconds() / HOUR_S))


def integral(
    readings: pl.DataFrame, devices: int, begins: datetime, ends: datetime
) -> float | None:
    """Sum over devices of value · hours; None where too little of the time is covered."""
    rows = held(readings, ends)
    return (
        float((rows["value"] * rows["hours"]).sum())
        if _covered(rows, devices, begins, ends)
        else None
    )


def _covered(rows: pl.DataFrame, devices: int, begins: datetime, ends: datetime) -> bool:
    wanted = devices * (ends - begins).total_seconds() / HOUR_S
    return wanted > 0 and float(rows["hours"].sum()) >= ENOUGH * wanted


def peak(readings: pl.DataFrame, devices: int) -> float | None:
    """The largest hourly mean of the sum over all devices, over hours in which all were read."""
    hours = (
        readings.group_by(
            "device_id", pl.col("ts_utc").dt.truncate("1h").alias("hour"), maintain_order=True
        )
        .agg(pl.col("value").mean())
        .group_by("hour", maintain_order=True)  # so that a sum is the same every time
        .agg(pl.col("value").sum(), pl.len().alias("n"))
        .filter(pl.col("n") == devices)
    )
    largest = hours["value"].max()
    return None if largest is None else float(largest)  # type: ignore[arg-type]


def degree_days(outdoor: pl.DataFrame, begins: datetime, ends: datetime) -> float | None:
    """Kelvin days below `BASE_C`."""
    short = outdoor.with_columns((BASE_C - pl.col("value")).clip(lower_bound=0).alias("value"))
    total = integral(short, 1, begins, ends)
    return None if total is None else total / 24


def comfort(rooms: pl.DataFrame, ends: datetime) -> float | None:
    """The share of all hours read in all rooms in which it was warm enough."""
    rows = held(rooms, ends)
    total = float(rows["hours"].sum())
    if not total:
        return None
    return float(rows.filter(pl.col("value") >= WARM_C)["hours"].sum()) / total


def season(
    tables: Mapping[str, pl.DataFrame], sources: Mapping[str, float | None],
    area_m2: float | None, begins: datetime, ends: datetime,
) -> dict[str, float | None]:  # fmt: skip
    """The indicators of an interval from the tables heat_mw (of the sources), makeup_kg_per_s,
    outdoor_c (of the plant) and room_c; `sources` gives each one's kg of CO₂ per MWh."""
    n = len(sources)
    heat_mwh = integral(tables["heat_mw"], n, begins, ends)
    hdd = degree_days(tables["outdoor_c"], begins, ends)
    makeup = integral(tables["makeup_kg_per_s"], 1, begins, ends)
    intensity = None
    if heat_mwh is not None and hdd and area_m2:
        intensity = heat_mwh * 1000 / (area_m2 * hdd)
    return {
        "heat_mwh": heat_mwh,
        "degree_days": hdd,
        "kwh_per_m2_hdd": intensity,
        "comfort_share": comfort(tables["room_c"], ends),
        "peak_mw": peak(tables["heat_mw"], n),
        "makeup_m3": None if makeup is None else makeup * HOUR_S / 1000,
        "co2_kg": _carbon(tables["heat_mw"], sources, begins, ends),
    }


def _carbon(
    heat: pl.DataFrame, sources: Mapping[str, float | None], begins: datetime, ends: datetime
) -> float | None:
    """Heat of each source by its own factor; None where one of them is unknown."""
    total = 0.0
    for device, factor in sources.items():
        found = integral(heat.filter(pl.col("device_id") == device), 1, begins, ends)
        if found is None or factor is None:
            return None
        total += found * factor
    return total if sources else None


def cold_days(rooms: pl.DataFrame, ends: datetime, zone: str = "Asia/Shanghai") -> pl.DataFrame:
    """What a refund is judged by: for each room and civil day on which a reading was below `WARM_C`
    the readings, hours read, hours below, mean and lowest temperature."""
    day = pl.col("ts_utc").dt.convert_time_zone(zone).dt.date().alias("day")
    cold = pl.col("value") < WARM_C
    return (
        held(rooms, ends)
        .group_by("device_id", day)
        .agg(
            pl.len().alias("readings"),
            pl.col("hours").sum().round(2),
            pl.col("hours").filter(cold).sum().round(2).alias("cold_hours"),
            pl.col("value").mean().round(2).alias("mean_c"),
            pl.col("value").min().alias("lowest_c"),
        )
        .filter(pl.col("lowest_c") < WARM_C)
        .sort("device_id", "day")
    )
