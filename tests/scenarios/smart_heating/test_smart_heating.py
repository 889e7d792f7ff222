"""Smart heating: a forecast knows nothing of what it forecasts, and a cold room is found."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from songhua.kit.conform import conform
from songhua.kit.errors import InputError
from songhua.kit.random import generator
from songhua.runtime.execute import execute
from songhua.scenarios.smart_heating import scenario
from songhua.scenarios.smart_heating.actions import ComfortParams, ForecastParams, TrialParams

MIDNIGHT = datetime(2024, 1, 14, 16, tzinfo=UTC)  # in Harbin


def sample(name: str) -> pl.DataFrame:
    source = (files(scenario.package) / "sample" / f"{name}.csv").read_bytes()
    return conform(scenario.dataset(name), pl.read_csv(source, infer_schema=False))


def run(action: str, params: object, **tables: pl.DataFrame):
    return execute(scenario, scenario.action(action), tables, params, 1)


def rooms(*rows: tuple[str, float, float | None]) -> pl.DataFrame:
    """Readings from (room, hours after midnight, °C)."""
    return pl.DataFrame(
        [{"room_id": room, "building_id": "B", "room_c": value,
          "read_at": MIDNIGHT + timedelta(hours=hours)} for room, hours, value in rows],
        schema_overrides={"read_at": pl.Datetime("us", "UTC"), "room_c": pl.Float64},
    ).select("room_id", "building_id", "read_at", "room_c")  # fmt: skip


def judged(frame: pl.DataFrame, least_c: float = 18):
    action = scenario.action("judge_rooms")
    return action.function(
        room_readings=frame, params=ComfortParams(least_c=least_c), rng=generator(1)
    )


def test_the_forecast_begins_where_the_record_ends_and_covers_the_weather_given():
    tables = {name: sample(name) for name in ("heat_loads", "weather_forecast")}
    made = run("forecast_load", ForecastParams(method="ridge"), **tables).tables["load_forecast"]
    assert made["hour"].to_list() == tables["weather_forecast"]["hour"].to_list()
    assert (made["low_mw"] <= made["load_mw"]).all() and (made["load_mw"] <= made["high_mw"]).all()
    assert set(made["reason"]) == {"normal"}
    mean = tables["heat_loads"]["load_mw"].tail(168).mean()
    assert abs(made["load_mw"].mean() - mean) < 0.35 * mean


def test_loads_after_the_forecasts_first_hour_change_nothing():
    """What is known of the hours to be forecast must not be looked at: here it is shuffled."""
    loads, weather = sample("heat_loads"), sample("weather_forecast")
    short = loads.head(loads.height - 72)
    ahead = loads.tail(72).select("hour", "outdoor_c")
    one = run("forecast_load", ForecastParams(method="ridge"), heat_loads=short,
              weather_forecast=ahead)  # fmt: skip
    more = pl.concat([ahead, weather.with_columns(pl.lit(-40.0).alias("outdoor_c"))])
    other = run("forecast_load", ForecastParams(method="ridge"), heat_loads=short,
                weather_forecast=more.head(72))  # fmt: skip
    assert one.tables["load_forecast"].equals(other.tables["load_forecast"])


def test_the_trial_beats_the_day_before_on_the_sample():
    made = run("assess_forecast", TrialParams(), heat_loads=sample("heat_loads"))
    assert made.kpis["error_percent"] < made.kpis["persistence_error_percent"]
    assert 0 <= made.kpis["coverage_percent"] <= 100
    assert made.tables["forecast_trial"].height <= 14 * 24


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda t: t.with_columns(pl.lit(None, pl.Float64).alias("load_mw")), "heating_no_load"),
        (lambda t: t.with_columns(pl.col("hour").dt.offset_by("10m")), "heating_not_whole_hour"),
        (lambda t: t.head(500), "load_record_too_short"),
    ],
)
def test_a_record_that_will_not_do_is_refused_with_its_reason(spoil, code):
    loads = spoil(sample("heat_loads"))
    last = loads["hour"].max()
    ahead = pl.DataFrame({"hour": [last + timedelta(hours=n) for n in range(1, 25)],
                          "outdoor_c": [-20.0] * 24})  # fmt: skip
    with pytest.raises(InputError) as caught:
        run("forecast_load", ForecastParams(), heat_loads=loads, weather_forecast=ahead)
    assert caught.value.problems[0].code == code


def test_a_forecast_with_a_gap_or_without_a_future_is_refused():
    loads, weather = sample("heat_loads"), sample("weather_forecast")
    gap = weather.filter(pl.int_range(pl.len()) != 5)
    for given, code in ((gap, "heating_weather_gap"),
                        (weather.with_columns(pl.col("hour").dt.offset_by("-1y")),
                         "heating_weather_ends")):  # fmt: skip
        with pytest.raises(InputError) as caught:
            run("forecast_load", ForecastParams(), heat_loads=loads, weather_forecast=given)
        assert caught.value.problems[0].code == code


def test_degree_hours_and_cold_days_are_counted_by_hand():
    made = judged(
        rooms(("a", 0, 17.0), ("a", 0.5, 16.0), ("a", 1.5, 20.0), ("a", 30, 17.5), ("b", 0, 21.0))
    )
    first, second = made.tables["room_comfort"].rows(named=True)
    # 1 K for half an hour, 2 K for an hour; the last reading has no next one.
    assert first["room_id"] == "a" and first["cold_dose"] == pytest.approx(2.5)
    assert (first["cold_days"], first["readings"], first["warm_share"]) == (2, 4, 0.25)
    assert (second["room_id"], second["cold_dose"], second["cold_days"]) == ("b", 0.0, 0)
    assert made.kpis == {"warm_share": 0.4, "cold_rooms": 1.0, "mean_room_c": pytest.approx(18.3)}


def test_a_silent_sensor_is_no_warm_room_and_no_cold_one():
    made = judged(rooms(("dead", 0, None), ("dead", 1, None), ("a", 0, 19.0)))
    dead = made.tables["room_comfort"].filter(pl.col("room_id") == "dead").row(0, named=True)
    assert (dead["readings"], dead["mean_c"], dead["warm_share"]) == (0, None, None)
    assert made.kpis["cold_rooms"] == 0 and made.kpis["warm_share"] == 1
    none = judged(rooms(("dead", 0, None)))
    assert none.kpis["warm_share"] is None and none.kpis["mean_room_c"] is None


def test_a_higher_promise_never_finds_fewer_cold_rooms():
    frame = sample("room_readings")
    found = [judged(frame, limit).kpis["cold_rooms"] for limit in np.arange(14, 24, 1.0)]
    assert found == sorted(found)
