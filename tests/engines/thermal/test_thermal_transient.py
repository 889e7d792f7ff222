"""Water on its way: fronts stay sharp, cooling is exact, and every joule is found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.hydraulics.network import HeatNetwork
from songhua.engines.thermal.transient import (
    DENSITY_KG_PER_M3,
    HEAT_CAPACITY_J_PER_KG_K,
    Flows,
    fill,
    run,
)
from songhua.kit.errors import InputError

STEP_S, GROUND_C = 300.0, 8.0


def network(start, end, consumers, *, length=1000.0, bore=0.1, loss=0.3, sources=(0,)):
    start, end = np.asarray(start), np.asarray(end)
    ones = np.ones(start.size)
    return HeatNetwork(
        np.zeros(max(start.max(), end.max()) + 1), start, end, length * ones, bore * ones,
        1e-4 * ones, loss * ones, np.array(sources), np.ones(len(sources), bool),
        np.array(consumers), np.ones(len(consumers), bool),
    )  # fmt: skip


def line(pipes=1, length=1000.0, **more):
    return network(range(pipes), range(1, pipes + 1), [pipes], length=length / pipes, **more)


def along(pipes, flow, supply_c, outlet_c=40.0):
    """Flows of a line with one consumer at its end."""
    flow = np.asarray(flow, float)
    return Flows(
        np.repeat(flow[:, None], pipes, 1), flow[:, None],
        np.broadcast_to(supply_c, flow.size)[:, None], np.full((flow.size, 1), outlet_c),
    )  # fmt: skip


def mass_kg(built):
    return DENSITY_KG_PER_M3 * np.pi / 4 * built.diameter_m[0] ** 2 * built.length_m.sum()


def kept(built, seconds):
    """The share of a temperature above the ground that is left after so many seconds."""
    area = np.pi / 4 * built.diameter_m[0] ** 2
    rate = built.loss_w_per_m_k[0] / (DENSITY_KG_PER_M3 * area * HEAT_CAPACITY_J_PER_KG_K)
    return np.exp(-rate * seconds)


def assert_closed(result):
    ledger = result.ledger
    assert abs(ledger.unaccounted_j) <= 1e-11 * (ledger.injected_j + abs(ledger.stored_j) + 1)


@pytest.mark.parametrize("pipes", [1, 40])
def test_a_front_arrives_in_its_step_and_not_before_or_after(pipes):
    built = line(pipes, loss=0.0)
    flow = mass_kg(built) / (10.4 * STEP_S)
    found = run(built, fill(built, 50.0, 40.0, GROUND_C), along(pipes, np.full(20, flow), 90.0),
                STEP_S)  # fmt: skip
    exact = np.r_[np.full(10, 50.0), 50 + 0.6 * 40, np.full(9, 90.0)]
    assert found.consumer_supply_c[:, 0] == pytest.approx(exact, abs=1e-9)
    assert_closed(found)


def test_a_steady_flow_leaves_as_the_exponential_law_says():
    built = line(3, length=2000)
    flow, before = 1.7, fill(built, 60.0, 40.0, GROUND_C)
    found = run(built, before, along(3, np.full(80, flow), 90.0), STEP_S)
    left = np.exp(-0.3 * 2000 / (flow * HEAT_CAPACITY_J_PER_KG_K))
    assert found.consumer_supply_c[-1, 0] == pytest.approx(GROUND_C + 82 * left, abs=1e-8)
    assert found.source_return_c[-1, 0] == pytest.approx(GROUND_C + 32 * left, abs=1e-8)
    assert_closed(found)


def test_two_pipes_in_a_row_equal_one():
    rng = np.random.default_rng(3)
    supply_c = rng.uniform(60, 95, 60)
    one, two = line(1), line(2)
    flows = np.full(60, 2.3)
    whole = run(one, fill(one, 50.0, 40.0, GROUND_C), along(1, flows, supply_c), STEP_S)
    halves = run(two, fill(two, 50.0, 40.0, GROUND_C), along(2, flows, supply_c), STEP_S)
    assert halves.consumer_supply_c == pytest.approx(whole.consumer_supply_c, abs=1e-9)
    assert halves.ledger.lost_j == pytest.approx(whole.ledger.lost_j, rel=1e-12)


def test_water_cools_by_its_time_in_the_pipe_even_as_the_flow_changes():
    built = line()
    # Half a pipe in one step, then still for ten, then all of it out in two.
    part = mass_kg(built) / STEP_S / 2
    flow = np.r_[part, part, np.zeros(10), part, part]
    found = run(built, fill(built, 50.0, 40.0, GROUND_C), along(1, flow, 90.0), STEP_S)
    exact = GROUND_C + 82 * kept(built, 12 * STEP_S)
    assert found.consumer_supply_c[-2:, 0] == pytest.approx([exact, exact], abs=1e-9)
    assert_closed(found)


def test_still_water_cools_exactly():
    built = line()
    found = run(built, fill(built, 80.0, 80.0, GROUND_C), along(1, np.zeros(100), 90.0), STEP_S)
    held_j = 2 * mass_kg(built) * HEAT_CAPACITY_J_PER_KG_K * 72
    share = kept(built, 100 * STEP_S)
    assert found.filling.heat_j()[0] == pytest.approx(held_j * share, rel=1e-12)
    assert found.ledger.lost_j == pytest.approx(held_j * (1 - share), rel=1e-12)
    assert (found.consumer_supply_c == GROUND_C).all()
    assert (found.consumer_heat_w == 0).all()


def test_a_reversed_flow_brings_the_same_water_back():
    # Two sources face each other; what the first sent half way comes back to its own consumer.
    built = network([0], [1], [0, 1], loss=0.0, sources=(0, 1))
    part = mass_kg(built) / STEP_S / 8
    flow = np.r_[np.full(4, part), np.full(5, -part)]
    taken = np.column_stack((np.maximum(-flow, 0), np.maximum(flow, 0)))
    supply = np.column_stack((np.r_[60, 70, 80, 90, np.zeros(5)], np.full(9, 30.0)))
    flows = Flows(flow[:, None], taken, supply, np.full((9, 2), 20.0))
    found = run(built, fill(built, 50.0, 20.0, GROUND_C), flows, STEP_S)
    assert found.consumer_supply_c[4:, 0] == pytest.approx([90, 80, 70, 60, 50])
    assert_closed(found)


def test_a_front_also_stays_sharp_where_waters_mix():
    # Two sources into one node; only the first changes, and the mixture changes within one step.
    built = network([0, 1, 2], [2, 2, 3], [3], loss=0.0, sources=(0, 1))
    single = mass_kg(built) / 3
    each = single / (3.3 * STEP_S)  # then 1.65 steps in the common pipe
    flow = np.tile([each, each, 2 * each], (12, 1))
    flows = Flows(flow, flow[:, 2:], np.tile([90.0, 50.0], (12, 1)), np.full((12, 1), 40.0))
    found = run(built, fill(built, 50.0, 40.0, GROUND_C), flows, STEP_S)
    exact = np.r_[np.full(4, 50.0), 50 + 20 * 0.05, np.full(7, 70.0)]
    assert found.consumer_supply_c[:, 0] == pytest.approx(exact, abs=1e-9)
    assert_closed(found)


def test_colder_water_than_the_outlet_gives_no_heat_and_is_passed_on():
    built = line(loss=0.0)
    flow = mass_kg(built) / STEP_S / 2
    found = run(built, fill(built, 30.0, 40.0, GROUND_C), along(1, np.full(6, flow), 90.0), STEP_S)
    assert (found.consumer_heat_w[:2, 0] == 0).all()
    assert found.consumer_heat_w[2, 0] == pytest.approx(flow * HEAT_CAPACITY_J_PER_KG_K * 50)
    assert found.source_return_c[:, 0] == pytest.approx([40, 40, 30, 30, 40, 40])
    asked = np.full((6, 1), 1e5)
    assert found.shortfall_w(asked)[0, 0] == 1e5
    assert found.shortfall_w(asked)[2, 0] == max(1e5 - found.consumer_heat_w[2, 0], 0)


def drawn(seed, steps):
    """A random tree, its flows from its consumers' (some feed in), all of them changing."""
    rng = np.random.default_rng(seed)
    nodes = int(rng.integers(3, 25))
    start = np.array([int(rng.integers(max(0, node - 5), node)) for node in range(1, nodes)])
    consumers = rng.choice(np.arange(1, nodes), max(nodes // 2, 1), replace=False)
    pipes = nodes - 1
    built = network(
        start, np.arange(1, nodes), consumers, length=rng.uniform(5, 800, pipes),
        bore=rng.uniform(0.03, 0.2, pipes), loss=rng.uniform(0, 1, pipes),
    )  # fmt: skip
    taken = rng.uniform(-0.3, 1.5, (steps, consumers.size)) * (rng.random((steps, 1)) > 0.1)
    beyond = np.zeros((steps, nodes))
    beyond[:, consumers] = taken
    for node in range(nodes - 1, 0, -1):
        beyond[:, start[node - 1]] += beyond[:, node]
    flows = Flows(beyond[:, 1:], taken, rng.uniform(50, 95, (steps, 1)),
                  rng.uniform(25, 60, taken.shape))  # fmt: skip
    return built, flows


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), slugs=st.sampled_from([8, 64]))
def test_every_joule_is_found_again_on_any_tree(seed, slugs):
    built, flows = drawn(seed, 60)
    before = fill(built, 70.0, 40.0, GROUND_C, slugs=slugs)
    found = run(built, before, flows, STEP_S)
    assert_closed(found)
    masses = [side.slug[..., 0].copy() for side in (found.filling.supply, found.filling.back)]
    for side, mass in zip((found.filling.supply, found.filling.back), masses, strict=True):
        place = (np.arange(slugs) - side.head[:, None]) % slugs
        held = np.where(place < side.size[:, None], mass, 0).sum(1)
        assert held == pytest.approx(before.supply.slug[:, 0, 0], rel=1e-10)
    warm = found.consumer_supply_c
    assert warm.min() >= GROUND_C - 1e-9
    assert warm.max() <= 95 + 1e-9


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_run_in_two_parts_is_the_run_at_once(seed):
    built, flows = drawn(seed, 40)
    before = fill(built, 70.0, 40.0, GROUND_C)
    whole = run(built, before, flows, STEP_S)
    first = run(built, before, Flows(*(column[:17] for column in vars(flows).values())), STEP_S)
    second = run(built, first.filling, Flows(*(column[17:] for column in vars(flows).values())),
                 STEP_S)  # fmt: skip
    parts = np.concatenate((first.consumer_supply_c, second.consumer_supply_c))
    assert parts == pytest.approx(whole.consumer_supply_c, abs=1e-9)
    lost = first.ledger.lost_j + second.ledger.lost_j
    assert lost == pytest.approx(whole.ledger.lost_j, rel=1e-9)


