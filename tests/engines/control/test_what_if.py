"""What if: events make rooms colder than none, and hit where they happen."""

from __future__ import annotations

import numpy as np
import pytest

from songhua.engines.control.what_if import Event, what_if
from songhua.engines.plant.faults import Fault
from songhua.engines.plant.plant import Plant
from songhua.kit.errors import InputError
from songhua.scenarios.smart_heating.city import simulated_city

CITY = simulated_city(6, sources=3, stations=8, buildings=24).equipment


def after(outdoor_c, *faults, hours=18):
    plant = Plant(CITY, np.random.default_rng(0), 0.05)
    return what_if(plant, Event(outdoor_c, hours, faults), step_s=1800, settle_h=18)


def test_an_ordinary_day_leaves_nobody_cold():
    quiet = after(-8.0)
    assert quiet.cold_building_hours == 0
    assert quiet.make_up_t == 0
    assert quiet.lowest_c.min() > 18


def test_the_design_day_is_harder_without_its_greatest_source():
    whole, tripped = after(-24.2), after(-24.2, Fault("pump_trip", 0))
    assert tripped.cold_building_hours > whole.cold_building_hours
    assert tripped.lowest_c.mean() < whole.lowest_c.mean() - 0.5
    assert tripped.cold_building_hours == pytest.approx(tripped.cold_hours.sum())
    assert tripped.lowest_c[tripped.worst[0]] == tripped.lowest_c.min()


def test_without_any_pump_every_station_grows_cold():
    dead = after(-24.2, *(Fault("pump_trip", source) for source in range(3)), hours=30)
    assert (dead.cold_hours > 0).all()


def test_a_burst_costs_its_water():
    node = int(CITY.network.consumer_node[3])
    burst = after(-15.0, Fault("burst", node, 20.0), hours=10)
    assert burst.make_up_t == pytest.approx(20.0 * 36_000 / 1000)
    assert burst.lowest_c.mean() <= after(-15.0, hours=10).lowest_c.mean()


def test_an_event_without_hours_is_refused():
    with pytest.raises(InputError):
        after(-10.0, hours=0)
