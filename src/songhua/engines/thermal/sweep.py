"""Temperatures by following the water: every pipe after all that feed the node it starts at.

Along a pipe  m cp(T) dT/dx = -U (T - T_ground).  With the heat capacity linear in temperature the
solution is exponential, T_out - T_ground = (T_in - T_ground) exp(-U L / (m cp)), with cp taken at
the ground's temperature plus the logarithmic mean difference; a few rounds find it. At a node the
enthalpies mix in proportion to the flows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.water import enthalpy, heat_capacity, temperature

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats


class Side(NamedTuple):
    """The state of supply or return, in place. Shape (nodes,): `pressure_pa` (the return's
    negated), `node_c`, and `growth_k`, the rise of the temperature when every flow grows by the
    same small share, per share. Shape (pipes,): `flow_kg_per_s`, positive from start to end in
    the supply and from end to start in the return; `mean_c`; `lost_w`; `decay`, what is left of
    the difference to the ground; `gain_k`, the pipe's own part of the growth."""

    pressure_pa: Floats
    node_c: Floats
    growth_k: Floats
    flow_kg_per_s: Floats
    mean_c: Floats
    lost_w: Floats
    decay: Floats
    gain_k: Floats


def empty_side(nodes: int, pipes: int, temperature_c: float, flow_kg_per_s: Floats) -> Side:
    """A side at one temperature, for a first guess."""
    return Side(
        np.zeros(nodes),
        np.full(nodes, temperature_c),
        np.zeros(nodes),
        flow_kg_per_s,
        np.full(pipes, temperature_c),
        np.zeros(pipes),
        np.zeros(pipes),
        np.zeros(pipes),
    )


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def enthalpies(fluid, temperatures_c):  # type: ignore[no-untyped-def]
    """Enthalpy in J/kg, element by element."""
    found = np.empty(temperatures_c.size)
    for number in range(found.size):
        found[number] = enthalpy(fluid, temperatures_c[number])
    return found


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def downstream_order(first, around, start, end, flow):  # type: ignore[no-untyped-def]
    """The pipes with flow, each after all that feed its upstream node, and the torn nodes.

    Water can go round in a ring, driven by its own weight; one node of each is torn: true in the
    second array, shape (nodes,), and its pipes come before some that feed it.
    """
    waiting = np.zeros(first.size - 1, np.int64)
    for pipe in range(flow.size):
        if flow[pipe] != 0:
            waiting[end[pipe] if flow[pipe] > 0 else start[pipe]] += 1
    torn = np.zeros(waiting.size, np.bool_)
    listed = np.zeros(waiting.size, np.bool_)
    ready = np.empty(waiting.size, np.int64)
    order = np.empty(flow.size, np.int64)
    size = count = done = 0
    for node in range(waiting.size):
        if waiting[node] == 0:
            ready[size], listed[node] = node, True
            size += 1
    candidate = 0
    while done < waiting.size:
        if done == size:
            while listed[candidate]:
                candidate += 1
            ready[size], listed[candidate], torn[candidate] = candidate, True, True
            size += 1
        node = ready[done]
        done += 1
        for pipe in around[first[node] : first[node + 1]]:
            if flow[pipe] == 0 or (start[pipe] if flow[pipe] > 0 else end[pipe]) != node:
                continue
            order[count] = pipe
            count += 1
            other = start[pipe] + end[pipe] - node
            waiting[other] -= 1
            if waiting[other] == 0 and not listed[other]:
                ready[size], listed[other] = other, True
                size += 1
    return order[:count], torn


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def outlet(fluid, inlet_c, ground_c, loss_per_flow):  # type: ignore[no-untyped-def]
    """Temperature at a pipe's end, the share of the difference left, and U L/(m cp).

    `loss_per_flow` is U L/m in J/(kg·K).
    """
    difference = inlet_c - ground_c
    capacity = heat_capacity(fluid, inlet_c)
    for _ in range(30):
        exponent = min(loss_per_flow / capacity, 700.0)
        if exponent < 0.02:
            fallen = exponent * (1 - exponent / 2 * (1 - exponent / 3 * (1 - exponent / 4 * (
                1 - exponent / 5 * (1 - exponent / 6)))))  # fmt: skip
        else:
            fallen = -np.expm1(-exponent)
        before, capacity = capacity, heat_capacity(fluid, ground_c + difference * fallen / exponent)
        if abs(capacity - before) <= 1e-13 * capacity:
            break
    return inlet_c - difference * fallen, 1 - fallen, exponent


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _settle(fluid, node, mass, heat, warm, spread, idle_c, side, node_enthalpy):  # type: ignore[no-untyped-def]
    """Mix what has come to a node; one that nothing comes to has its idle temperature."""
    if mass[node] > 0:
        guess = warm[node] / mass[node]
        side.node_c[node] = temperature(fluid, heat[node] / mass[node], guess)
        side.growth_k[node] = spread[node] / mass[node]
    else:
        side.node_c[node] = idle_c[node]
        side.growth_k[node] = 0.0
    node_enthalpy[node] = enthalpy(fluid, side.node_c[node])


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def temperatures(pipes, order, torn, sign, loss_w_per_k, ground_c, fluid, outside, idle_c, side):  # type: ignore[no-untyped-def]
    """Fill a side's temperatures, losses and derivatives from its flows.

    `sign` is 1 for the supply, -1 for the return. `outside`, shape (3, nodes), is the water
    that comes from outside the pipes: its mass, its enthalpy, its mass times temperature; it is
    added to. A torn node starts from the temperature it had.
    """
    mass, heat, warm = outside
    spread = np.zeros(mass.size)
    settled = np.zeros(mass.size, np.bool_)
    node_enthalpy = np.empty(mass.size)
    side.mean_c[:] = ground_c
    side.lost_w[:] = 0.0
    side.decay[:] = 0.0
    side.gain_k[:] = 0.0
    for pipe in order:
        flow = sign * side.flow_kg_per_s[pipe]
        here, there = pipes.start[pipe], pipes.end[pipe]
        if flow < 0:
            flow, here, there = -flow, there, here
        if not settled[here]:
            settled[here] = True
            if torn[here]:
                node_enthalpy[here] = enthalpy(fluid, side.node_c[here])
            else:
                _settle(fluid, here, mass, heat, warm, spread, idle_c, side, node_enthalpy)
        inlet_c = side.node_c[here]
        outlet_c, decay = inlet_c, 1.0
        if loss_w_per_k[pipe] > 0:
            outlet_c, decay, exponent = outlet(fluid, inlet_c, ground_c, loss_w_per_k[pipe] / flow)
            side.gain_k[pipe] = (inlet_c - ground_c) * exponent * decay
        side.decay[pipe] = decay
        side.mean_c[pipe] = (inlet_c + outlet_c) / 2
        carried = flow * enthalpy(fluid, outlet_c)
        side.lost_w[pipe] = flow * node_enthalpy[here] - carried
        mass[there] += flow
        heat[there] += carried
        warm[there] += flow * outlet_c
        spread[there] += flow * (side.growth_k[here] * decay + side.gain_k[pipe])
    for node in range(mass.size):
        if torn[node] or not settled[node]:
            _settle(fluid, node, mass, heat, warm, spread, idle_c, side, node_enthalpy)
