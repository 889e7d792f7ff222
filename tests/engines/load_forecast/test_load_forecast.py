"""Forecasts of heat load: nothing from the future, honest quantiles, gaps with their reasons."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.load_forecast.forecaster import fit
from songhua.engines.load_forecast.intervals import calibrate
from songhua.engines.load_forecast.methods import METHODS
from songhua.engines.load_forecast.reasons import Gaps, Reason
from songhua.engines.load_forecast.recent import WINDOWS_H, recent
from songhua.engines.load_forecast.record import Issued, Record, Weather, in_hindsight
from songhua.engines.load_forecast.ridge import ridge
from songhua.engines.load_forecast.scores import score
from songhua.engines.load_forecast.weather_error import with_temperature_error
from songhua.kit.errors import InputError

SERIES = (
    Path(__file__).resolve().parents[4]
    / "shared/data/heating/flensburg_dh_load_2014_2016.csv"
)  # fmt: skip
HOURS = 150 * 24


def plant(seed=0, *, noise=2.0, wind=False):
    """A season at a plant whose load follows temperature, the hour and, if asked, the wind."""
    rng = np.random.default_rng(seed)
    hour = np.datetime64("2023-10-20T00", "h") + np.arange(HOURS)
    step = np.arange(HOURS)
    drift = np.convolve(rng.normal(0, 1, HOURS + 47), np.ones(48), "valid")
    temperature = -8 + 0.8 * drift + 3 * np.sin(2 * np.pi * (step - 9) / 24)
    breeze = np.abs(rng.normal(3, 2, HOURS))
    load = 60 + 2 * (18 - temperature) + 8 * np.sin(2 * np.pi * step / 24)
    load = load + wind * 3 * breeze + rng.normal(0, noise, HOURS)
    weather = Weather(temperature, breeze if wind else None)
    return Record(hour, load, weather, (step // 24) % 7 >= 5)


@pytest.fixture(scope="module")
def trained():
    record = plant()
    return record, fit(record.until(100 * 24), horizon=36)


ISSUES = np.arange(101 * 24, HOURS - 36, 31)


@pytest.mark.parametrize("method", METHODS)
def test_a_shuffled_future_changes_nothing(method):
    record, rng = plant(), np.random.default_rng(1)
    known, issue = 100 * 24, 110 * 24
    issued = in_hindsight(record, np.array([issue]), 36)

    forecaster = fit(record.until(known), 36, method)
    load, temperature = record.load_mw.copy(), record.weather.temperature_c.copy()
    rng.shuffle(load[issue:])
    rng.shuffle(temperature[issue:])
    shuffled = Record(record.hour, load, Weather(temperature), record.day_off)
    before, after = (forecaster.forecast(whole, issued) for whole in (record, shuffled))
    assert np.array_equal(before.load_mw, after.load_mw)
    assert np.array_equal(before.quantile_mw, after.quantile_mw)
    past = record.load_mw.copy()
    past[issue - 48 : issue] += 20
    moved = forecaster.forecast(replace(record, load_mw=past), issued)
    assert not np.array_equal(before.load_mw, moved.load_mw)


def test_training_repeats_and_reads_nothing_behind_the_last_load(trained):
    record, forecaster = trained
    blind = replace(
        record, load_mw=np.where(np.arange(HOURS) < 100 * 24, record.load_mw, np.nan)
    )  # fmt: skip
    issued = in_hindsight(record, ISSUES, 36)
    one, other = (each.forecast(record, issued) for each in (forecaster, fit(blind, 36)))
    assert np.array_equal(one.quantile_mw, other.quantile_mw)


def test_what_weather_explains_is_forecast_down_to_the_noise(trained):
    record, forecaster = trained
    issued = in_hindsight(record, ISSUES, 36)
    found = forecaster.forecast(record, issued)
    worth = score(record.load_mw[issued.target], found.load_mw, found.quantile_mw, found.levels)
    assert worth.nrmse * record.load_mw.mean() < 1.3 * 2.0
    assert 0.7 < worth.coverage < 0.9


def test_wind_is_used_where_it_is_known():
    windy = plant(wind=True)
    calm = replace(windy, weather=Weather(windy.weather.temperature_c))
    errors = []
    for record in (windy, calm):
        issued = in_hindsight(record, ISSUES, 24)
        load_mw = fit(record.until(100 * 24), 24, "ridge").forecast(record, issued).load_mw
        errors.append(np.abs(load_mw - record.load_mw[issued.target]).mean())
    assert errors[0] < 0.6 * errors[1]


def test_quantiles_rise_with_their_level_and_the_forecast_fits_a_shorter_horizon(trained):
    record, forecaster = trained
    issued = in_hindsight(record, ISSUES, 24)
    found = forecaster.forecast(record, issued, (0.05, 0.25, 0.5, 0.75, 0.95))
    assert found.quantile_mw.shape == (ISSUES.size, 24, 5)
    assert (np.diff(found.quantile_mw, axis=-1) >= 0).all()


def test_an_archive_of_weather_forecasts_widens_the_quantiles():
    record, rng = plant(noise=0.5), np.random.default_rng(3)
    past = with_temperature_error(in_hindsight(record, np.arange(336, 2300, 7), 24), rng)
    issued = with_temperature_error(in_hindsight(record, ISSUES, 24), rng)
    load = record.load_mw[issued.target]
    coverage = []
    for archive in (None, past):
        found = fit(record.until(100 * 24), 24, "ridge", archive).forecast(record, issued)
        worth = score(load, found.load_mw, found.quantile_mw, found.levels)
        coverage.append(worth.coverage)
    assert coverage[0] < 0.6
    assert 0.7 < coverage[1] < 0.9


def test_gaps_are_counted_and_forecasts_say_why_they_are_what_they_are(trained):
    record, forecaster = trained
    load, temperature = record.load_mw.copy(), record.weather.temperature_c.copy()
    load[500:560] = np.nan
    temperature[700:704] = np.nan
    temperature[900:920] = np.nan
    broken = Record(record.hour, load, Weather(temperature), record.day_off)
    assert fit(broken.until(100 * 24), 24, "ridge").gaps == Gaps(load=60, held=10, weather=14)

    load, temperature = record.load_mw.copy(), record.weather.temperature_c.copy()
    load[2500:2900] = np.nan
    temperature[3090:3100] = np.nan
    broken = Record(record.hour, load, Weather(temperature), record.day_off)
    issued = in_hindsight(record, np.array([2600, 2880, 3000, 3100]), 36)
    ahead = issued.weather.temperature_c.copy()
    ahead[0, 30] = np.nan
    found = forecaster.forecast(broken, Issued(issued.issue, Weather(ahead)))
    assert (found.reason[0, :30] == Reason.NORMAL).all()
    assert (found.reason[0, 30:] == Reason.UNKNOWN).all()
    assert np.isnan(found.load_mw[0, 30:]).all()
    assert (found.reason[1] == Reason.NO_RECENT_LOAD).all()
    assert (found.reason[2] == Reason.NORMAL).all()
    assert (found.reason[3] == Reason.OLD_WEATHER).all()
    assert np.isfinite(found.load_mw[1:]).all()
    assert np.isfinite(found.quantile_mw[1:]).all()
    for method in ("persistence", "lightgbm"):
        alone = fit(record.until(100 * 24), 36, method).forecast(broken, issued)
        assert (alone.reason[1] == Reason.UNKNOWN).all()
        assert np.isnan(alone.load_mw[1]).all()


def test_ridge_without_noise_finds_the_coefficients():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(400, 3))
    fitted = ridge(features, 5 + features @ [1.0, -2.0, 0.5], np.arange(400) // 20)
    assert fitted.intercept == pytest.approx(5, abs=1e-3)
    assert fitted.slope == pytest.approx([1.0, -2.0, 0.5], abs=1e-3)


def test_recent_errors_are_those_counted_back_from_the_issue():
    error = np.arange(1000.0)
    found = recent(error, np.array([500]), 72)
    assert found[0, 0, : len(WINDOWS_H)] == pytest.approx([499.5 - n / 2 for n in WINDOWS_H])
    assert found[0, :48, 8].tolist() == [*range(476, 500), *range(476, 500)]
    assert found[0, :, 11].tolist() == list(range(332, 404))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 100))
def test_conformal_quantiles_cover_what_is_exchangeable(seed, size):
    rng = np.random.default_rng(seed)
    forecast = rng.uniform(10, 1000, (4000, 2))
    load = forecast + size * np.sqrt(forecast) * rng.standard_t(4, forecast.shape)
    intervals = calibrate(load[:2000], forecast[:2000])
    bounds = intervals.quantiles(forecast[2000:], (0.1, 0.9))
    inside = (load[2000:] >= bounds[..., 0]) & (load[2000:] <= bounds[..., 1])
    assert inside.mean() == pytest.approx(0.8, abs=0.05)


def test_temperature_errors_grow_with_the_lead_time():
    record = plant()
    issued = in_hindsight(record, np.arange(300, 3300), 72)
    wrong = with_temperature_error(issued, np.random.default_rng(0)).weather.temperature_c
    spread = (wrong - issued.weather.temperature_c).std(axis=0)
    assert spread[[0, 24, 71]] == pytest.approx([0.8, 1.2, 1.98], rel=0.05)


def test_what_does_not_fit_is_refused_all_at_once(trained):
    record, forecaster = trained
    hour = record.hour.copy()
    hour[50:] += 1
    with pytest.raises(InputError) as refused:
        Record(hour, record.load_mw[:-1], Weather(np.full(HOURS, np.inf)), record.day_off)
    codes = [problem.code for problem in refused.value.problems]
    assert codes == ["forecast_size", "forecast_infinite", "forecast_hours"]
    late = Issued(np.array([HOURS - 10]), Weather(np.zeros((1, 48))))
    with pytest.raises(InputError, match="forecast_issue"):
        forecaster.forecast(record, late)
    with pytest.raises(InputError, match="forecast_horizon"):
        forecaster.forecast(record, in_hindsight(record, np.array([50]), 48))
    with pytest.raises(InputError, match="load_record_too_short"):
        fit(record.until(40 * 24))
    with pytest.raises(InputError, match="forecast_weather"):
        windy = plant(wind=True)
        forecaster.forecast(windy, in_hindsight(windy, ISSUES, 24))


@pytest.mark.slow
def test_flensburg_day_ahead_in_the_heating_months_of_2016():
    if not SERIES.is_file():
        pytest.skip(f"no load series at {SERIES}")
    import polars as pl

    table = pl.read_csv(SERIES, try_parse_dates=True)
    hour = table["date"].to_numpy().astype("datetime64[h]")
    record = Record(
        hour, table["load"].to_numpy(), Weather(table["temp"].to_numpy()),
        table["workday"].to_numpy() == 0,
    )  # fmt: skip
    begun = int(np.searchsorted(hour, np.datetime64("2016-01-01T00")))
    issue = np.arange(begun, hour.size, 24)
    month = hour[issue].astype("datetime64[M]").astype(int) % 12 + 1
    issued = in_hindsight(record, issue[(month <= 4) | (month >= 10)], 24)
    found = fit(record.until(begun), 24).forecast(record, issued)
    worth = score(record.load_mw[issued.target], found.load_mw, found.quantile_mw, found.levels)
    assert worth.hours == 213 * 24
    assert worth.mape <= 0.050
    assert 0.75 <= worth.coverage <= 0.85
