"""A plant's hours as arrays: load, weather and calendar, NaN where a reading is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]
Hours: TypeAlias = NDArray[np.datetime64]


@dataclass(frozen=True)
class Weather:
    """Outdoor temperature and, where they are known, wind and global radiation; of one shape."""

    temperature_c: Floats
    wind_m_per_s: Floats | None = None
    solar_w_per_m2: Floats | None = None

    def __post_init__(self) -> None:
        for name, values in vars(self).items():
            if values is not None:
                object.__setattr__(self, name, np.asarray(values, float))

    def known(self) -> dict[str, Floats]:
        """The quantities that are given, by name, the temperature first."""
        return {name: values for name, values in vars(self).items() if values is not None}

    def at(self, place: Integers) -> Weather:
        """The weather of some places of the arrays, in the shape of `place`."""
        return Weather(**{name: values[place] for name, values in self.known().items()})


@dataclass(frozen=True)
class Record:
    """Consecutive civil hours, shape (hours,). Raises `InputError` with all that is wrong.

    `hour` starts each hour in the plant's standard time, `load_mw` is its mean heat load, `weather`
    what was observed, `day_off` true on weekends and holidays. Loads and weather may be NaN: where
    a reading is missing, outside the heating season, and after the last reading, where only the
    calendar is known.
    """

    hour: Hours
    load_mw: Floats
    weather: Weather
    day_off: Flags

    def __post_init__(self) -> None:
        hour = np.asarray(self.hour, "datetime64[h]")
        object.__setattr__(self, "hour", hour)
        object.__setattr__(self, "load_mw", np.asarray(self.load_mw, float))
        object.__setattr__(self, "day_off", np.asarray(self.day_off, bool))
        columns = {"load_mw": self.load_mw, "day_off": self.day_off, **self.weather.known()}
        problems = [
            Problem(name, "forecast_size", str(hour.size))
            for name, values in columns.items()
            if values.shape != hour.shape
        ]
        problems += infinities(load_mw=self.load_mw, **self.weather.known())
        jumps = np.flatnonzero(np.diff(hour) != np.timedelta64(1, "h"))
        problems += [Problem("hour", "forecast_hours", str(hour[place + 1])) for place in jumps[:1]]
        if problems:
            raise InputError(problems)

    def until(self, end: int) -> Record:
        """The first `end` hours."""
        return Record(
            self.hour[:end], self.load_mw[:end], self.weather.at(np.arange(end)), self.day_off[:end]
        )


@dataclass(frozen=True)
class Issued:
    """Moments of forecasting, `issue`, shape (issues,), and the `weather` forecast then.

    A forecast issued at place i of a record knows the loads and the weather before i, and the
    calendar and `weather`, shape (issues, horizon), from i on.
    """

    issue: Integers
    weather: Weather

    def __post_init__(self) -> None:
        object.__setattr__(self, "issue", np.asarray(self.issue, np.int64))

    @property
    def horizon(self) -> int:
        """Hours that each forecast looks ahead."""
        return int(self.weather.temperature_c.shape[-1])

    @property
    def target(self) -> Integers:
        """The place in the record of every hour forecast, shape (issues, horizon)."""
        return self.issue[:, None] + np.arange(self.horizon)

    def check(self, record: Record) -> None:
        """Raise `InputError` where a forecast leaves the record or misses a weather figure."""
        shape = (self.issue.size, self.horizon)
        weather = self.weather.known()
        problems = [
            Problem(name, "forecast_size", "×".join(map(str, shape)))
            for name, values in weather.items()
            if values.shape != shape
        ]
        problems += infinities(**weather)
        if set(weather) != set(record.weather.known()):
            problems.append(Problem("weather", "forecast_weather", ", ".join(weather)))
        outside = (self.issue < 1) | (self.issue + self.horizon > record.hour.size)
        problems += [Problem("issue", "forecast_issue", str(i)) for i in self.issue[outside][:1]]
        if problems:
            raise InputError(problems)

    def some(self, chosen: Flags) -> Issued:
        """The forecasts where `chosen`, shape (issues,), is true."""
        return Issued(self.issue[chosen], self.weather.at(np.flatnonzero(chosen)))


def in_hindsight(record: Record, issue: Integers, horizon: int) -> Issued:
    """Forecasts whose weather turns out exactly as observed."""
    ahead = np.asarray(issue, np.int64)[:, None] + np.arange(horizon)
    return Issued(issue, record.weather.at(ahead))


def infinities(**named: Floats) -> list[Problem]:
    """A problem for each array that holds an infinity; NaN is allowed, for it means unknown."""
    return [
        Problem(name, "forecast_infinite")
        for name, values in named.items()
        if np.isinf(values).any()
    ]
