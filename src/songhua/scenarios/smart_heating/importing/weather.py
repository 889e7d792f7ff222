"""Hourly weather from EPW files.

An EPW hour is numbered by its end in local standard time; here an hour is the instant it begins, in
UTC. A typical year is put together from several: its months keep the years they came from. Source:
EnergyPlus documentation, Auxiliary Programs, EnergyPlus Weather File (EPW) data dictionary.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple

from songhua.kit.errors import InputError, Problem

_HEAD = 8
# Field, its place in a row, and the figure from which on it means that nothing was measured.
_FIELDS = (("outdoor_c", 6, 99.9), ("humidity_percent", 8, 999), ("global_w_per_m2", 13, 9999),
           ("direct_w_per_m2", 14, 9999), ("diffuse_w_per_m2", 15, 9999),
           ("wind_m_per_s", 21, 999))  # fmt: skip


class Hour(NamedTuple):
    """Means over the hour that begins at `begins`; None where the file marks them missing. Sun on
    the level (global, diffuse) and straight on (direct)."""

    begins: datetime
    outdoor_c: float | None
    humidity_percent: float | None
    global_w_per_m2: float | None
    direct_w_per_m2: float | None
    diffuse_w_per_m2: float | None
    wind_m_per_s: float | None


@dataclass(frozen=True)
class Weather:
    """A place's hours, and in `unknown` which figures are missing how often."""

    place: str
    latitude_deg: float
    longitude_deg: float
    height_m: float
    hours: tuple[Hour, ...]
    unknown: tuple[Problem, ...]


def from_epw(text: str) -> Weather:
    """The weather in an EPW file. Raises `InputError` with every row at fault."""
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    head = {row[0].strip().upper(): row for row in rows[:_HEAD] if row}
    location = head.get("LOCATION", [])
    latitude, longitude, zone_h, height = (_number(location, at) for at in range(6, 10))
    problems = [
        Problem("LOCATION", "importing_weather_header", name)
        for name, figure, most in (("latitude", latitude, 90.0), ("longitude", longitude, 180.0),
                                   ("time zone", zone_h, 14.0), ("elevation", height, 9000.0))
        if not abs(figure) <= most
    ]  # fmt: skip
    an_hour = _number(head.get("DATA PERIODS", []), 2)
    if math.isnan(an_hour):
        problems.append(Problem("DATA PERIODS", "importing_weather_header", "records per hour"))
    elif an_hour != 1:
        problems.append(Problem("DATA PERIODS", "importing_weather_hourly", f"{an_hour:g}"))
    if len(rows) <= _HEAD:
        problems.append(Problem("EPW", "empty"))
    if problems:
        raise InputError(problems)
    zone = timezone(timedelta(hours=zone_h))
    hours = [_hour(row, number, zone, problems)
             for number, row in enumerate(rows[_HEAD:], _HEAD + 1) if row]  # fmt: skip
    if problems:
        raise InputError(problems)
    found = tuple(hour for hour in hours if hour is not None)
    missing = Counter(name for hour in found for name, *_ in _FIELDS if getattr(hour, name) is None)
    unknown = tuple(Problem(name, "importing_weather_missing", f"{times}")
                    for name, times in missing.items())  # fmt: skip
    return Weather(location[1].strip(), latitude, longitude, height, found, unknown)


def _hour(row: list[str], number: int, zone: timezone, problems: list[Problem]) -> Hour | None:
    """The hour in a row, or None and a problem for each item at fault."""
    figures = {name: _number(row, at) for name, at, _ in _FIELDS}
    wrong = [(at + 1, name) for name, at, _ in _FIELDS if math.isnan(figures[name])]
    if figures["outdoor_c"] < -90:
        wrong.append((7, "outdoor_c"))
    when = [_number(row, at) for at in range(4)]
    try:
        year, month, day, hour = map(int, when)
        midnight = datetime(year, month, day, tzinfo=zone).astimezone(UTC)
        begins = midnight + timedelta(hours=hour - 1) if 1 <= hour <= 24 else None
    except (ValueError, OverflowError):
        begins = None
    if begins is None:
        wrong.append((1, "hour"))
    problems += [Problem(f"EPW {number}", "importing_weather_row", f"{at}", number, name)
                 for at, name in wrong]  # fmt: skip
    if wrong or begins is None:
        return None
    return Hour(begins, *(None if figures[name] >= missing else figures[name]
                          for name, _, missing in _FIELDS))  # fmt: skip


def _number(row: list[str], at: int) -> float:
    """The figure at a place of a row, NaN where there is none."""
    try:
        figure = float(row[at])
    except (IndexError, ValueError):
        return math.nan
    return figure if math.isfinite(figure) else math.nan