def test_a_long_queue_is_joined_without_losing_the_great_front():
    built = line(length=20_000, bore=0.3, loss=0.3)
    flow = mass_kg(built) / (100 * STEP_S)
    rng = np.random.default_rng(5)
    supply_c = np.r_[60 + rng.uniform(0, 0.1, 50), 90 + rng.uniform(0, 0.1, 110)]
    flows = along(1, np.full(160, flow), supply_c)
    few = run(built, fill(built, 60.0, 40.0, GROUND_C, slugs=8), flows, STEP_S)
    many = run(built, fill(built, 60.0, 40.0, GROUND_C, slugs=200), flows, STEP_S)
    assert few.consumer_supply_c == pytest.approx(many.consumer_supply_c, abs=0.5)
    assert_closed(few)


def test_flows_that_cannot_be_are_refused():
    built = line(2)
    good = along(2, np.full(3, 1.0), 90.0)
    bad = replace(good, pipe_kg_per_s=good.pipe_kg_per_s * [[1.0, 0.9]])
    filling = fill(built, 50.0, 40.0, GROUND_C)
    with pytest.raises(InputError, match="thermal_flows_unbalanced"):
        run(built, filling, bad, STEP_S)
    with pytest.raises(InputError, match="thermal_size"):
        run(built, filling, replace(good, source_supply_c=np.zeros((3, 2))), STEP_S)
    with pytest.raises(InputError, match="not_finite"):
        run(built, filling, replace(good, consumer_outlet_c=np.full((3, 1), np.nan)), STEP_S)
    ring = network([0, 1, 2, 3], [1, 2, 3, 1], [1])
    around = Flows(np.array([[1.0, 2, 2, 2]]), np.ones((1, 1)), *np.full((2, 1, 1), 50.0))
    with pytest.raises(InputError, match="thermal_flows_in_a_ring"):
        run(ring, fill(ring, 50.0, 40.0, GROUND_C), around, STEP_S)
