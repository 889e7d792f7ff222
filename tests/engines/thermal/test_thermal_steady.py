"""Networks in steady state: exact answers, then what holds for every network, then odd cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.hydraulics.flows import pressure_drop
from songhua.engines.hydraulics.network import HeatNetwork
from songhua.engines.hydraulics.water import fluid
from songhua.engines.thermal.model import prepare
from songhua.engines.thermal.operation import Operation, Reason
from songhua.engines.thermal.series import series
from songhua.engines.thermal.steady import steady
from songhua.kit.errors import InputError

CONSTANT = fluid(0, 200, [970, 970], [3.5e-4, 3.5e-4], [4200, 4200])


def network(pairs, consumers, *, length=100.0, bore=0.1, loss=0.3, height=None, **more):
    start, end = np.array(pairs, int).reshape(-1, 2).T
    count = max(int(max(start, default=0)), int(max(end, default=0)), *consumers, 0) + 1
    ones = np.ones(start.size)
    sources = more.get("sources", [0])
    return HeatNetwork(
        np.zeros(count) if height is None else np.asarray(height, float),
        start, end, length * ones, bore * ones, 1e-4 * ones, loss * ones,
        np.array(sources), np.array(more.get("holds", [True] * len(sources))),
        np.array(consumers, int), np.array(more.get("by_flow", [False] * len(consumers)), bool),
    )  # fmt: skip


def operation(heat, *, flow=None, sources=1, given_flow=0.0, outlet=40.0):
    heat = np.asarray(heat, float)
    return Operation(
        np.full(sources, 90.0), np.full(sources, 8e5), np.full(sources, 3e5),
        np.full(sources, given_flow), heat, np.zeros(heat.size) if flow is None else np.array(flow),
        np.full(heat.size, outlet), 8.0,
    )  # fmt: skip


def random_network(seed, nodes=40, loops=6, height=0.0):
    rng = np.random.default_rng(seed)
    pairs = [(int(rng.integers(max(0, i - 6), i)), i) for i in range(1, nodes)]
    while len(pairs) < nodes - 1 + loops:
        one, other = rng.choice(nodes, 2, replace=False)
        pairs.append((int(one), int(other)))
    consumers = rng.choice(np.arange(1, nodes), nodes // 3, replace=False).tolist()
    built = network(
        pairs, consumers, length=rng.uniform(20, 200, len(pairs)),
        bore=rng.uniform(0.05, 0.15, len(pairs)), height=rng.uniform(0, height, nodes),
    )  # fmt: skip
    return built, operation(rng.uniform(5e3, 6e4, len(consumers)))


def test_temperature_falls_exponentially_along_a_pipe():
    built = network([(0, 1)], [1], length=2000, by_flow=[True])
    state = steady(prepare(built, fluid=CONSTANT), operation([0], flow=[0.5]))
    exact = 8 + 82 * np.exp(-0.3 * 2000 / (0.5 * 4200))
    assert state.supply.node_c[1] == pytest.approx(exact, abs=1e-8)
    back = 8 + 32 * np.exp(-0.3 * 2000 / (0.5 * 4200))
    assert state.back.node_c[0] == pytest.approx(back, abs=1e-8)


def test_two_halves_of_a_pipe_equal_the_whole():
    halves = network([(0, 1), (1, 2)], [2], length=1500, bore=0.15)
    parts = steady(prepare(halves, fluid=CONSTANT), operation([3e5]))
    single = network([(0, 1)], [1], length=3000, bore=0.15)
    whole = steady(prepare(single, fluid=CONSTANT), operation([3e5]))
    assert parts.supply.node_c[2] == pytest.approx(whole.supply.node_c[1], abs=1e-8)
    assert parts.supply.pressure_pa[2] == pytest.approx(whole.supply.pressure_pa[1], abs=1e-6)
    # With real water a pipe that spans several degrees of the table is off by far less than 1 mK.
    parts, whole = (steady(prepare(built), operation([3e5])) for built in (halves, single))
    assert parts.supply.node_c[2] == pytest.approx(whole.supply.node_c[1], abs=1e-4)


def test_no_flow_crosses_a_balanced_bridge():
    built = network([(0, 1), (0, 2), (1, 3), (2, 3), (1, 2)], [3])
    state = steady(prepare(built), operation([2e5]))
    assert state.converged
    assert state.supply.flow_kg_per_s[4] == pytest.approx(0, abs=1e-9)
    assert state.supply.flow_kg_per_s[0] == pytest.approx(state.supply.flow_kg_per_s[1])


def test_parallel_pipes_share_by_bore_to_the_five_halves():
    built = network([(0, 1), (0, 1)], [1], bore=np.array([0.1, 0.2]), loss=0.0, by_flow=[True])
    built = replace(built, roughness_m=built.diameter_m / 100)
    state = steady(prepare(built, "nikuradse", CONSTANT), operation([0], flow=[50.0]))
    one, other = state.supply.flow_kg_per_s  # fully rough, but for a little of 64/Re
    assert other / one == pytest.approx(2**2.5, rel=1e-2)
    assert one + other == pytest.approx(50, abs=1e-9)


@pytest.mark.parametrize("law", ["colebrook", "haaland", "swamee_jain", "nikuradse"])
@pytest.mark.parametrize("seed", range(8))
def test_manufactured_flows_on_a_random_mesh_are_found(seed, law):
    """Pressures drawn at random give every pipe's flow and so each node's load: solve for it."""
    rng = np.random.default_rng(seed)
    built, _ = random_network(seed, loops=15)
    nodes = built.height_m.size
    flow = np.zeros(built.length_m.size)
    pressure = rng.uniform(2e5, 2.2e5, nodes)
    model = prepare(built, law, CONSTANT)
    assert model.net.order.pipe.size == flow.size
    for place, pipe in enumerate(model.net.order.pipe):
        wanted = pressure[built.pipe_start[pipe]] - pressure[built.pipe_end[pipe]]
        low, high = -1e4, 1e4
        for _ in range(200):
            flow[pipe] = (low + high) / 2
            if pressure_drop(model.net.pipes, CONSTANT, place, flow[pipe], 50.0)[0] < wanted:
                low = flow[pipe]
            else:
                high = flow[pipe]
    load = np.bincount(built.pipe_end, flow, nodes) - np.bincount(built.pipe_start, flow, nodes)
    asked = replace(
        built, consumer_node=np.arange(1, nodes), consumer_by_flow=np.ones(nodes - 1, bool)
    )
    task = operation(np.zeros(nodes - 1), flow=load[1:])
    state = steady(prepare(asked, law, CONSTANT), replace(task, source_supply_pa=pressure[:1]))
    assert np.abs(state.supply.flow_kg_per_s - flow).max() <= 1e-9
    assert np.abs(state.supply.pressure_pa - pressure).max() <= 1e-6


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.003, 1.2), st.sampled_from([0.0, 50.0]))
def test_every_tree_keeps_its_books(seed, share, height):
    check_books(seed, 0, share, height)


@pytest.mark.parametrize("share", [1.0, 0.1, 0.03])
@pytest.mark.parametrize("loops", [4, 15])
@pytest.mark.parametrize("seed", range(8))
def test_level_meshes_keep_their_books(seed, loops, share):
    check_books(seed, loops, share, 0.0)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.003, 1.2), st.integers(1, 15))
def test_a_mesh_is_finite_and_keeps_its_books_where_it_says_that_it_is_found(seed, share, loops):
    """Of random meshes near a hundredth of their load a few are not found: pipes all but still."""
    built, full = random_network(seed, loops=loops)
    low = replace(full, consumer_heat_w=share * full.consumer_heat_w)
    state = steady(prepare(built), low)
    assert all_finite(state)
    if state.converged:
        check_state(built, low, state)


@pytest.mark.parametrize("share", [1.0, 0.1, 0.003, 0.0])
@pytest.mark.parametrize("seed", range(4))
def test_a_steep_mesh_is_finite_and_says_whether_it_is_found(seed, share):
    """Heights and cold water make it circulate by itself; there may be no steady state."""
    built, full = random_network(seed, loops=4, height=50.0)
    low = replace(full, consumer_heat_w=share * full.consumer_heat_w)
    state = steady(prepare(built), low)
    assert all_finite(state)
    if state.converged:
        assert state.consumer_heat_w == pytest.approx(low.consumer_heat_w, rel=1e-6)
        assert abs(state.unaccounted_w) <= 1e-9 * max(state.source_heat_w.sum(), 1)


def check_books(seed, loops, share, height):
    built, full = random_network(seed, loops=loops, height=height)
    asked = replace(full, consumer_heat_w=share * full.consumer_heat_w)
    state = steady(prepare(built), asked)
    assert state.converged
    check_state(built, asked, state)


def check_state(built, asked, state):
    """Heat and mass balance everywhere, and no temperature lies outside those given."""
    assert abs(state.unaccounted_w) <= 1e-9 * state.source_heat_w.sum()
    assert state.consumer_heat_w == pytest.approx(asked.consumer_heat_w, rel=1e-8)
    nodes = built.height_m.size
    for side in (state.supply, state.back):
        net = np.bincount(built.pipe_end, side.flow_kg_per_s, nodes)
        net -= np.bincount(built.pipe_start, side.flow_kg_per_s, nodes)
        net -= np.bincount(built.consumer_node, state.consumer_flow_kg_per_s, nodes)
        net[0] += state.source_flow_kg_per_s[0]
        assert np.abs(net).max() <= 1e-9
        assert (side.lost_w >= -1e-9).all()
    assert (state.supply.node_c >= 8 - 1e-9).all()
    assert (state.supply.node_c <= 90 + 1e-9).all()
    assert (state.back.node_c <= 40 + 1e-9).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_tree_at_three_thousandths_of_its_load_is_solved(seed):
    built, full = random_network(seed, nodes=200, loops=0)
    low = replace(full, consumer_heat_w=0.003 * full.consumer_heat_w)
    state = steady(prepare(built), low)
    assert state.converged
    assert state.consumer_heat_w == pytest.approx(low.consumer_heat_w, rel=1e-6)


def test_more_insulation_loses_less():
    built, full = random_network(3, loops=0)
    lost = [steady(prepare(replace(built, loss_w_per_m_k=u * built.loss_w_per_m_k)), full).lost_w
            for u in (0.0, 0.5, 1.0, 2.0)]  # fmt: skip
    assert lost[0] == pytest.approx(0, abs=1e-6)
    assert np.all(np.diff(lost) > 0)


def test_heights_weigh_on_the_pressure_but_not_on_a_tree_s_flows():
    flat = steady(prepare(network([(0, 1)], [1]), fluid=CONSTANT), operation([1e5]))
    built = network([(0, 1)], [1], height=[0, 30])
    high = steady(prepare(built, fluid=CONSTANT), operation([1e5]))
    weight = 970 * 9.80665 * 30
    assert high.supply.pressure_pa[1] == pytest.approx(flat.supply.pressure_pa[1] - weight)
    assert high.back.pressure_pa[1] == pytest.approx(flat.back.pressure_pa[1] - weight)


def test_a_textbook_loop_is_shared_as_hardy_cross_would():
    """Pressures rise by r m²; where no head is left around the loops, the flows are those sought.

    H. Cross, Analysis of flow in networks of conduits or conductors, Univ. Illinois Bulletin 286
    (1936): here corrected loop by loop, by his own formula, until nothing changes.
    """
    pairs = [(0, 1), (1, 2), (0, 3), (3, 2), (1, 3)]
    bore = np.array([0.2, 0.15, 0.15, 0.2, 0.1])
    built = network(pairs, [1, 2, 3], bore=bore, loss=0.0, by_flow=[True] * 3)
    built = replace(built, roughness_m=bore / 50)
    state = steady(prepare(built, "nikuradse", CONSTANT),
                   operation(np.zeros(3), flow=[10.0, 40.0, 20.0]))  # fmt: skip
    flow = np.array([40.0, 30.0, 30.0, 10.0, 0.0])
    rough = (2 * np.log10(3.71 * 50)) ** -2
    turbulent = rough * 100.0 / bore * 8 / (970 * np.pi**2 * bore**4)
    laminar = 128 * 3.5e-4 * 100.0 / (970 * np.pi * bore**4)
    loops = np.array([[1, 0, -1, 0, 1], [0, 1, 0, -1, -1]])
    for _ in range(200):
        for loop in loops:
            head = loop @ (turbulent * flow * np.abs(flow) + laminar * flow)
            flow = flow - loop * head / (np.abs(loop) @ (2 * turbulent * np.abs(flow) + laminar))
    assert state.supply.flow_kg_per_s == pytest.approx(flow, abs=1e-9)


def all_finite(state):
    figures = [*state.supply, *state.back, state.consumer_flow_kg_per_s, state.consumer_heat_w,
               state.source_flow_kg_per_s, state.source_heat_w]  # fmt: skip
    return all(np.isfinite(column).all() for column in figures)


def test_no_load_is_still_water_at_the_temperature_of_the_ground():
    state = steady(prepare(network([(0, 1), (1, 2), (0, 2)], [1, 2])), operation([0, 0]))
    assert state.converged
    assert all_finite(state)
    assert state.supply.flow_kg_per_s == pytest.approx(np.zeros(3), abs=1e-9)
    assert state.consumer_reason.tolist() == [Reason.NORMAL, Reason.NORMAL]


def test_an_island_gets_a_reason_and_the_rest_its_heat():
    built = network([(0, 1), (2, 3), (3, 4), (4, 2)], [1, 3])
    state = steady(prepare(built), operation([1e5, 1e5]))
    assert all_finite(state)
    assert state.consumer_reason.tolist() == [Reason.NORMAL, Reason.ISLAND]
    assert state.consumer_flow_kg_per_s[1] == 0
    assert state.node_reason.tolist() == [0, 0, *[Reason.ISLAND] * 3]


def test_water_that_comes_too_cold_is_a_reason_not_a_crash():
    state = steady(prepare(network([(0, 1)], [1])), operation([1e5], outlet=95.0))
    assert all_finite(state)
    assert state.consumer_reason.tolist() == [Reason.NO_TEMPERATURE_SPREAD]


def test_a_consumer_that_feeds_in_heats_its_neighbours():
    built = network([(0, 1), (1, 2)], [1, 2])
    task = replace(operation([1e5, -2e4]), consumer_outlet_c=np.array([40.0, 80.0]))
    state = steady(prepare(built), task)
    assert state.converged
    assert state.supply.flow_kg_per_s[1] < 0
    assert state.consumer_heat_w == pytest.approx([1e5, -2e4], rel=1e-8)
    assert abs(state.unaccounted_w) <= 1e-9 * state.source_heat_w.sum()


@pytest.mark.parametrize("holds", [True, False])
def test_two_sources_share_the_load_and_keep_their_books(holds):
    built = network([(0, 1), (1, 2), (2, 3), (1, 4), (4, 2)], [1, 2, 4], sources=[0, 3],
                    holds=[True, holds])  # fmt: skip
    state = steady(prepare(built), operation([1e5, 2e5, 1e5], sources=2, given_flow=0.7))
    assert state.converged
    assert (state.source_flow_kg_per_s > 0).all()
    if not holds:
        assert state.source_flow_kg_per_s[1] == 0.7
    assert state.source_flow_kg_per_s.sum() == pytest.approx(state.consumer_flow_kg_per_s.sum())
    assert abs(state.unaccounted_w) <= 1e-9 * state.source_heat_w.sum()


def test_a_series_is_its_steps():
    built, full = random_network(5, loops=2)
    model = prepare(built)
    shares = np.array([1.0, 0.8, 0.0, 1.1])
    columns = {name: np.stack([np.asarray(values)] * 4) for name, values in vars(full).items()}
    columns["consumer_heat_w"] = shares[:, None] * full.consumer_heat_w
    found = series(model, Operation(**columns))
    assert found.converged.all()
    for step, share in enumerate(shares):
        alone = steady(model, replace(full, consumer_heat_w=share * full.consumer_heat_w))
        assert found.consumer_flow_kg_per_s[step] == pytest.approx(
            alone.consumer_flow_kg_per_s, rel=1e-7, abs=1e-12
        )


def test_everything_wrong_is_said_at_once():
    with pytest.raises(InputError) as caught:
        network([(0, 0), (1, 7)], [9], length=-1.0, bore=0.0, height=np.zeros(3))
    assert {p.code for p in caught.value.problems} >= {
        "negative", "network_not_positive", "network_no_such_node", "network_pipe_to_itself",
    }  # fmt: skip
    task = replace(operation([1e5]), source_supply_c=np.array([363.15]), ground_c=np.nan)
    with pytest.raises(InputError) as caught:
        steady(prepare(network([(0, 1)], [1])), task)
    assert {p.code for p in caught.value.problems} == {"thermal_not_liquid", "not_finite"}
