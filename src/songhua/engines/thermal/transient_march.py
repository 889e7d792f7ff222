"""Step after step: sources send water, it moves, consumers cool it, it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.lean import lean
from songhua.engines.thermal.sweep import downstream
from songhua.engines.thermal.transient_nodes import (
    STILL,
    arrive,
    arrive_even,
    average,
    follow,
)

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.thermal.transient_nodes import Graph

MOVED, UNBALANCED, RING = range(3)
_BALANCED = 1e-9  # of the largest flow


class Ground(NamedTuple):
    """What stays: pipes between nodes, sources' and consumers' nodes, the ground's temperature and
    the water's heat capacity."""

    graph: Graph
    source: Integers
    consumer: Integers
    ground_c: float
    capacity: float


class Steps(NamedTuple):
    """Inputs, a row per step: see `transient.Flows`."""

    pipe: Floats
    consumer: Floats
    supply_c: Floats
    outlet_c: Floats


class Found(NamedTuple):
    """Results, a row per step, as in `transient.Transient`; and the kg·K lost to the ground."""

    consumer_c: Floats
    consumer_w: Floats
    source_flow: Floats
    return_c: Floats
    source_w: Floats
    lost: Floats


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def march(place, steps, begun_s, step_s, supply, back, nodes, behind, found):  # type: ignore[no-untyped-def]
    """Move supply and return through all steps in place.

    `nodes` are the supply's and `behind` the return's. Returns `MOVED` and the number of steps, or
    what is wrong with the flows of a step, and that step.
    """
    graph, pipes = place.graph, steps.pipe.shape[1]
    torn, excess = np.zeros(graph.cores, np.bool_), np.zeros(graph.cores)
    signs, order = np.full(pipes, 2.0), np.zeros(0, np.int64)
    for step in range(steps.pipe.shape[0]):
        flow, now = steps.pipe[step], begun_s + step * step_s
        if not _leaving(place, flow, steps.consumer[step], excess):
            return UNBALANCED, step
        if _turned(flow, signs):
            order = downstream(graph, signs, torn)
            if torn.any():
                return RING, step
        for side in (nodes, behind):
            side.pieces[:] = 0
            side.flow[:] = 0.0
        _feed(place, steps, step, step_s, excess, nodes)
        lost = follow(graph, order, supply, flow, now, step_s, nodes)
        _serve(place, steps, step, step_s, excess, nodes, behind, found)
        lost += follow(graph, order[::-1], back, -flow, now, step_s, behind)
        _account(place, steps, step, step_s, excess, behind, found)
        found.lost[step] = lost
    return MOVED, steps.pipe.shape[0]


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _turned(flow, signs):  # type: ignore[no-untyped-def]
    """Bring `signs` up to date; whether any pipe's flow has another sign than before."""
    turned = False
    for pipe in range(flow.size):
        sign = np.sign(flow[pipe]) if abs(flow[pipe]) > STILL else 0.0
        turned |= sign != signs[pipe]
        signs[pipe] = sign
    return turned


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _leaving(place, flow, taken, excess):  # type: ignore[no-untyped-def]
    """What leaves each supply node less what comes by pipes; false if that is not from sources."""
    start, end, most = place.graph.start, place.graph.end, STILL
    excess[:] = 0.0
    for pipe in range(flow.size):
        excess[start[pipe]] += flow[pipe]
        excess[end[pipe]] -= flow[pipe]
        most = max(most, abs(flow[pipe]))
    for number, node in enumerate(place.consumer):
        excess[node] += taken[number]
        most = max(most, abs(taken[number]))
    brought = excess[place.source]
    excess[place.source] = 0.0
    balanced = np.abs(excess).max() <= _BALANCED * most
    excess[place.source] = brought
    return balanced


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _feed(place, steps, step, step_s, excess, nodes):  # type: ignore[no-untyped-def]
    """What sources, and consumers that feed in, give to the supply."""
    for number, node in enumerate(place.source):
        if excess[node] > STILL:
            above_k = steps.supply_c[step, number] - place.ground_c
            arrive_even(nodes, node, excess[node], step_s, above_k)
    consumers, flows = place.consumer, steps.consumer[step]
    for number in range(flows.size):
        if flows[number] < -STILL:
            above_k = steps.outlet_c[step, number] - place.ground_c
            arrive_even(nodes, consumers[number], -flows[number], step_s, above_k)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _serve(place, steps, step, step_s, excess, nodes, behind, found):  # type: ignore[no-untyped-def]
    """Consumers take heat and give the water to the return; colder water they pass on as it is."""
    consumers, flows, outlets = place.consumer, steps.consumer[step], steps.outlet_c[step]
    supplied_c, heat_w = found.consumer_c[step], found.consumer_w[step]
    ground_c, capacity = place.ground_c, place.capacity
    for number in range(flows.size):
        node, flow = consumers[number], flows[number]
        if flow <= STILL:
            supplied_c[number] = ground_c
            continue
        supplied_c[number] = ground_c + average(nodes, node, step_s)
        drop = supplied_c[number] - outlets[number]
        if drop > 0:
            heat_w[number] = flow * capacity * drop
            arrive_even(behind, node, flow, step_s, outlets[number] - ground_c)
        else:
            _pass_on(nodes, behind, node, flow, step_s)
    for node in place.source:
        if excess[node] < -STILL:
            _pass_on(nodes, behind, node, -excess[node], step_s)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _pass_on(nodes, behind, node, flow, step_s):  # type: ignore[no-untyped-def]
    """Let supply water go to the return as it is."""
    arrive(behind, node, flow, step_s, nodes.piece[node], nodes.pieces[node])


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _account(place, steps, step, step_s, excess, behind, found):  # type: ignore[no-untyped-def]
    """What sources and consumers that feed in did to the water that came back to them."""
    for number, node in enumerate(place.source):
        back_c = place.ground_c + average(behind, node, step_s)
        found.return_c[step, number] = back_c
        found.source_flow[step, number] = excess[node]
        lifted_k = steps.supply_c[step, number] - back_c
        found.source_w[step, number] = max(excess[node], 0.0) * place.capacity * lifted_k
    consumers, flows = place.consumer, steps.consumer[step]
    for number in range(flows.size):
        if flows[number] < -STILL:
            back_c = place.ground_c + average(behind, consumers[number], step_s)
            lifted_k = steps.outlet_c[step, number] - back_c
            found.consumer_w[step, number] = flows[number] * place.capacity * lifted_k
