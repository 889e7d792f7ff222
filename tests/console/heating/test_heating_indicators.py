"""Indicators are what a careful person would compute by hand; what is not known is not 0."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.console.heating import indicators, network
from songhua.console.heating.balance import degrees

AT = datetime(2026, 1, 5, tzinfo=UTC)
DAY = timedelta(days=1)


def table(**devices):
    """Readings every ten minutes from `AT` on, a constant or a list of values for each device."""
    rows = []
    for device, values in devices.items():
        values = values if isinstance(values, list) else [float(values)] * 144
        rows += [(device, AT + n * timedelta(minutes=10), v) for n, v in enumerate(values)]
    schema = {"device_id": pl.String, "ts_utc": pl.Datetime("us", "UTC"), "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def season(**changed):
    tables = {
        "heat_mw": table(a=60, b=40), "makeup_kg_per_s": table(p=0.5), "outdoor_c": table(p=-12),
        "room_c": table(r=21, s=17.9),
    }  # fmt: skip
    return indicators.season(tables | changed, {"a": 400.0, "b": 100.0}, 1_000_000.0, AT, AT + DAY)


def test_a_day_of_constant_figures_comes_to_what_it_must():
    assert season() == pytest.approx({
        "heat_mwh": 2400, "degree_days": 30, "kwh_per_m2_hdd": 2400 * 1000 / (1e6 * 30),
        "comfort_share": 0.5, "peak_mw": 100, "makeup_m3": 43.2,
        "co2_kg": 24 * (60 * 400 + 40 * 100),
    })  # fmt: skip


def test_what_is_not_read_is_not_zero():
    nothing = table()
    figures = season(heat_mw=nothing, makeup_kg_per_s=nothing, outdoor_c=nothing, room_c=nothing)
    assert set(figures.values()) == {None}


def test_half_a_day_without_a_meter_leaves_the_sum_unknown():
    figures = season(heat_mw=table(a=60, b=[40.0] * 72))
    assert figures["heat_mwh"] is figures["kwh_per_m2_hdd"] is figures["co2_kg"] is None
    assert figures["peak_mw"] == 100  # of the hours in which both were read


def test_warm_weather_counts_no_degree_days_and_divides_nothing():
    figures = season(outdoor_c=table(p=25))
    assert (figures["degree_days"], figures["kwh_per_m2_hdd"]) == (0, None)


@given(st.lists(st.floats(0, 100), min_size=12, max_size=12), st.integers(1, 11))
def test_two_parts_of_a_day_equal_the_whole(values, cut):
    rows, middle = table(a=values), AT + cut * timedelta(minutes=10)
    ends = AT + 12 * timedelta(minutes=10)
    first = indicators.integral(rows.filter(pl.col("ts_utc") < middle), 1, AT, middle)
    second = indicators.integral(rows.filter(pl.col("ts_utc") >= middle), 1, middle, ends)
    whole = indicators.integral(rows, 1, AT, ends)
    assert first + second == pytest.approx(whole)


def test_a_silent_sensor_counts_for_an_hour_at_most():
    rows = table(a=[10.0, 10.0])
    assert indicators.held(rows, AT + DAY)["hours"].to_list() == pytest.approx([1 / 6, 1.0])


def test_refund_days_are_civil_days_with_a_reading_below_18():
    """16:00 UTC is midnight of the city."""
    rows = table(cold=[17.0] * 144, warm=21, once=[20.0] * 143 + [17.9])
    found = indicators.cold_days(rows, AT + DAY).to_dicts()
    days = {(row["device_id"], str(row["day"])): row for row in found}
    assert set(days) == {("cold", "2026-01-05"), ("cold", "2026-01-06"), ("once", "2026-01-06")}
    assert days["cold", "2026-01-05"]["cold_hours"] == 16
    assert days["cold", "2026-01-06"]["cold_hours"] == 8
    assert days["once", "2026-01-06"]["cold_hours"] == pytest.approx(1 / 6, abs=0.01)


some = st.just(0.0) | st.floats(0.01, 100)
flows = st.dictionaries(st.sampled_from("abcdef"), some, max_size=6)


@given(flows, flows)
def test_the_design_flows_weigh_the_degrees_to_one(now, design):
    found = degrees(now, design)
    weight = sum(design[d] for d in found)
    if found:
        mean = sum(found[d] * design[d] for d in found) / weight
        assert mean == pytest.approx(1)


def test_flow_in_proportion_to_design_is_balanced():
    assert degrees({"a": 3.0, "b": 6.0}, {"a": 5.0, "b": 10.0}) == {"a": 1.0, "b": 1.0}


class Pipe:
    def __init__(self, start_id, end_id, length_m):
        self.start_id, self.end_id, self.length_m = start_id, end_id, length_m


def test_ways_are_the_shortest_to_the_nearest_source():
    pipes = [Pipe(1, 2, 10), Pipe(2, 3, 10), Pipe(1, 3, 50), Pipe(3, 4, 1), Pipe(8, 9, 1)]
    found = network.reached(pipes, [1, 4])
    assert found == {1: (0, 1), 4: (0, 4), 3: (1, 4), 2: (10, 1)}


@given(st.lists(st.floats(-40, 130), max_size=30))
def test_every_value_has_a_class_with_a_name(values):
    bounds = network.bins(values)
    named = dict(network.named(bounds))
    for value in [*values, None]:
        assert not named or network.colour(value, bounds) in named
