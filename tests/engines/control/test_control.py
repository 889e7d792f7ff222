"""Control: plans beside a general solver, balancing, delays, and strategies in a plant."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.buildings.model import simulate
from songhua.engines.control.balancing import balanced_opening, imbalance
from songhua.engines.control.delay import travel_s
from songhua.engines.control.planning import plan
from songhua.engines.control.predictive import Predictive, of_stations
from songhua.engines.control.strategies import Feedback, Outlook, WeatherCurve, rooms_of_stations
from songhua.engines.plant.plant import Plant
from songhua.kit.errors import InputError
from songhua.scenarios.smart_heating.city import simulated_city

BENCH = Path(__file__).parents[3] / "benchmarks" / "control"
CITY = simulated_city(2, sources=3, stations=8, buildings=24).equipment
PRICES = np.array([100.0, 250.0, 270.0])


def bench(name):
    spec = importlib.util.spec_from_file_location(f"control_{name}", BENCH / f"{name}.py")
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


drawn, least_cost = bench("draw").drawn, bench("full_program").least_cost


@settings(deadline=None, max_examples=15)
@given(stations=st.integers(1, 12), hours=st.integers(2, 48), seed=st.integers(0, 10**6))
def test_a_plan_costs_what_the_full_program_costs(stations, hours, seed):
    horizon = drawn({"stations": stations, "hours": hours, "seed": seed})
    found, best = plan(horizon), least_cost(horizon)
    assert found.bound <= best * (1 + 1e-6) + 1e-6
    assert found.cost >= best * (1 - 1e-6) - 1e-6
    assert found.gap <= 1e-4
    assert found.cost - best <= 1e-4 * abs(best) + 1e-6


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10**6), capacity=st.floats(0, 1.5), price=st.floats(0, 500))
def test_a_plan_keeps_every_bound_and_counts_every_watt(seed, capacity, price):
    horizon = drawn({"stations": 6, "hours": 24, "seed": seed})
    horizon = replace(
        horizon, source_most_mw=capacity * horizon.source_most_mw,
        price_per_mwh=horizon.price_per_mwh * 0 + price,
    )  # fmt: skip
    found = plan(horizon)
    assert (found.heat_mw >= 0).all()
    assert (found.heat_mw <= horizon.most_mw).all()
    assert (found.source_mw >= 0).all()
    assert (found.source_mw <= horizon.source_most_mw).all()
    later = horizon.sent >= 0
    sent = np.bincount(horizon.sent[later], found.heat_mw[later], 24) + horizon.loss_mw
    np.testing.assert_allclose(found.source_mw.sum(axis=0) + found.unmet_mw, sent, atol=1e-9)
    assert found.gap <= 1e-4


def test_cold_that_cannot_be_helped_is_named_and_no_error():
    horizon = drawn({"stations": 6, "hours": 24, "seed": 3})
    weak = replace(horizon, source_most_mw=0.2 * horizon.source_most_mw)
    found = plan(weak)
    named = {short.station for short in found.shortfalls}
    cold_k = np.maximum(weak.least_c[:, :-1] - found.room_c, 0)
    assert named == set(np.flatnonzero((cold_k > 0.05).any(axis=1)).tolist())
    assert named
    for short in found.shortfalls:
        assert short.worst_k == pytest.approx(cold_k[short.station].max())
    assert found.gap <= 1e-4


def test_a_plan_foretells_the_rooms_of_its_own_heat():
    rng = np.random.default_rng(0)
    from songhua.engines.control.horizon import horizon

    homes = of_stations(CITY)
    outdoor, free = rng.uniform(-20, -5, 24), rng.uniform(0, 1e5, (8, 24))
    start = np.column_stack((np.full(8, 20.0), np.full(8, 17.0)))
    made = horizon(
        homes, start, free, outdoor, least_c=20, most_c=22, most_w=np.full((8, 24), 5e6),
        delay=np.zeros(8, int), on_the_way_w=np.zeros((8, 24)), source_most_w=np.full(3, 5e7),
        price_per_mwh=PRICES, loss_w=np.zeros(24), early_per_mwh=100.0,
    )  # fmt: skip
    found = plan(made)
    rooms = simulate(homes, start, outdoor, (1e6 * found.heat_mw + free).T, 0 * outdoor, 3600.0)
    np.testing.assert_allclose(found.room_c, rooms[1:, :, 0].T, atol=1e-9)


def test_heat_moves_to_the_cheap_hours():
    horizon = drawn({"stations": 4, "hours": 24, "seed": 5})
    prices = np.tile(np.where(np.arange(24) % 24 < 12, 50.0, 400.0), (3, 1))
    prices = replace(horizon, price_per_mwh=prices, delay=0 * horizon.delay)
    level = replace(prices, price_per_mwh=0 * prices.price_per_mwh + 200)
    early = [plan(each).source_mw[:, :12].sum() for each in (prices, level)]
    assert early[0] > early[1]


def test_what_does_not_fit_a_plan_is_refused_all_at_once():
    horizon = drawn({"stations": 3, "hours": 6, "seed": 0})
    with pytest.raises(InputError) as caught:
        replace(horizon, loss_mw=np.zeros(5), base_c=horizon.base_c * np.nan, unmet_per_mwh=-1.0)
    assert {p.where for p in caught.value.problems} == {"loss_mw", "base_c", "unmet_per_mwh"}


def test_balancing_in_the_plant_makes_returns_alike():
    plant = Plant(CITY, np.random.default_rng(1), 0.1)
    opening = np.random.default_rng(2).uniform(0.4, 1, 8)
    spread = []
    for _ in range(14):
        told = WeatherCurve(CITY, 1.0, opening).setpoints(Outlook(*np.full((2, 1), -8.0)), None)
        for _ in range(3):
            reading = plant.step(1800, -8.0, told)
        returns = reading.station_secondary_return_c
        spread.append(np.ptp(imbalance(returns - 20)))
        opening = balanced_opening(opening, returns - 20)
        assert opening.max() == 1.0
    assert spread[-1] < 0.05 < spread[0]


def test_balancing_leaves_a_just_plant_as_it_is_and_knows_unknown_returns():
    np.testing.assert_allclose(
        balanced_opening(np.array([1.0, 0.4]), np.array([25.0, 25.0])), [1.0, 0.4]
    )
    turned = balanced_opening(np.array([0.5, 0.5]), np.array([np.nan, 25.0]))
    assert np.isfinite(turned).all()
    assert (turned <= 1).all()


def test_water_takes_the_volume_over_the_flow_to_arrive():
    net = replace(
        CITY.network, height_m=np.zeros(4), pipe_start=[0, 2], pipe_end=[1, 1],
        length_m=[1000, 500], diameter_m=[0.2, 0.1], roughness_m=[5e-4] * 2,
        loss_w_per_m_k=[0.3] * 2, source_node=[0], source_holds_pressure=[True],
        consumer_node=[2, 3], consumer_by_flow=[True, True],
    )  # fmt: skip
    found = travel_s(net, np.array([10.0, -10.0]))
    volume = np.pi / 4 * (0.2**2 * 1000 + 0.1**2 * 500)
    assert found[0] == pytest.approx(960 * volume / 10)
    assert found[1] == np.inf


@pytest.mark.parametrize("made", [
    lambda: Feedback(CITY, 0.5), lambda: Predictive(CITY, 0.5, PRICES)
])  # fmt: skip
def test_feedback_and_plans_bring_every_station_to_its_room_temperature(made):
    plant, strategy, last = Plant(CITY, np.random.default_rng(3), 0.1), made(), None
    outlook = Outlook(np.full(48, -6.0), np.zeros(48))
    for _ in range(72):
        last = plant.step(3600, -6.0, strategy.setpoints(outlook, last))
    rooms = rooms_of_stations(CITY, last.room_c)
    np.testing.assert_allclose(rooms, 20.5, atol=0.35)


def test_a_silent_room_sensor_stops_nothing():
    plant, strategy = Plant(CITY, np.random.default_rng(3), 0.1), Predictive(CITY, 0.5, PRICES)
    outlook, last = Outlook(np.full(48, -6.0), np.zeros(48)), None
    for _ in range(4):
        told = strategy.setpoints(outlook, last)
        assert np.isfinite(told.station_supply_c).all()
        last = plant.step(3600, -6.0, told)
        last = replace(last, room_c=np.where(CITY.building_station == 1, np.nan, last.room_c))
