"""Heat exchangers against their textbook formulae, and what holds for every station."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.engines.substations.curve import Curve, trim
from songhua.engines.substations.exchanger import Exchangers, effectiveness
from songhua.engines.substations.valve import Reason, primary_flow
from songhua.kit.errors import InputError

CP = 4190.0


def station(ua=2e5, primary=10.0, secondary=25.0, **more):
    return Exchangers(np.array([ua]), np.array([primary]), np.array([secondary]), **more)


@given(st.floats(0, 20))
def test_limits_of_the_capacity_ratio(ntu):
    assert effectiveness(ntu, 0) == pytest.approx(1 - np.exp(-ntu), rel=1e-12, abs=1e-15)
    assert effectiveness(ntu, 1) == pytest.approx(ntu / (1 + ntu), rel=1e-12)


@given(st.floats(0.01, 20), st.floats(0.001, 0.99))
def test_between_the_limits_it_is_the_textbook_formula(ntu, ratio):
    left = np.exp(-ntu * (1 - ratio))
    assert effectiveness(ntu, ratio) == pytest.approx((1 - left) / (1 - ratio * left), rel=1e-10)


@given(st.floats(0.01, 20), st.floats(1e-16, 1e-6))
def test_nearly_equal_streams_are_as_good_as_equal_ones(ntu, apart):
    assert effectiveness(ntu, 1 - apart) == pytest.approx(ntu / (1 + ntu), rel=30 * apart + 1e-14)


@given(st.floats(1e4, 1e6), st.floats(1, 30), st.floats(1, 30), st.floats(60, 130))
def test_heat_is_conductance_times_the_logarithmic_mean_difference(ua, primary, secondary, hot):
    heat = station(ua, flow_exponent=0.0).heat_w(primary, hot, secondary, 40.0)[0]
    hot_end = hot - (40 + heat / (CP * secondary))
    cold_end = hot - heat / (CP * primary) - 40
    if min(hot_end, cold_end) < 1e-3:
        return
    if abs(hot_end / cold_end - 1) < 1e-6:
        mean = hot_end
    else:
        mean = (hot_end - cold_end) / np.log(hot_end / cold_end)
    assert heat == pytest.approx(ua * mean, rel=1e-5)


def test_conductance_is_that_of_the_design_at_the_design_and_follows_its_films():
    exchanger = station()
    assert exchanger.conductance_w_per_k(10.0, 25.0)[0] == pytest.approx(2e5)
    assert exchanger.conductance_w_per_k(5.0, 12.5)[0] == pytest.approx(2e5 * 0.5**0.7)
    films = 2 / (1 / 0.5**0.7 + 1)
    assert exchanger.conductance_w_per_k(5.0, 25.0)[0] == pytest.approx(2e5 * films)
    assert exchanger.conductance_w_per_k(0.0, 25.0)[0] == 0


@given(st.floats(80, 130), st.floats(5, 40), st.floats(30, 45), st.floats(0.5, 20))
def test_the_valve_finds_the_wanted_supply_or_says_why_not(supply, secondary, back, rise):
    found = primary_flow(station(), supply, secondary, back, back + rise, 30.0)
    gained = CP * secondary * (found.secondary_supply_c - back)
    given_up = CP * found.primary_kg_per_s * (supply - found.primary_return_c)
    assert gained[0] == pytest.approx(found.heat_w[0], rel=1e-9)
    assert given_up[0] == pytest.approx(found.heat_w[0], rel=1e-9)
    assert found.primary_return_c[0] >= back - 1e-9
    if found.reason[0] == Reason.NORMAL:
        assert found.secondary_supply_c[0] == pytest.approx(back + rise, abs=1e-9)
    else:
        assert found.reason[0] == Reason.TOO_SMALL
        assert found.primary_kg_per_s[0] == 30
        assert found.secondary_supply_c[0] < back + rise


def test_stations_that_cannot_have_a_reason():
    four = Exchangers(np.full(4, 2e5), np.full(4, 10.0), np.full(4, 25.0))
    found = primary_flow(
        four, np.array([90, 90, 48, 90.0]), np.array([0, 25, 25, 25.0]),
        np.array([40, 50, 40, 40.0]), np.array([50, 45, 50, 50.0]), np.full(4, 0.5),
    )  # fmt: skip
    wanted = [Reason.NO_DEMAND, Reason.NO_DEMAND, Reason.TOO_COLD, Reason.TOO_SMALL]
    assert found.reason.tolist() == wanted
    assert found.primary_kg_per_s.tolist() == [0, 0, 0.5, 0.5]
    assert np.isfinite(found.primary_return_c).all()
    assert found.secondary_supply_c[1] == 50


@given(st.floats(-40, 25), st.floats(0.1, 5))
def test_the_curve_falls_as_it_grows_warmer_and_its_spread_carries_the_load(outdoor, warmer):
    curve = Curve(75, 50, 20, -24.2)
    supply, back = curve.temperatures_c(np.array([outdoor, outdoor + warmer]))
    assert supply[1] <= supply[0]
    share = max(20 - outdoor, 0) / 44.2
    assert supply[0] - back[0] == pytest.approx(25 * share, abs=1e-9)
    # The radiators then give just the load: (mean - room) to the power 1 + b.
    mean = (supply[0] + back[0]) / 2 - 20
    assert (mean / 42.5) ** 1.3 == pytest.approx(share, abs=1e-9)


@given(st.lists(st.floats(-50, 60), min_size=1, max_size=50))
def test_the_trim_never_leaves_its_bounds(rooms):
    correction = np.zeros(1)
    for room in rooms:
        before, correction = correction, trim(correction, np.array([room]), 20, 0.3, 1, 3)
        assert abs(correction[0]) <= 3
        assert (correction[0] - before[0]) * (20 - room) >= 0


def test_what_cannot_be_is_refused():
    with pytest.raises(InputError, match="substation_not_positive"):
        station(ua=-1)
    with pytest.raises(InputError, match="substation_curve_order"):
        Curve(50, 75, 20, -24)
    with pytest.raises(InputError, match="substation_not_finite"):
        primary_flow(station(), np.nan, 25, 40, 50, 30)
