"""The flows of one side of a network, supply or return, for known loads: sums and Newton.

A pipe from `start` to `end` carrying m has p_start - p_end = Δp(m) + lift, where the lift is the
weight of the water between the two heights. In the core the flows and pressures are found
together (E. Todini, S. Pilati, A gradient method for the analysis of pipe networks, 1987): from
the flows of before, dΔp/dm gives a linear network, whose pressures give new flows that balance at
every node. The return of a mirrored network obeys the same equations with pressures negated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.factorisation import solve
from songhua.engines.hydraulics.friction import friction_number
from songhua.engines.hydraulics.water import density, viscosity

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, HeatNetwork, Integers

GRAVITY_M_PER_S2 = 9.80665
_PRESSURE_TOLERANCE_PA = 1e-8
_ACCEPTED_PA = 1e-6
_ITERATIONS = 100


class Pipes(NamedTuple):
    """The pipes as compiled code takes them: `shape` is L/D³, `rise_m` the end's height less the
    start's, `per_area` 4/(π D), `roughness` k/D, and `law` the place of the friction law."""

    start: Integers
    end: Integers
    shape: Floats
    rise_m: Floats
    per_area: Floats
    roughness: Floats
    law: int


def pipes(network: HeatNetwork, law: int) -> Pipes:
    """The pipes of a network under a friction law."""
    bore, height = network.diameter_m, network.height_m
    return Pipes(
        network.pipe_start,
        network.pipe_end,
        network.length_m / bore**3,
        height[network.pipe_end] - height[network.pipe_start],
        4 / (np.pi * bore),
        network.roughness_m / bore,
        law,
    )


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def pressure_drop(pipes, fluid, pipe, flow, temperature_c):  # type: ignore[no-untyped-def]
    """Δp(m) and dΔp/dm of one pipe, and its lift, Pa and Pa·s/kg."""
    thickness = viscosity(fluid, temperature_c)
    weight = density(fluid, temperature_c)
    per_flow = pipes.per_area[pipe] / thickness
    number, slope = friction_number(abs(flow) * per_flow, pipes.roughness[pipe], pipes.law)
    scale = thickness * thickness * pipes.shape[pipe] / (2 * weight)
    lift = weight * GRAVITY_M_PER_S2 * pipes.rise_m[pipe]
    return np.copysign(scale * number, flow), scale * slope * per_flow, lift


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def tree_flows(topology, pipes, load, flow):  # type: ignore[no-untyped-def]
    """Flows of the forest; `load`, the flow leaving at each node, gathers at the core's nodes."""
    for step in range(topology.leaf.size):
        node, pipe = topology.leaf[step], topology.pipe[step]
        flow[pipe] = load[node] if pipes.end[pipe] == node else -load[node]
        load[topology.parent[step]] += load[node]


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def tree_pressures(topology, pipes, fluid, flow, temperature_c, side, pressure):  # type: ignore[no-untyped-def]
    """Pressures of the forest, outward from the core; `side` is 1 for supply, -1 for return."""
    for step in range(topology.leaf.size - 1, -1, -1):
        node, pipe = topology.leaf[step], topology.pipe[step]
        loss, _, lift = pressure_drop(pipes, fluid, pipe, flow[pipe], temperature_c[pipe])
        drop = loss + side * lift
        if pipes.start[pipe] == node:
            drop = -drop
        pressure[node] = pressure[topology.parent[step]] - drop


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def core_flows(topology, pattern, pipes, fluid, load, temperature_c, side, flow, pressure):  # type: ignore[no-untyped-def]
    """Flows and pressures of the core from those given, in place; whether they were found.

    `pressure` is given at the nodes without an unknown in `pattern`.
    """
    count = pattern.first.size - 1
    conductance = np.empty(topology.core_pipe.size)
    offset = np.empty(topology.core_pipe.size)
    worst = np.inf
    for attempt in range(_ITERATIONS):
        diagonal, right = np.zeros(count), np.zeros(count)
        below = np.zeros(pattern.row.size)
        for node in topology.core_node:
            if pattern.place[node] >= 0:
                right[pattern.place[node]] = -load[node]
        for number, pipe in enumerate(topology.core_pipe):
            loss, slope, lift = pressure_drop(pipes, fluid, pipe, flow[pipe], temperature_c[pipe])
            start, end = pipes.start[pipe], pipes.end[pipe]
            conductance[number] = 1 / slope
            offset[number] = flow[pipe] - (loss + side * lift) / slope
            one, other = pattern.place[start], pattern.place[end]
            if one >= 0:
                diagonal[one] += 1 / slope
                right[one] -= offset[number]
                if other < 0:
                    right[one] += pressure[end] / slope
            if other >= 0:
                diagonal[other] += 1 / slope
                right[other] += offset[number]
                if one < 0:
                    right[other] += pressure[start] / slope
            if pattern.slot[number] >= 0:
                below[pattern.slot[number]] -= 1 / slope
        solve(pattern, diagonal, below, right)
        for node in topology.core_node:
            if pattern.place[node] >= 0:
                pressure[node] = right[pattern.place[node]]
        before, worst = worst, 0.0
        caution = 1.0 if attempt < 20 else 0.5
        for number, pipe in enumerate(topology.core_pipe):
            drop = pressure[pipes.start[pipe]] - pressure[pipes.end[pipe]]
            reached = offset[number] + conductance[number] * drop
            flow[pipe] += caution * (reached - flow[pipe])
            loss, _, lift = pressure_drop(pipes, fluid, pipe, flow[pipe], temperature_c[pipe])
            worst = max(worst, abs(drop - loss - side * lift))
        if worst <= _PRESSURE_TOLERANCE_PA or (worst <= _ACCEPTED_PA and worst > before / 2):
            return True
    return False


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def net_outflow(topology, pipes, flow, load, outflow):  # type: ignore[no-untyped-def]
    """The flow that each core node puts into the network: its load and what its pipes take."""
    for node in topology.core_node:
        outflow[node] = load[node]
    for pipe in topology.core_pipe:
        outflow[pipes.start[pipe]] += flow[pipe]
        outflow[pipes.end[pipe]] -= flow[pipe]
