"""What every solved circuit satisfies, with answers known beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.circuits.balancing import Valves, Verdict, balance
from songhua.engines.circuits.circuit import Circuit
from songhua.engines.circuits.laws import pump_terms, valve_resistance
from songhua.engines.circuits.limits import (
    Limit,
    pressure_limits,
    profile,
    saturation_pressure,
    shortfall,
)
from songhua.engines.circuits.solving import Boundary, Reason, solve
from songhua.engines.hydraulics.friction import friction_factor
from songhua.engines.hydraulics.water import WATER, fluid
from songhua.kit.errors import InputError

G = 9.80665


def circuit(ends, nodes, *, length=0.0, bore=0.1, rough=0.0, resistance=0.0, boost=0.0,
            one_way=False, closed=False, height=0.0):  # fmt: skip
    start, end = np.array(ends, int).reshape(-1, 2).T
    numbers = [
        np.array(np.broadcast_to(value, start.shape), float)
        for value in (length, bore, rough, resistance, boost)
    ]
    flags = [np.array(np.broadcast_to(value, start.shape), bool) for value in (one_way, closed)]
    return Circuit(np.array(np.broadcast_to(height, (nodes,)), float), start, end, *numbers, *flags)


def fixed(nodes, pressures, draws, warmth=60.0):
    return Boundary(
        np.array(nodes, int), np.array(pressures, float), np.array(draws, float), warmth
    )


def outflow(net, flow):
    total = np.zeros(net.height_m.size)
    np.add.at(total, net.start, flow)
    np.subtract.at(total, net.end, flow)
    return total


def test_nothing_flows_over_a_balanced_bridge():
    net = circuit([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)], 4, length=[100, 200, 50, 150, 300])
    state = solve(net, fixed([0, 3], [3e5, 1e5], np.zeros(4)), law="nikuradse")
    crossing = circuit([(0, 1), (0, 2), (1, 2), (1, 3), (2, 3)], 4, resistance=[10, 40, 7, 20, 80])
    other = solve(crossing, fixed([0, 3], [3e5, 1e5], np.zeros(4)))
    assert state.settled and abs(state.flow_kg_per_s[2]) < 1e-9
    assert other.settled and abs(other.flow_kg_per_s[2]) < 1e-9


def test_parallel_valves_share_the_flow_by_the_root_of_their_resistances():
    net = circuit([(0, 1), (0, 1)], 2, resistance=[100.0, 400.0])
    flow = solve(net, fixed([0], [1e5], [0, 3.0])).flow_kg_per_s
    assert flow == pytest.approx([2.0, 1.0], abs=1e-9)


def test_the_textbook_loop_of_hardy_cross():
    """Two loops of h = K Q², by the equations of the method: heads close round either loop."""
    ends = [(0, 1), (1, 3), (0, 2), (2, 3), (1, 2)]
    k = np.array([1.0, 5.0, 2.0, 1.0, 2.0]) * 1e3
    state = solve(circuit(ends, 4, resistance=k), fixed([0], [1e6], [0, 20, 30, 50]))
    drop = k * state.flow_kg_per_s * np.abs(state.flow_kg_per_s)
    assert drop[0] + drop[4] - drop[2] == pytest.approx(0, abs=1e-6)
    assert drop[1] - drop[3] - drop[4] == pytest.approx(0, abs=1e-6)
    assert outflow(circuit(ends, 4, resistance=k), state.flow_kg_per_s)[1:] == pytest.approx(
        [-20, -30, -50], abs=1e-9
    )


@given(
    st.integers(3, 40),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["colebrook", "haaland", "swamee_jain", "nikuradse"]),
)
@settings(max_examples=60, deadline=None)
def test_a_state_made_beforehand_is_found_again(nodes, seed, law):
    """Flows are drawn; pressures follow from the published formulae along a spanning tree; the
    loops' elements take the boost that makes them agree."""
    rng = np.random.default_rng(seed)
    tree = [(int(rng.integers(n)), n) for n in range(1, nodes)]
    extra = [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(nodes // 2)]
    ends = np.array(tree + extra)
    count, density, thickness = len(ends), 980.0, 4.5e-4
    water = fluid(0, 100, [density] * 2, [thickness] * 2, [4190] * 2)
    is_pipe = rng.random(count) < 0.7
    bore, length = rng.uniform(0.05, 0.5, count), np.where(is_pipe, rng.uniform(10, 500, count), 0)
    rough, height = rng.uniform(1e-5, 5e-4, count), rng.uniform(0, 30, nodes)
    resistance = np.where(is_pipe, 0, rng.uniform(10, 1e4, count))
    area = np.pi / 4 * bore**2
    speed = rng.uniform(0.1, 2.0, count) * rng.choice([-1, 1], count)
    flow = np.where(
        is_pipe, speed * area * density, rng.uniform(0.1, 5, count) * rng.choice([-1, 1], count)
    )
    reynolds = 4 * np.abs(flow) / (np.pi * bore * thickness)
    factor = friction_factor(reynolds, rough / bore, law)
    drop = factor * length / bore * flow * np.abs(flow) / (2 * density * area**2)
    drop += resistance * flow * np.abs(flow)
    drop += density * G * (height[ends[:, 1]] - height[ends[:, 0]])
    pressure = np.zeros(nodes)
    pressure[0] = 1e6
    for element, (one, other) in enumerate(tree):
        pressure[other] = pressure[one] - drop[element]
    boost = drop - (pressure[ends[:, 0]] - pressure[ends[:, 1]])
    boost[: nodes - 1] = 0
    net = circuit(ends, nodes, length=length, bore=bore, rough=rough, resistance=resistance,
                  boost=boost, height=height)  # fmt: skip
    state = solve(net, fixed([0], [1e6], -outflow(net, flow)), law, water)
    assert state.settled
    assert np.abs(state.pressure_pa - pressure).max() <= 1e-6
    assert np.abs(state.flow_kg_per_s - flow).max() <= 1e-9 * max(1, np.abs(flow).max())


def test_a_pump_meets_its_system_where_the_two_curves_cross():
    boost, resistance = pump_terms(5e5, 10.0, 4e5)
    net = circuit([(0, 1), (1, 0)], 2, resistance=[resistance, 4e3], boost=[boost, 0])
    state = solve(net, fixed([0], [2e5], [0, 0]))
    assert state.flow_kg_per_s == pytest.approx([10, 10], abs=1e-9)
    assert state.pressure_pa[1] == pytest.approx(6e5, abs=1e-5)


def test_a_check_valve_shuts_against_the_flow_and_opens_with_it():
    ends = [(0, 1), (1, 2), (0, 2)]
    net = circuit(ends, 3, resistance=[10, 10, 10.0], one_way=[False, True, False])
    against = solve(net, fixed([0, 2], [1e5, 2e5], np.zeros(3)))
    assert against.element_reason[1] == Reason.CHECKED and against.flow_kg_per_s[1] == 0
    assert against.pressure_pa[1] == pytest.approx(1e5)
    with_it = solve(net, fixed([0, 2], [2e5, 1e5], np.zeros(3)))
    assert with_it.settled and with_it.flow_kg_per_s[1] > 0


def test_a_stopped_pump_with_a_check_valve_lets_its_neighbour_carry_the_load():
    net = circuit([(0, 1), (0, 1), (1, 0)], 2, resistance=[1e3, 1e3, 4e3], boost=[5e5, 0, 0],
                  one_way=[True, True, False])  # fmt: skip
    state = solve(net, fixed([0], [1e5], [0, 0]))
    assert state.settled and state.element_reason.tolist() == [0, Reason.CHECKED, 0]
    assert state.flow_kg_per_s == pytest.approx([10, 0, 10], abs=1e-9)


def test_an_island_is_named_and_the_rest_is_solved():
    net = circuit([(0, 1), (2, 3), (1, 2)], 4, resistance=10.0, closed=[False, False, True])
    state = solve(net, fixed([0], [1e5], [0, 1, 0, 5]))
    assert state.node_reason.tolist() == [0, 0, Reason.ISLAND, Reason.ISLAND]
    assert state.element_reason.tolist() == [0, Reason.ISLAND, Reason.CLOSED]
    assert state.flow_kg_per_s == pytest.approx([1, 0, 0])


@pytest.mark.parametrize("draw", [0.0, 1e-12, 1e-3])
def test_hardly_any_flow_is_still_an_answer(draw):
    net = circuit([(0, 1), (1, 2), (0, 2)], 3, length=[10, 0, 10], resistance=[0, 50, 0])
    state = solve(net, fixed([0], [1e5], [0, 0, draw]))
    assert state.settled and np.isfinite(state.pressure_pa).all()
    assert outflow(net, state.flow_kg_per_s)[2] == pytest.approx(-draw, abs=1e-9)


def test_every_mistake_in_a_circuit_is_named_at_once():
    with pytest.raises(InputError) as raised:
        circuit([(0, 0), (0, 9)], 2, bore=-1.0)
    assert {"network_no_such_node", "network_pipe_to_itself", "network_not_positive"} <= {
        problem.code for problem in raised.value.problems
    }


def test_water_boils_at_the_pressures_of_the_standard():
    """IAPWS-IF97, table 35."""
    found = saturation_pressure(np.array([300.0, 500.0, 600.0]) - 273.15)
    assert found == pytest.approx([3536.58941, 2638897.76, 12344314.6], rel=1e-8)


def test_hot_water_under_too_little_pressure_boils_and_too_much_is_named():
    net = circuit([(0, 1), (1, 2)], 3, resistance=10.0, height=[0, 40, 0])
    state = solve(net, fixed([0], [3e5], np.zeros(3), 130.0))
    assert pressure_limits(state, 130.0, 2.9e5).tolist() == [
        Limit.OVERPRESSURE, Limit.BOILS, Limit.OVERPRESSURE,
    ]  # fmt: skip


def test_the_profile_of_resting_water_is_level():
    net = circuit([(0, 1), (2, 1)], 3, length=[100, 50], height=[0, 12, 5])
    water = fluid(0, 100, [1000, 1000], [1e-3, 1e-3], [4190, 4190])
    drawn = profile(net, solve(net, fixed([0], [3e5], np.zeros(3)), fluid=water), np.array([0, 1]))
    assert drawn.distance_m.tolist() == [0, 100, 150]
    assert drawn.height_m.tolist() == [0, 12, 5]
    assert np.ptp(drawn.head_m) < 1e-9


def loop(stations, narrow=None, boost=3e5):
    """A pump, a supply and a return line of `stations` stations; the elements of the stations."""
    ends, length, bore, resistance = [(0, 1)], [0.0], [0.3], [10.0]
    before, after = 1, 0
    for station in range(stations):
        supply, back = 2 + 2 * station, 3 + 2 * station
        ends += [(before, supply), (back, after), (supply, back)]
        thin = 0.06 if station == narrow else 0.15
        length += [200.0, 200.0, 0.0]
        bore += [thin, 0.15, 0.1]
        resistance += [0.0, 0.0, 1e5]
        before, after = supply, back
    net = circuit(ends, 2 + 2 * stations, length=length, bore=bore, rough=5e-4,
                  resistance=resistance, boost=[boost] + [0.0] * (3 * stations))  # fmt: skip
    return net, 3 + 3 * np.arange(stations)


def test_infeasible_hydraulics_name_the_bottleneck_and_the_pressure_missing():
    net, station = loop(4, narrow=2)
    state = solve(net, fixed([0], [2e5], np.zeros(10)))
    found = shortfall(net, state, station, 2.95e5)
    given = state.pressure_pa[net.start[station]] - state.pressure_pa[net.end[station]]
    assert found.station == station[3] and found.bottleneck == 1 + 3 * 2
    assert found.missing_pa == pytest.approx(2.95e5 - given.min())
    assert shortfall(net, state, station, 0.0) is None


@given(st.integers(1, 8), st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_after_balancing_every_station_has_its_flow_or_is_named(stations, seed):
    rng = np.random.default_rng(seed)
    net, element = loop(stations, boost=float(rng.uniform(5e4, 5e5)))
    wanted = rng.uniform(0.0, 4.0, stations) * (rng.random(stations) < 0.9)
    valves = Valves(element, wanted, rng.uniform(0.1, 2, stations), rng.uniform(2, 40, stations))
    least = 2e4
    kv, report = balance(net, fixed([0], [2e5], np.zeros(2 + 2 * stations)), valves, least)
    passed, off = report.verdict == Verdict.PASS, report.verdict == Verdict.OFF
    assert Verdict.UNSETTLED not in report.verdict
    assert report.imbalance[passed] == pytest.approx(1, abs=1e-6)
    assert (kv[off] == 0).all() and (wanted[off] == 0).all()
    assert (kv[~off] >= valves.least_kv[~off] * (1 - 1e-9)).all()
    assert (kv[~off] <= valves.widest_kv[~off] * (1 + 1e-9)).all()
    left = report.state.pressure_pa[net.start[element]] - report.state.pressure_pa[net.end[element]]
    assert (left[passed] >= least - 1e-3).all()


def test_balance_names_what_is_wrong_with_each_station():
    net, element = loop(3)
    wanted = np.array([1.0, 1.0, 0.0])
    valves = Valves(element, wanted, np.array([0.1, 20.0, 1.0]), np.array([1.0, 40.0, 2.0]))
    kv, report = balance(net, fixed([0], [2e5], np.zeros(8)), valves)
    assert report.verdict.tolist() == [Verdict.TOO_SMALL, Verdict.TOO_LARGE, Verdict.OFF]
    assert kv.tolist() == [1.0, 20.0, 0.0]
    drop = valve_resistance(1.0, WATER.density_kg_per_m3[60])
    assert report.missing_pa[0] > 0 and report.missing_pa[0] < drop


@given(st.integers(2, 40), st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_any_circuit_settles_keeps_its_water_and_lets_none_back(nodes, seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 3 * nodes))
    start = rng.integers(0, nodes, count)
    ends = np.stack([start, (start + rng.integers(1, nodes, count)) % nodes], axis=1)
    is_pipe = rng.random(count) < 0.6
    net = circuit(ends, nodes, length=np.where(is_pipe, 10 ** rng.uniform(0, 4, count), 0),
                  bore=10 ** rng.uniform(-1.7, 0, count),
                  resistance=np.where(is_pipe, 0, 10 ** rng.uniform(0, 7, count)),
                  boost=np.where(~is_pipe & (rng.random(count) < 0.3), 3e5, 0),
                  one_way=rng.random(count) < 0.2, closed=rng.random(count) < 0.05)  # fmt: skip
    source = rng.choice(nodes, min(2, nodes), replace=False)
    draw = rng.normal(size=nodes) * rng.choice([0.0, 1e-3, 1.0])
    state = solve(net, fixed(source, rng.uniform(1e5, 1e6, source.size), draw))
    assert state.settled and np.isfinite(state.pressure_pa).all()
    free = state.node_reason == Reason.NORMAL
    free[source] = False
    off = np.abs(outflow(net, state.flow_kg_per_s) + draw)[free]
    assert off.max(initial=0) <= 1e-7 * (1 + np.abs(state.flow_kg_per_s).max())
    assert (state.flow_kg_per_s[net.one_way] >= -1e-8).all()
