"""Forecasts: silence is not zero, certainty is claimed only where nothing is left to guess."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.forecast import forecast
from songhua.governance.periods import add_months
from songhua.kit.errors import InputError

steps = st.lists(st.integers(-5, 20), min_size=3, max_size=24)


def series(increments, start=0):
    level, found = start, [(0, start)]
    for month, step in enumerate(increments, 1):
        level += step
        found.append((month, level))
    return found


def test_a_worked_example():
    """Increments 1, 2, 3: drift 2, s 1, K 3; three months on: 6 + 6, scale sqrt(3 + 9/3)."""
    found = forecast(series([1, 2, 3]), 12, 6)
    assert found.median == 12 and found.probability == pytest.approx(0.5)
    assert found.high - found.median == pytest.approx(1.8856180831 * sqrt(6))  # t(0.9; 2)
    assert (found.points, found.horizon_months, found.reason.code) == (4, 3, "forecast_computed")


def test_a_gap_is_a_longer_increment_not_a_zero():
    """Increments 2 in 1, 6 in 2, 1 in 1 months: drift 9/4, s^2 = (1/16 + 9/8 + 25/16) / 2."""
    with_gap = forecast([(0, 0), (1, 2), (2, None), (3, 8), (4, 9)], 20, 6, level=0.5)
    assert with_gap.median == 9 + 2 * 9 / 4
    scale = sqrt((1 / 16 + 9 / 8 + 25 / 16) / 2 * (2 + 4 / 4))
    assert with_gap.high - with_gap.median == pytest.approx(0.8164965809 * scale)  # t(0.75; 2)
    without = forecast([(0, 0), (1, 2), (3, 8), (4, 9)], 20, 6, level=0.5)
    assert without == with_gap


def test_dates_and_running_months_agree():
    figures = series([3, 1, 4, 1, 5])
    dated = [(add_months(date(2023, 1, 1), m), Decimal(v)) for m, v in figures]
    assert forecast(dated, 25, date(2023, 12, 31)) == forecast(figures, 25, 11)


@given(steps, st.integers(1, 12), st.integers(-50, 400), st.booleans())
def test_probability_and_interval_are_sound(increments, horizon, target, can_fall):
    figures = series(increments)
    end = len(increments) + horizon
    found = forecast(figures, target, end, can_fall=can_fall)
    assert 0 <= found.probability <= 1
    assert found.low <= found.median <= found.high
    harder = forecast(figures, target + 10, end, can_fall=can_fall)
    assert harder.probability <= found.probability + 1e-12
    if not can_fall:
        assert found.low >= figures[-1][1]


@given(steps, st.integers(1, 12), st.integers(-50, 400), st.integers(2, 9))
def test_the_unit_does_not_matter(increments, horizon, target, unit):
    figures, end = series(increments), len(increments) + horizon
    found = forecast(figures, target, end)
    scaled = forecast([(m, v * unit) for m, v in figures], target * unit, end)
    assert scaled.probability == pytest.approx(found.probability, abs=1e-12)
    assert scaled.high == pytest.approx(found.high * unit)


def test_too_short_a_series_gives_no_number():
    for figures in ([], [(0, 1)], series([1, 2]), [(0, 5), (1, None), (2, None), (3, None)]):
        found = forecast(figures, 10, 9)
        assert (found.probability, found.low, found.median, found.high) == (None,) * 4
        assert found.reason.code in ("forecast_too_short", "forecast_no_report")


def test_without_spread_the_comparator_decides():
    figures = series([2, 2, 2])
    at, above = (forecast(figures, 10, 5, comparator) for comparator in (">=", ">"))
    assert (at.probability, above.probability) == (1.0, 0.0)
    assert at.low == at.high == 10 and at.reason.code == "forecast_no_spread"


def test_a_month_already_reported_is_judged_not_forecast():
    figures = series([1, 2, 3])
    assert forecast(figures, 6, 3).probability == 1.0
    assert forecast(figures, 6, 3, ">").probability == 0.0
    assert forecast(figures, 3, 2).reason.code == "forecast_date_passed"
    assert forecast([*figures, (9, 20)], 6, 5).reason.code == "forecast_date_unreported"
    assert forecast([*figures, (9, 20)], 6, 5).probability is None


def test_what_only_grows_stays_met():
    figures = series([5, 1, 9, 0])
    assert forecast(figures, 15, 6, can_fall=False).probability == 1.0
    assert forecast(figures, 15, 6).probability < 1.0
    assert forecast([(0, 60)], 60, 6, can_fall=False).probability == 1.0
    assert forecast([(0, 60)], 60, 6, ">", can_fall=False).probability is None


def test_wrong_input_is_refused():
    for figures in ([(0, float("nan"))], [(0, 1), (0, 2)]):
        with pytest.raises(InputError):
            forecast(figures, 10, 5)
    with pytest.raises(InputError):
        forecast(series([1, 2, 3]), 10, 5, level=1.0)
