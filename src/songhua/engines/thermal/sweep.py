"""Temperatures by following the water: each node after all that feed it.

Along a pipe  m cp dT/dx = -U (T - T_ground),  so T_out - T_ground = (T_in - T_ground) exp(-x) with
x = U L / (m cp), the heat capacity taken at the mean of the two ends. At a node the enthalpies mix
in proportion to the flows. Water that flows toward the core is followed inward through the trees,
then through the core, then outward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.lean import lean
from songhua.engines.hydraulics.water import (
    capacity_slope,
    enthalpy,
    heat_capacity,
    temperature,
)

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats

_NEAR_K = 1e-8  # Newton's next step in a pipe's mean temperature would be far less


class Side(NamedTuple):
    """The state of supply or return, in place, in the order of the layout.

    Nodes: `pressure_pa` (the return's negated) and `node_c`. Pipes: `flow_kg_per_s`, positive from
    start to end in the supply and from end to start in the return, in trees from parent to leaf
    and the reverse; `mean_c`, of the two ends; `along_c`, along the pipe; `lost_w`; `decay`, what
    is left of the difference to the ground; `gain`, the outlet's temperature per flow, dT_out/d|m|.
    """

    pressure_pa: Floats
    node_c: Floats
    flow_kg_per_s: Floats
    mean_c: Floats
    along_c: Floats
    lost_w: Floats
    decay: Floats
    gain: Floats


class Inflow(NamedTuple):
    """What comes to each node, shape (nodes,): from tree pipes, consumers and sources (and, while
    the water is followed, from core pipes): its mass in kg/s, and its enthalpy in W. `idle_c` is a
    node's temperature when nothing comes. `torn`: its temperature is given, see `downstream`."""

    mass: Floats
    heat: Floats
    idle_c: Floats
    torn: Flags


def empty_side(nodes: int, pipes: int, temperature_c: float) -> Side:
    """A side at one temperature, for a first guess."""
    return Side(
        *(np.full(size, value) for size, value in (
            (nodes, 0.0), (nodes, temperature_c), (pipes, 0.0), (pipes, temperature_c),
            (pipes, temperature_c), (pipes, 0.0), (pipes, 1.0), (pipes, 0.0),
        ))
    )  # fmt: skip


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def through(net, ground_c, side, pipe, flow, inlet_c):  # type: ignore[no-untyped-def]
    """The temperature in which `flow` kg/s > 0 leave a pipe; the pipe's columns are filled."""
    loss, fluid = net.pipe_loss[pipe], net.fluid
    difference = inlet_c - ground_c
    mean_c, share, exponent, decay = inlet_c, 1.0, 0.0, 1.0
    if loss > 0:
        mean_c = ground_c + difference * (1 + side.decay[pipe]) / 2
        for _ in range(30):
            capacity = heat_capacity(fluid, mean_c)
            exponent = min(loss / (flow * capacity), 700.0)
            if exponent < 0.02:
                share = 1 / 120 - exponent * (1 / 720)
                share = 1 / 2 - exponent * (1 / 6 - exponent * (1 / 24 - exponent * share))
                share = 1 - exponent * share
            else:
                share = -np.expm1(-exponent) / exponent
            decay = 1 - share * exponent
            slope = difference * decay * exponent / (2 * capacity) * capacity_slope(fluid, mean_c)
            wrong = ground_c + difference * (1 + decay) / 2 - mean_c
            mean_c += wrong / (1 - slope)
            if abs(slope * wrong) <= _NEAR_K:
                break
    side.mean_c[pipe], side.along_c[pipe] = mean_c, ground_c + difference * share
    side.decay[pipe], side.gain[pipe] = decay, difference * exponent * decay / flow
    return 2 * mean_c - inlet_c


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def still(ground_c, side, pipe):  # type: ignore[no-untyped-def]
    """A pipe without flow has the temperature of the ground."""
    side.mean_c[pipe] = side.along_c[pipe] = ground_c
    side.decay[pipe] = side.gain[pipe] = 0.0


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def mix(net, inflow, side, node):  # type: ignore[no-untyped-def]
    """The temperature of a node, from all that has come to it."""
    if inflow.mass[node] > 0:
        specific = inflow.heat[node] / inflow.mass[node]
        return temperature(net.fluid, specific, side.node_c[node])
    return inflow.idle_c[node]


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def downstream(order, water, torn):  # type: ignore[no-untyped-def]
    """Core nodes in an order in which each comes after all that feed it.

    `water` is the core pipes' flow, positive where it goes from start to end. Water can go round in
    a ring, driven by its own weight: one node of each is then torn, and comes before its feeders.
    """
    found = np.empty(order.cores, np.int64)
    _downstream(order, water, torn, np.zeros(order.cores, np.int64), found)
    return found


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _downstream(order, water, torn, waiting, found):  # type: ignore[no-untyped-def]
    """`waiting` is 0 on entry, and then how many feeders a node waits for, -1 once it is found."""
    for pipe in range(order.meshes):
        if water[pipe] != 0:
            waiting[order.end[pipe] if water[pipe] > 0 else order.start[pipe]] += 1
    size = done = candidate = 0
    for node in range(order.cores):
        torn[node] = False
        if waiting[node] == 0:
            found[size], waiting[node] = node, -1
            size += 1
    while done < order.cores:
        if done == size:
            while waiting[candidate] < 0:
                candidate += 1
            found[size], waiting[candidate], torn[candidate] = candidate, -1, True
            size += 1
        node = found[done]
        done += 1
        for place in range(order.first[node], order.first[node + 1]):
            pipe = order.around[place]
            if (
                water[pipe] == 0
                or (order.start[pipe] if water[pipe] > 0 else order.end[pipe]) != node
            ):
                continue
            other = order.start[pipe] + order.end[pipe] - node
            if waiting[other] > 0:
                waiting[other] -= 1
                if waiting[other] == 0:
                    found[size], waiting[other] = other, -1
                    size += 1


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def core_temperatures(net, ground_c, sign, inflow, side):  # type: ignore[no-untyped-def]
    """Follow the water through the core; a torn node keeps the temperature that it had.

    On entry `inflow` holds what comes from outside the core's pipes; theirs is added. Returns by
    how many kelvin a torn node differs at worst from what comes to it.
    """
    water = sign * side.flow_kg_per_s[: net.order.meshes]
    found = downstream(net.order, water, inflow.torn)
    return _through_core(net, ground_c, water, found, inflow, side)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _through_core(net, ground_c, water, found, inflow, side):  # type: ignore[no-untyped-def]
    order = net.order
    for pipe in range(order.meshes):
        if water[pipe] == 0:
            still(ground_c, side, pipe)
    for node in found:
        if not inflow.torn[node]:
            side.node_c[node] = mix(net, inflow, side, node)
        for place in range(order.first[node], order.first[node + 1]):
            pipe = order.around[place]
            if (
                water[pipe] == 0
                or (order.start[pipe] if water[pipe] > 0 else order.end[pipe]) != node
            ):
                continue
            flow, other = abs(water[pipe]), order.start[pipe] + order.end[pipe] - node
            outlet_c = through(net, ground_c, side, pipe, flow, side.node_c[node])
            inflow.mass[other] += flow
            inflow.heat[other] += flow * enthalpy(net.fluid, outlet_c)
    drift = 0.0
    for node in range(order.cores):
        if inflow.torn[node]:
            drift = max(drift, abs(mix(net, inflow, side, node) - side.node_c[node]))
    return drift
