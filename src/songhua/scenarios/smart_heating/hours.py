"""A plant's hours as the forecasting engine wants them: consecutive, in the city's own time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songhua.engines.load_forecast.record import Record, Weather
from songhua.governance.calendar import WorkCalendar
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from numpy.typing import NDArray

ZONE_NAME = "Asia/Shanghai"
LONGEST_H = 168
MOST_HOURS = 20 * 366 * 24
_HOUR = timedelta(hours=1)


def whole_hours(frame: pl.DataFrame) -> pl.DataFrame:
    """Every hour from the first to the last, in order; those that were not given are empty.

    Raises `InputError` for an instant that is no whole hour, and for a table without rows.
    """
    require(frame.height > 0, "hour", "heating_no_hours")
    hours = frame.sort("hour")
    odd = hours.filter(pl.col("hour").dt.truncate("1h") != pl.col("hour"))
    require(odd.height == 0, "hour", "heating_not_whole_hour", *map(str, odd["hour"].head(1)))
    first, last = hours["hour"][0], hours["hour"][-1]
    span = int((last - first) / _HOUR) + 1
    require(span <= MOST_HOURS, "hour", "heating_span", span)
    every = pl.datetime_range(first, last, "1h", eager=True, time_unit="us").alias("hour")
    return every.to_frame().join(hours, on="hour", how="left", maintain_order="left")


def joined(loads: pl.DataFrame, weather: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The record and, after its last hour with a load, the hours of the weather forecast; and how
    many hours belong to the record.

    Raises `InputError` where the forecast does not reach beyond the record, leaves hours out, or
    reaches more than a week ahead.
    """
    known = loads.drop_nulls("load_mw")
    require(known.height > 0, "load_mw", "heating_no_load")
    record = whole_hours(loads.filter(pl.col("hour") <= known["hour"].max()))
    last = record["hour"][-1]
    ahead = weather.filter(pl.col("hour") > last).sort("hour")
    require(ahead.height > 0, "weather_forecast", "heating_weather_ends", str(last))
    wanted = [last + _HOUR * (n + 1) for n in range(min(ahead.height, LONGEST_H + 1))]
    missing = [hour for hour, given in zip(wanted, ahead["hour"], strict=False) if hour != given]
    if missing:
        raise InputError(Problem("weather_forecast", "heating_weather_gap", str(missing[0])))
    require(ahead.height <= LONGEST_H, "weather_forecast", "heating_weather_long", ahead.height)
    following = ahead.select("hour", "outdoor_c", load_mw=pl.lit(None, pl.Float64))
    return pl.concat([record, following.select(record.columns)]), record.height


def record_of(frame: pl.DataFrame) -> Record:
    """The hours as arrays. Weekends and statutory holidays are days off; where the holidays of a
    year are not known, its weekends are."""
    local = frame["hour"].dt.convert_time_zone(ZONE_NAME)
    calendar, off = WorkCalendar(), {}
    for day in local.dt.date().unique():
        off[day] = _day_off(day, calendar)
    return Record(
        local.dt.replace_time_zone(None).to_numpy().astype("datetime64[h]"),
        frame["load_mw"].cast(pl.Float64).fill_null(np.nan).to_numpy(),
        Weather(frame["outdoor_c"].cast(pl.Float64).fill_null(np.nan).to_numpy()),
        np.array([off[day] for day in local.dt.date()], bool),
    )


def _day_off(day: date, calendar: WorkCalendar) -> bool:
    return not calendar.is_workday(day) if calendar.covers(day.year) else day.weekday() >= 5


def midnights(frame: pl.DataFrame, days: int) -> NDArray[np.int64]:
    """The places of the last `days` local midnights that are followed by a whole day.

    Raises `InputError` where there are not as many.
    """
    local = frame["hour"].dt.convert_time_zone(ZONE_NAME)
    places = (local.dt.hour() == 0).arg_true().to_numpy().astype(np.int64)
    places = places[(places >= 24) & (places + 24 <= frame.height)]
    require(places.size >= days, "trial_days", "heating_few_days", places.size)
    return places[-days:]
