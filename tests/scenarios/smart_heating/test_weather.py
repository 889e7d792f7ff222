"""EPW: hours begin when they begin, what was not measured is unknown, wrong rows are named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue
from songhua.scenarios.smart_heating.importing.weather import from_epw

HEAD = """LOCATION,Harbin,Heilongjiang,CHN,CSWD,509530,45.75,126.77,8.0,142.3
DESIGN CONDITIONS,0
TYPICAL/EXTREME PERIODS,0
GROUND TEMPERATURES,0
HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0
COMMENTS 1,drawn for a test
COMMENTS 2,
DATA PERIODS,1,1,Data,Sunday,1/1,12/31
"""
ROW = "1988,1,1,{hour},60,A7,{c},-29.9,68,100800,0,0,148,{sun},9999,3,0,0,0,0,220,2.0,1,1\n"
WEATHER = HEAD + ROW.format(hour=1, c=-25.3, sun=0) + ROW.format(hour=24, c=99.9, sun=12)


def test_an_hour_is_the_instant_it_begins():
    found = from_epw(WEATHER)
    assert (found.place, found.latitude_deg, found.longitude_deg) == ("Harbin", 45.75, 126.77)
    first, last = found.hours
    assert first.begins == datetime(1987, 12, 31, 16, tzinfo=UTC)
    assert last.begins == datetime(1988, 1, 1, 15, tzinfo=UTC)
    assert (first.outdoor_c, first.humidity_percent, first.wind_m_per_s) == (-25.3, 68, 2)
    assert (last.global_w_per_m2, last.diffuse_w_per_m2) == (12, 3)


def test_what_was_not_measured_is_unknown_and_counted():
    found = from_epw(WEATHER)
    assert found.hours[1].outdoor_c is None
    assert {(p.where, p.value) for p in found.unknown} == {
        ("outdoor_c", "1"), ("direct_w_per_m2", "2"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("1988,1,1,24", "1988,2,30,24", "EPW 10", "importing_weather_row"),
        ("1988,1,1,24", "1988,1,1,25", "EPW 10", "importing_weather_row"),
        ("-25.3", "cold", "EPW 9", "importing_weather_row"),
        ("-25.3", "-273.15", "EPW 9", "importing_weather_row"),
        ("Data,Sunday", "Data", "", ""),
        ("PERIODS,1,1", "PERIODS,1,4", "DATA PERIODS", "importing_weather_hourly"),
        ("45.75", "north", "LOCATION", "importing_weather_header"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(old, new, where, code):
    if not code:
        assert from_epw(WEATHER.replace(old, new)).hours
        return
    with pytest.raises(InputError) as caught:
        from_epw(WEATHER.replace(old, new))
    assert [(p.where, p.code) for p in caught.value.problems] == [(where, code)]


@given(place=st.integers(0, 900), junk=st.text(max_size=6))
def test_a_file_spoilt_anywhere_ends_in_weather_or_named_problems(place, junk):
    at = place % len(WEATHER)
    try:
        from_epw(WEATHER[:at] + junk + WEATHER[at + len(junk) :])
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)
