"""The savings ledger: comfort alike for all strategies, and shares that add up."""

from __future__ import annotations

import numpy as np
import pytest

from songhua.engines.savings.ledger import Trial, ledger, trial
from songhua.engines.savings.trial import Season, winter
from songhua.kit.errors import InputError
from songhua.scenarios.smart_heating.city import simulated_city

PRICES = np.array([100.0, 250.0])


def made(rng, used, warm=True):
    days = 240
    seasons = tuple(
        Season(
            np.column_stack((share * rng.uniform(9, 11, days), np.zeros(days))),
            np.full((days, 2), 21.0), np.zeros(days),
        )
        for share in used
    )  # fmt: skip
    return Trial(seasons, (0.0,) * 4, (warm,) * 4)


def test_the_shares_add_up_and_the_intervals_hold_them():
    rng = np.random.default_rng(0)
    trials = [made(rng, (1.0, 0.95, 0.92, 0.91)) for _ in range(6)]
    found = ledger(trials, PRICES, rng)
    parts = found.balancing.estimate + found.feedback.estimate + found.planning.estimate
    assert parts == pytest.approx(found.total.estimate)
    assert found.total.estimate == pytest.approx(0.09, abs=0.01)
    for share in (found.balancing, found.feedback, found.planning, found.total, found.cost):
        assert share.low <= share.estimate <= share.high
    assert found.plants == 6


def test_plants_that_were_not_warm_do_not_count():
    rng = np.random.default_rng(1)
    warm, cold = made(rng, (1, 1, 1, 1)), made(rng, (1, 0.1, 0.1, 0.1), warm=False)
    assert ledger([warm, cold], PRICES, rng).plants == 1
    with pytest.raises(InputError):
        ledger([cold], PRICES, rng)


@pytest.mark.slow
def test_a_plan_keeps_comfort_with_no_more_heat_and_at_less_cost_than_feedback():
    rng = np.random.default_rng(4)
    city = simulated_city(4, sources=2, stations=6, buildings=24).equipment
    found = trial(city, winter(rng, 24 * 6, -8.0), PRICES, rng)
    feedback, planned = found.seasons[2:]
    assert planned.cold_share(19.95) <= 0.02
    assert planned.source_mwh.sum() <= 1.005 * feedback.source_mwh.sum()
    assert planned.cost(PRICES) < feedback.cost(PRICES)
