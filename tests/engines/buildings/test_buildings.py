"""Buildings of two capacities: exact steps, exact balance, and parameters that are found again."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from songhua.engines.buildings.comfort import degree_hours_below, share_within
from songhua.engines.buildings.fitting import fit
from songhua.engines.buildings.model import Buildings, simulate, time_constants_h, transition
from songhua.kit.errors import InputError

NAMES = ("air_j_per_k", "mass_j_per_k", "inside_k_per_w", "outside_k_per_w", "aperture_m2")
HOUSE = Buildings(6e6, 6e7, 6e-4, 5e-3, 4.0)
SCALES = st.floats(0.2, 5)


def continuous(building):
    air, mass = building.air_j_per_k[0], building.mass_j_per_k[0]
    inside, outside = building.inside_k_per_w[0], building.outside_k_per_w[0]
    rates = np.array([
        [-1 / (inside * air), 1 / (inside * air)],
        [1 / (inside * mass), -1 / (inside * mass) - 1 / (outside * mass)],
    ])  # fmt: skip
    return rates, np.array([[0, 1 / air], [1 / (outside * mass), 0]])


@given(SCALES, SCALES, SCALES, SCALES, st.floats(60, 1e6))
def test_a_step_is_the_matrix_exponential(air, mass, inside, outside, step_s):
    building = Buildings(6e6 * air, 6e7 * mass, 6e-4 * inside, 5e-3 * outside, 0)
    rates, inputs = continuous(building)
    whole = np.zeros((4, 4))
    whole[:2, :2], whole[:2, 2:] = rates, inputs
    exact = expm(whole * step_s)
    after, gain = transition(building, step_s)
    assert after[0] == pytest.approx(exact[:2, :2], rel=1e-9, abs=1e-12)
    assert gain[0] == pytest.approx(exact[:2, 2:], rel=1e-8, abs=1e-14)


@settings(deadline=None)
@given(st.integers(1, 20))
def test_two_halves_of_a_step_equal_the_whole(halves):
    whole = simulate(HOUSE, [[20, 18]], [-10.0], [[8e3]], [100.0], 3600)
    parts = simulate(
        HOUSE, [[20, 18]], [-10.0] * halves, [[8e3]] * halves, [100.0] * halves, 3600 / halves
    )
    assert parts[-1] == pytest.approx(whole[-1], abs=1e-10)


def test_step_response_settles_where_heat_equals_loss():
    settled = simulate(HOUSE, [[5, 5]], [-20.0] * 4000, [[6e3]] * 4000, [0.0] * 4000, 3600)[-1, 0]
    assert settled == pytest.approx([-20 + 6e3 * 5.6e-3, -20 + 6e3 * 5e-3], abs=1e-9)
    rates, _ = continuous(HOUSE)
    exact = np.sort(-1 / np.linalg.eigvals(rates) / 3600)[::-1]
    assert time_constants_h(HOUSE)[0] == pytest.approx(exact, rel=1e-9)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 2**32 - 1))
def test_heat_given_is_heat_stored_and_lost(seed):
    rng = np.random.default_rng(seed)
    # With short steps the loss of a step is that of its mean mass temperature.
    steps, step_s = 2000, 20.0
    outdoor, heat = rng.uniform(-30, 10), rng.uniform(0, 2e4, (steps, 1))
    found = simulate(HOUSE, [[20, 19]], np.full(steps, outdoor), heat, np.zeros(steps), step_s)
    air, mass = found[:, 0, 0], found[:, 0, 1]
    stored = 6e6 * (air[-1] - air[0]) + 6e7 * (mass[-1] - mass[0])
    lost = (((mass[1:] + mass[:-1]) / 2 - outdoor) / 5e-3 * step_s).sum()
    assert stored + lost == pytest.approx(heat.sum() * step_s, rel=1e-5)


def test_a_thousand_buildings_are_each_as_if_alone():
    rng = np.random.default_rng(0)
    many = Buildings(*(value * rng.uniform(0.5, 2, 1000) for value in vars(HOUSE).values()))
    outdoor, solar = rng.normal(-10, 5, 50), rng.uniform(0, 300, 50)
    heat, start = rng.uniform(0, 2e4, (50, 1000)), rng.uniform(15, 25, (1000, 2))
    together = simulate(many, start, outdoor, heat, solar, 900)
    for number in (0, 500, 999):
        one = Buildings(*(value[number] for value in vars(many).values()))
        alone = simulate(one, start[[number]], outdoor, heat[:, [number]], solar, 900)
        assert np.array_equal(alone[:, 0], together[:, number])


def season(seed, building=HOUSE, *, noise=0.05, steps=14 * 96, sun=True):
    """Two weeks of quarter hours in which the heating is switched at random."""
    rng = np.random.default_rng(seed)
    hour = np.arange(steps) / 4
    outdoor = -10 + 5 * np.sin(2 * np.pi * hour / 24) + np.cumsum(rng.normal(0, 0.2, steps))
    solar = sun * np.maximum(300 * np.sin(2 * np.pi * (hour - 8) / 24), 0)
    heat = np.repeat(rng.choice([0, 5e3, 1.2e4], steps // 16), 16)
    true = simulate(building, [[20, 18]], outdoor, heat[:, None], solar, 900)[:, 0, 0]
    return true + rng.normal(0, noise, steps + 1), outdoor, heat, solar, 900


def test_parameters_are_found_again():
    found = fit(*season(1, noise=1e-4))
    for name in NAMES:
        assert getattr(found.building, name) == pytest.approx(getattr(HOUSE, name), rel=5e-3)
    assert found.rmse_k < 2e-4


@pytest.mark.slow
def test_the_intervals_hold_the_truth_about_as_often_as_they_say():
    hits = []
    for seed in range(40):
        found = fit(*season(seed))
        hits += [
            getattr(found.low, name)[0] <= getattr(HOUSE, name)[0] <= getattr(found.high, name)[0]
            for name in NAMES
        ]
    assert 0.85 <= np.mean(hits) <= 0.99


def test_unread_hours_are_left_out_and_a_dark_record_has_no_aperture():
    indoor, *inputs = season(2, sun=False, noise=0.01)
    indoor[200:300] = np.nan
    found = fit(indoor, *inputs)
    assert found.building.outside_k_per_w == pytest.approx(5e-3, rel=0.03)
    assert found.building.aperture_m2 == 0


def test_a_record_that_tells_nothing_is_refused():
    steps = 500
    steady = 20 + np.zeros(steps + 1)
    with pytest.raises(InputError, match="building_not_determined"):
        fit(steady, np.full(steps, -8.0), np.full(steps, 5e3), np.zeros(steps), 900)
    indoor, outdoor, heat, *rest = season(3)
    heat = np.where(np.arange(heat.size) == 7, np.nan, heat)
    with pytest.raises(InputError, match="building_unknown_input"):
        fit(indoor, outdoor, heat, *rest)
    with pytest.raises(InputError, match="building_unknown_input"):
        simulate(HOUSE, [[20, 20]], [np.nan], [[0.0]], [0.0], 900)
    with pytest.raises(InputError) as refused:
        Buildings(-1, 6e7, 0, 5e-3, np.nan)
    assert len(refused.value.problems) == 3


@given(st.lists(st.floats(10, 30), min_size=2, max_size=30), st.floats(15, 22))
def test_comfort_counts_what_is_known(rooms, limit):
    indoor = np.array(rooms)
    gappy = np.concatenate([indoor, [np.nan]])
    assert share_within(gappy, limit) == np.mean(indoor >= limit)
    below = degree_hours_below(gappy, limit, 0.5)
    assert below == pytest.approx(0.5 * np.maximum(limit - indoor, 0).sum())
    assert np.isnan(degree_hours_below(np.array([np.nan]), limit, 1))
