"""What a heating dispatcher can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from pydantic import Field

from songhua.kit.params import Params
from songhua.kit.spec import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

NEVER_BELOW = 0.0


class ForecastParams(Params):
    """Which method, from which hour on is taken from the weather forecast."""

    method: Literal["hybrid", "ridge", "persistence"] = "hybrid"


class TrialParams(ForecastParams):
    """How many of the last days the method is tried on, without having seen them."""

    trial_days: int = Field(14, ge=7, le=120)


class ComfortParams(Params):
    """From which temperature on a room is warm enough: 18 °C by the city's rules in force
    (哈尔滨市城市供热办法); a stricter promise may be entered."""

    least_c: float = Field(18, ge=10, le=26)


def forecast_load(
    *,
    heat_loads: pl.DataFrame,
    weather_forecast: pl.DataFrame,
    params: ForecastParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """The load of every hour that the weather forecast holds after the last hour of the record,
    with the range in which it lies four times out of five. Nothing is drawn at random."""
    from songhua.engines.load_forecast.forecaster import fit
    from songhua.engines.load_forecast.reasons import Reason
    from songhua.engines.load_forecast.record import Issued, Weather
    from songhua.scenarios.smart_heating.hours import joined, record_of

    frame, issue = joined(heat_loads, weather_forecast)
    record = record_of(frame)
    horizon = frame.height - issue
    forecaster = fit(record.until(issue), horizon, params.method)
    progress(0.9)
    ahead = Weather(record.weather.temperature_c[None, issue:])
    made = forecaster.forecast(record, Issued(np.array([issue]), ahead))
    low, load, high = (np.maximum(made.quantile_mw[0, :, i], NEVER_BELOW) for i in range(3))
    load = np.maximum(made.load_mw[0], NEVER_BELOW)
    table = pl.DataFrame(
        {
            "hour": frame["hour"][issue:],
            "load_mw": load,
            "low_mw": np.minimum(low, load),
            "high_mw": np.maximum(high, load),
            "reason": [Reason(code).name.lower() for code in made.reason[0]],
        }
    ).with_columns(pl.col("load_mw", "low_mw", "high_mw").fill_nan(None))
    known = table["load_mw"].drop_nulls()
    whole = known.len() == table.height
    return Outcome(
        {"load_forecast": table},
        {
            "mean_load_mw": _number(known.mean()),
            "peak_load_mw": _number(known.max()),
            "heat_mwh": _number(known.sum()) if whole else None,
        },
    )


def assess_forecast(
    *,
    heat_loads: pl.DataFrame,
    params: TrialParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """What the method is worth on this plant: trained without the last days, asked at each of
    their midnights for the day ahead, with the weather as it then was. Beside it stands the load of
    the day before."""
    from songhua.engines.load_forecast.forecaster import LEVELS, fit
    from songhua.engines.load_forecast.record import in_hindsight
    from songhua.engines.load_forecast.scores import score
    from songhua.scenarios.smart_heating.hours import midnights, record_of, whole_hours

    frame = whole_hours(heat_loads)
    record = record_of(frame)
    issues = midnights(frame, params.trial_days)
    issued = in_hindsight(record, issues, 24)
    forecaster = fit(record.until(int(issues[0])), 24, params.method)
    progress(0.9)
    made = forecaster.forecast(record, issued)
    truth = record.load_mw[issued.target]
    worth = score(truth, made.load_mw, made.quantile_mw, LEVELS)
    before = record.load_mw[issued.target - 24]
    both = np.isfinite(before) & (truth > 0)
    naive = float(np.mean(np.abs(before[both] - truth[both]) / truth[both]))
    table = pl.DataFrame(
        {
            "hour": frame["hour"].gather(issued.target.ravel()),
            "load_mw": truth.ravel(),
            "forecast_mw": np.maximum(made.load_mw, NEVER_BELOW).ravel(),
            "persistence_mw": before.ravel(),
            "low_mw": np.maximum(made.quantile_mw[..., 0], NEVER_BELOW).ravel(),
            "high_mw": np.maximum(made.quantile_mw[..., -1], NEVER_BELOW).ravel(),
        }
    ).fill_nan(None)
    needed = ["load_mw", "forecast_mw", "low_mw", "high_mw"]
    return Outcome(
        {"forecast_trial": table.drop_nulls(needed)},
        {
            "error_percent": 100 * worth.mape,
            "persistence_error_percent": 100 * naive,
            "coverage_percent": 100 * worth.coverage,
        },
    )


def judge_rooms(*, room_readings: pl.DataFrame, params: ComfortParams, rng: Generator) -> Outcome:
    """Which rooms were too cold, how often and how far: the list that a refund is judged by.

    A reading stands for its own moment only; degree hours count a reading for the time until the
    next one of its room, an hour at most, so a silent sensor counts for nothing.
    """
    from songhua.scenarios.smart_heating.hours import ZONE_NAME

    short = (params.least_c - pl.col("room_c")).clip(lower_bound=0)
    until = pl.col("read_at").shift(-1).over("room_id", order_by="read_at") - pl.col("read_at")
    hours = (until.dt.total_seconds() / 3600).clip(upper_bound=1.0).fill_null(0.0)
    day = pl.col("read_at").dt.convert_time_zone(ZONE_NAME).dt.date()
    cold = pl.col("room_c") < params.least_c
    rooms = (
        room_readings.drop_nulls("room_c")
        .with_columns((short * hours).alias("kelvin_hours"), day.alias("day"), cold.alias("cold"))
        .group_by("room_id")
        .agg(
            pl.col("building_id").first(),
            pl.len().cast(pl.Int64).alias("readings"),
            pl.col("room_c").mean().alias("mean_c"),
            pl.col("room_c").min().alias("lowest_c"),
            (1 - pl.col("cold").mean()).alias("warm_share"),
            pl.col("kelvin_hours").sum().alias("cold_dose"),
            pl.col("day").filter("cold").n_unique().cast(pl.Int64).alias("cold_days"),
        )
    )
    silent = room_readings.join(rooms, "room_id", how="anti").unique("room_id")
    missing = silent.select(
        "room_id", "building_id", readings=pl.lit(0, pl.Int64), cold_days=pl.lit(0, pl.Int64)
    )
    table = pl.concat([rooms, missing], how="diagonal").sort(
        ["cold_dose", "room_id"], descending=[True, False], nulls_last=True
    )
    read = room_readings["room_c"].drop_nulls()
    return Outcome(
        {"room_comfort": table},
        {
            "warm_share": _number((read >= params.least_c).mean()),
            "cold_rooms": float((rooms["cold_days"] > 0).sum()),
            "mean_room_c": _number(read.mean()),
        },
    )


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
