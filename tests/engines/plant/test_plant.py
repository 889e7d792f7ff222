"""The simulated plant: what every step must satisfy, what faults do, and known answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.buildings.model import simulate
from songhua.engines.plant.equipment import mistaken
from songhua.engines.plant.faults import Fault
from songhua.engines.plant.flows import VALVE_PA, Hydraulics
from songhua.engines.plant.operation import by_the_weather
from songhua.engines.plant.plant import Plant
from songhua.engines.plant.rooms import Houses
from songhua.kit.errors import InputError
from songhua.scenarios.smart_heating.city import simulated_city

CITY = simulated_city(3, sources=3, stations=12, buildings=40)


def plant(seed=0, mismatch=0.1, city=CITY):
    return Plant(city.equipment, np.random.default_rng(seed), mismatch)


def run(made, steps, outdoor_c=-15.0, dt_s=900.0, **more):
    told = by_the_weather(made.equipment, outdoor_c, **more)
    return [made.step(dt_s, outdoor_c, told) for _ in range(steps)]


@settings(deadline=None, max_examples=25)
@given(
    seed=st.integers(0, 10**6), sources=st.integers(1, 3), outdoor_c=st.floats(-35, 15),
    fault=st.sampled_from(["none", "pump_trip", "burst", "stuck_valve"]),
)  # fmt: skip
def test_every_joule_and_every_kilogram_is_accounted_for(seed, sources, outdoor_c, fault):
    city = simulated_city(seed, sources=sources, stations=8, buildings=16)
    made = plant(seed, city=city)
    run(made, 2, outdoor_c)
    if fault != "none":
        place = seed % sources if fault == "pump_trip" else seed % 8
        made.faults.append(Fault(fault, place, 0.6))
    for reading in run(made, 3, outdoor_c):
        books = reading.books
        moved = books.injected_j + books.gains_j + abs(books.stored_pipes_j) + 1.0
        assert abs(books.unaccounted_j) <= 1e-9 * moved
        by_station = made.real.of_station(reading.building_heat_w)
        np.testing.assert_allclose(by_station, reading.station_heat_w, rtol=1e-9, atol=1e-3)
        leaving = reading.station_flow_kg_per_s.sum() + reading.make_up_kg_per_s
        assert reading.source_flow_kg_per_s.sum() == pytest.approx(leaving, rel=1e-8, abs=1e-6)
        for column in vars(reading).values():
            if isinstance(column, np.ndarray):
                assert np.isfinite(column).all()


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), shut=st.floats(0, 1))
def test_flows_obey_pipes_and_valves(seed, shut):
    rng = np.random.default_rng(seed)
    net = simulated_city(seed % 50, sources=2, stations=10, buildings=10).equipment.network
    valve = rng.uniform(0.1, 30, 10) * (rng.random(10) >= shut)
    leaks = {int(rng.integers(0, net.height_m.size)): float(rng.uniform(0, 5))}
    solver = Hydraulics(net)
    head_pa = rng.uniform(1e5, 9e5, 2)
    flow, difference_pa = solver.solve(valve, head_pa, np.full(2, np.nan), leaks)
    pipes, through = flow[: net.length_m.size], flow[net.length_m.size :]
    at = difference_pa[net.consumer_node]
    np.testing.assert_allclose(
        through, valve * np.sqrt(np.maximum(at, 0) / VALVE_PA), rtol=1e-4, atol=2e-3
    )
    drop_pa = 2 * solver.resistance * pipes * np.abs(pipes)
    between = difference_pa[net.pipe_start] - difference_pa[net.pipe_end]
    np.testing.assert_allclose(drop_pa, between, atol=1.0, rtol=1e-3)
    excess = solver.brought(flow, leaks)
    excess[net.source_node] = 0.0
    np.testing.assert_allclose(excess, 0, atol=1e-9 + 1e-8 * np.abs(flow).max())


def test_two_equal_valves_on_a_level_loop_share_the_flow():
    net = replace(
        CITY.equipment.network, height_m=np.zeros(3), pipe_start=[0, 0, 1], pipe_end=[1, 2, 2],
        length_m=[500, 500, 300], diameter_m=[0.2, 0.2, 0.2], roughness_m=[5e-4] * 3,
        loss_w_per_m_k=[0.3] * 3, source_node=[0], source_holds_pressure=[True],
        consumer_node=[1, 2], consumer_by_flow=[True, True],
    )  # fmt: skip
    flow, _ = Hydraulics(net).solve(np.full(2, 20.0), np.array([3e5]), np.array([np.nan]), {})
    assert flow[3] == pytest.approx(flow[4], rel=1e-9)
    assert abs(flow[2]) < 1e-9


def test_a_plant_as_described_keeps_its_rooms_near_the_design_on_the_design_day():
    made = plant(mismatch=0.0)
    for _ in range(400):
        reading = made.step(1800, -24.2, by_the_weather(made.equipment, -24.2))
    assert np.abs(reading.room_c - 20).max() < 1.5
    assert abs(reading.room_c.mean() - 20) < 0.4
    assert reading.source_heat_w.sum() == pytest.approx(made.equipment.design_w, rel=0.08)


def test_what_buildings_lose_is_what_crosses_their_walls():
    houses = Houses(CITY.equipment, 20.0, 20.0)
    heat_w = np.full(40, 5e4)
    _, lost_j, _ = houses.step(3600.0, -10.0, 100.0, heat_w)
    built = CITY.equipment.buildings
    fine = simulate(
        built, np.full((40, 2), 20.0), np.full(3600, -10.0),
        np.tile(heat_w + CITY.equipment.gains_w, (3600, 1)), np.full(3600, 100.0), 1.0,
    )  # fmt: skip
    mass_c = (fine[1:, :, 1] + fine[:-1, :, 1]) / 2
    assert lost_j == pytest.approx(((mass_c + 10) / built.outside_k_per_w).sum(), rel=1e-6)


def test_the_rooms_do_not_depend_much_on_the_length_of_the_step():
    coarse, fine = plant(1), plant(1)
    run(coarse, 24, dt_s=1800.0)
    run(fine, 144, dt_s=300.0)
    assert np.abs(coarse.room_c - fine.room_c).max() < 0.3


def test_a_tripped_pump_gives_nothing_and_without_pumps_nothing_flows():
    made = plant()
    before = run(made, 8)[-1]
    made.faults.append(Fault("pump_trip", 0))
    one = run(made, 8)[-1]
    assert before.source_heat_w[0] > 0
    assert one.source_heat_w[0] == 0
    made.faults += [Fault("pump_trip", 1), Fault("pump_trip", 2)]
    rooms_c = made.room_c
    none = run(made, 8)[-1]
    assert not none.station_flow_kg_per_s.any()
    assert (none.room_c < rooms_c).all()


def test_a_burst_draws_make_up_water_and_pulls_the_supply_down():
    made, whole = plant(), plant()
    before = run(made, 8)[-1], run(whole, 8)[-1]
    node = int(CITY.equipment.network.consumer_node[5])
    made.faults.append(Fault("burst", node, 15.0))
    burst, sound = run(made, 4)[-1], run(whole, 4)[-1]
    assert before[0].make_up_kg_per_s == 0
    assert burst.make_up_kg_per_s == 15.0
    assert burst.node_supply_pa[node] < sound.node_supply_pa[node]
    assert burst.books.leaked_j > 0


def test_a_stuck_valve_stays_and_its_rooms_go_their_own_way():
    made, sound = plant(), plant()
    made.faults.append(Fault("stuck_valve", 2, 0.0))
    stuck, free = run(made, 48)[-1], run(sound, 48)[-1]
    assert stuck.station_opening[2] == 0
    assert stuck.station_flow_kg_per_s[2] == 0
    mine = CITY.equipment.building_station == 2
    assert (stuck.room_c[mine] < free.room_c[mine] - 1).all()


def test_a_drifted_sensor_is_read_and_obeyed():
    made, sound = plant(), plant()
    made.faults.append(Fault("drifted_sensor", 4, 8.0, "station_secondary_supply_c"))
    read, true = run(made, 40)[-1], run(sound, 40)[-1]
    told = by_the_weather(CITY.equipment, -15.0).station_supply_c[4]
    assert read.station_secondary_supply_c[4] == pytest.approx(told, abs=0.5)
    assert read.station_heat_w[4] < true.station_heat_w[4]
    made.faults[0] = Fault("drifted_sensor", 4, 8.0, "room_c")
    assert run(made, 1)[-1].room_c[4] == pytest.approx(made.room_c[4] + 8.0)


def test_the_same_seed_gives_the_same_city_and_the_same_season():
    again = simulated_city(3, sources=3, stations=12, buildings=40)
    np.testing.assert_array_equal(again.node_lon, CITY.node_lon)
    one, other = run(plant(5), 4)[-1], run(plant(5, city=again), 4)[-1]
    np.testing.assert_array_equal(one.room_c, other.room_c)


def test_a_mistaken_plant_differs_by_as_much_as_it_was_told():
    city = simulated_city(1, sources=2, stations=400, buildings=400).equipment
    off = np.log(mistaken(city, 0.1, np.random.default_rng(0)).valve_kg_per_s / city.valve_kg_per_s)
    assert off.std() == pytest.approx(0.1, abs=0.01)


def test_the_whole_city_lies_over_the_district_and_serves_every_station():
    city = simulated_city(8)
    assert (np.abs(city.node_lon - 126.63) < 0.2).all()
    assert (np.abs(city.node_lat - 45.75) < 0.15).all()
    made = plant(city=city)
    reading = run(made, 20, -20.0)[-1]
    assert reading.room_c.shape == (2000,)
    assert (reading.station_heat_w > 0).all()


def test_what_does_not_fit_is_refused_all_at_once():
    made = plant()
    told = by_the_weather(CITY.equipment, -5.0)
    wrong = replace(
        told, source_supply_c=np.zeros(2), station_opening=np.full(12, 1.5),
        source_head_pa=np.full(3, np.nan),
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        made.step(900, -5.0, wrong)
    assert {problem.where for problem in caught.value.problems} == {
        "source_supply_c", "station_opening", "source_head_pa"
    }  # fmt: skip
    with pytest.raises(InputError):
        made.step(0, -5.0, told)
    with pytest.raises(InputError):
        made.step(900, float("nan"), told)
    with pytest.raises(InputError):
        replace(CITY.equipment, gains_w=np.zeros(3))
    with pytest.raises(InputError):
        simulated_city(1, sources=2, stations=1, buildings=5)
