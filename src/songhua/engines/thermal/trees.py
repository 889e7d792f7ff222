"""The trees: consumers' flows gathered inward, temperatures handed outward, Newton's step in both.

A consumer takes m with m (h(T) - h(T_outlet)) = q. A larger flow also arrives warmer, and at low
load that is most of the effect, so plain iteration fails there. Going inward, each branch reports
the flow that it wants as wish - shyness δT, with δT the change of temperature where it hangs; going
outward the changes are handed back. In a tree this is Newton's method, exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.water import enthalpy, heat_capacity
from songhua.engines.thermal.sweep import mix, still, through

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers

_HEAT_TOLERANCE = 1e-10  # of a consumer's own demand
_TOTAL_TOLERANCE = 1e-13  # and of everyone's, below which a small consumer is within rounding


class Consumers(NamedTuple):
    """Those who are connected, while their flows are sought, arrays of shape (connected,).

    `node` in the layout; `heat_w` as asked; `outlet_c`; `flow` in kg/s, negative where fed in;
    `wanting`, true while the flow must follow the heat; `ceiling`, the flow at which one gives up.
    """

    node: Integers
    heat_w: Floats
    outlet_c: Floats
    flow: Floats
    wanting: Flags
    ceiling: Floats


class Wants(NamedTuple):
    """What is wanted beyond each node, shape (nodes,): `load`, the flows as they are, `wish` and
    `shyness`, and `was_c`, the temperature at which they were gathered."""

    load: Floats
    wish: Floats
    shyness: Floats
    was_c: Floats


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def ask(net, sign, consumers, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Each node's own load, wish and shyness, and what is fed in there.

    Returns how wrong a consumer's heat is at worst, in tolerances. Where the water comes colder
    than it would leave, the wish is for twice the flow.
    """
    wants.load[:] = 0.0
    wants.wish[:] = 0.0
    wants.shyness[:] = 0.0
    wants.was_c[:] = side.node_c
    inflow.mass[:] = 0.0
    inflow.heat[:] = 0.0
    total_w = np.abs(consumers.heat_w).sum()
    worst = 0.0
    for number in range(consumers.node.size):
        node, flow = consumers.node[number], consumers.flow[number]
        wants.load[node] += flow
        level = enthalpy(net.fluid, consumers.outlet_c[number])
        if sign * flow < 0:
            inflow.mass[node] += abs(flow)
            inflow.heat[node] += abs(flow) * level
        if sign < 0 or flow <= 0 or not consumers.wanting[number]:
            wants.wish[node] += flow
            continue
        heat, drop = consumers.heat_w[number], enthalpy(net.fluid, side.node_c[node]) - level
        tolerated = _HEAT_TOLERANCE * heat + _TOTAL_TOLERANCE * total_w
        worst = max(worst, abs(flow * drop - heat) / tolerated)
        if drop > 0:
            wants.wish[node] += heat / drop
            wants.shyness[node] += flow * heat_capacity(net.fluid, side.node_c[node]) / drop
        else:
            wants.wish[node] += 2 * flow
    return worst


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def gather(net, ground_c, sign, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Inward: flows, wishes and the water that comes out of a branch, into its parent.

    True where the temperatures are those of these flows already.
    """
    order, same = net.order, True
    for step in range(order.parent.size - 1, -1, -1):
        node, parent, pipe = order.cores + step, order.parent[step], order.meshes + step
        load = wants.load[node]
        wants.load[parent] += load
        flow = side.flow_kg_per_s[pipe]
        same = same and abs(load - flow) <= _HEAT_TOLERANCE * abs(load)
        if sign * load > 0:
            gain = side.gain_k[pipe] / abs(flow) if flow != 0 else 0.0
            shyness = wants.shyness[node] / (1 + gain * wants.shyness[node])
            wants.wish[parent] += wants.wish[node] - shyness * gain * (wants.wish[node] - flow)
            wants.shyness[parent] += shyness * side.decay[pipe]
            continue
        wants.wish[parent] += wants.wish[node]
        side.flow_kg_per_s[pipe] = load
        side.node_c[node] = mix(net, inflow, side, node)
        if load == 0:
            still(ground_c, side, pipe)
        else:
            outlet_c = through(net, ground_c, side, pipe, abs(load), side.node_c[node])
            inflow.mass[parent] += abs(load)
            inflow.heat[parent] += abs(load) * enthalpy(net.fluid, outlet_c)
    return same


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def spread(net, ground_c, sign, side, wants, inflow, newton):  # type: ignore[no-untyped-def]
    """Outward: the temperatures, for the flows as they are or, with `newton`, as they will be."""
    order = net.order
    for step in range(order.parent.size):
        node, parent, pipe = order.cores + step, order.parent[step], order.meshes + step
        flow = wants.load[node]
        if sign * flow <= 0:
            continue
        if newton and wants.shyness[node] > 0:
            was = side.flow_kg_per_s[pipe]
            gain = side.gain_k[pipe] / abs(was) if was != 0 else 0.0
            warmer = side.decay[pipe] * (side.node_c[parent] - wants.was_c[parent])
            warmer += gain * (wants.wish[node] - was)
            warmer /= 1 + gain * wants.shyness[node]
            wanted = wants.wish[node] - wants.shyness[node] * warmer
            flow = min(max(wanted, flow / 2), 10 * flow)
        side.flow_kg_per_s[pipe] = flow
        outlet_c = through(net, ground_c, side, pipe, abs(flow), side.node_c[parent])
        if inflow.mass[node] > 0:
            inflow.mass[node] += abs(flow)
            inflow.heat[node] += abs(flow) * enthalpy(net.fluid, outlet_c)
            outlet_c = mix(net, inflow, side, node)
        side.node_c[node] = outlet_c


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def take(net, consumers, side, wants):  # type: ignore[no-untyped-def]
    """The consumers' flows after Newton's step; one without hope gives up."""
    for number in range(consumers.node.size):
        if not consumers.wanting[number] or consumers.flow[number] <= 0:
            continue
        node, flow, was_c = (
            consumers.node[number],
            consumers.flow[number],
            wants.was_c[consumers.node[number]],
        )
        drop = enthalpy(net.fluid, was_c) - enthalpy(net.fluid, consumers.outlet_c[number])
        wanted = 2 * flow
        if drop > 0:
            gained = heat_capacity(net.fluid, was_c) * (side.node_c[node] - was_c)
            wanted = (consumers.heat_w[number] - flow * gained) / drop
        consumers.flow[number] = min(max(wanted, flow / 2), 10 * flow)
        if consumers.flow[number] > consumers.ceiling[number]:
            consumers.flow[number], consumers.wanting[number] = 0.0, False
