"""The trees: consumers' flows gathered inward, temperatures handed outward, Newton's step in both.

A consumer takes m with m (h(T) - h(T_outlet)) = q. A larger flow also arrives warmer, and at low
load that is most of the effect, so plain iteration fails there. Going inward, each branch reports
the flow that it wants as wish - shyness δT, with δT the change of temperature where it hangs; going
outward the changes are handed back. In a tree this is Newton's method, exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from songhua.engines.hydraulics.lean import lean
from songhua.engines.hydraulics.water import enthalpy, heat_capacity
from songhua.engines.thermal.sweep import mix, still, through

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers

_STALE_K = 1e-7  # at a pipe's outlet, by a change of flow
_NEAR = 1e-2  # of a flow: where Newton's step and the heat agree, the heat decides
_SAME = 1e-10  # of a flow that comes inward


class Consumers(NamedTuple):
    """Those who are connected, while their flows are sought, arrays of shape (connected,).

    `node` in the layout; `heat_w` as asked; `level`, the enthalpy at which they give the water
    back, J/kg; `flow` in kg/s, negative where fed in; `wanting`, true while the flow must follow
    the heat; `ceiling`, the flow at which one gives up; `wish` and `shyness`, their own.
    """

    node: Integers
    heat_w: Floats
    level: Floats
    flow: Floats
    wanting: Flags
    ceiling: Floats
    wish: Floats
    shyness: Floats


class Wants(NamedTuple):
    """What is wanted beyond each node, shape (nodes,): `load`, the flows as they are, `wish` and
    `shyness`; when gathered, those of the pipe to it. `change_k`, the node's last change."""

    load: Floats
    wish: Floats
    shyness: Floats
    change_k: Floats


@lean  # type: ignore[untyped-decorator, unused-ignore]
def ask(net, sign, consumers, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Each node's own load, wish and shyness, and what is fed in there.

    Returns how wrong a consumer's heat is at worst, as a share of what was asked. Where the water
    comes colder than it would leave, the wish is for twice the flow.
    """
    wants.load[:] = 0.0
    wants.wish[:] = 0.0
    wants.shyness[:] = 0.0
    inflow.mass[:] = 0.0
    inflow.heat[:] = 0.0
    worst = 0.0
    for number in range(consumers.node.size):
        node, flow = consumers.node[number], consumers.flow[number]
        if sign < 0 or flow <= 0 or not consumers.wanting[number]:
            wants.load[node] += flow
            wants.wish[node] += flow
            if sign * flow < 0:
                inflow.mass[node] += abs(flow)
                inflow.heat[node] += abs(flow) * consumers.level[number]
            continue
        heat, water_c = consumers.heat_w[number], side.node_c[node]
        drop = enthalpy(net.fluid, water_c) - consumers.level[number]
        newton = consumers.wish[number] - consumers.shyness[number] * wants.change_k[node]
        wish, shyness = 2 * flow, 0.0
        if drop > 0:
            wish = heat / drop
        if abs(wish - newton) <= _NEAR * wish:
            flow = wish
        else:
            flow = min(max(newton, flow / 2), 10 * flow)
            worst = max(worst, abs(flow * drop / heat - 1))
        if flow > consumers.ceiling[number]:
            consumers.flow[number], consumers.wanting[number] = 0.0, False
            worst = max(worst, 1.0)
            continue
        if drop > 0:
            shyness = flow * heat_capacity(net.fluid, water_c) / drop
        consumers.flow[number] = flow
        consumers.wish[number], consumers.shyness[number] = wish, shyness
        wants.load[node] += flow
        wants.wish[node] += wish
        wants.shyness[node] += shyness
    for node in range(net.order.cores):  # its change will be what it is then, less what it is now
        wants.change_k[node] = -side.node_c[node]
    return worst


@lean  # type: ignore[untyped-decorator, unused-ignore]
def gather(net, ground_c, sign, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Inward: flows, wishes and the water that comes out of a branch, into its parent.

    True where the temperatures are those of these flows already.
    """
    order, same = net.order, True
    for step in range(order.parent.size - 1, -1, -1):
        node, parent, pipe = order.cores + step, order.parent[step], order.meshes + step
        load, was = wants.load[node], side.flow_kg_per_s[pipe]
        wants.load[parent] += load
        if sign * load > 0:
            gain = side.gain[pipe]
            same = same and was != 0 and gain * abs(load - was) <= _STALE_K
            shyness = wants.shyness[node] / (1 + gain * wants.shyness[node])
            wants.wish[node] -= shyness * gain * (wants.wish[node] - was)
            wants.shyness[node] = shyness * side.decay[pipe]
            wants.wish[parent] += wants.wish[node]
            wants.shyness[parent] += wants.shyness[node]
            continue
        same = same and abs(load - was) <= _SAME * abs(load)
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


@lean  # type: ignore[untyped-decorator, unused-ignore]
def spread(net, ground_c, sign, side, wants, inflow, newton):  # type: ignore[no-untyped-def]
    """Outward: the temperatures, for the flows as they are or, with `newton`, as they will be."""
    order = net.order
    for step in range(order.parent.size):
        node, parent, pipe = order.cores + step, order.parent[step], order.meshes + step
        flow = wants.load[node]
        if sign * flow <= 0:
            continue
        if newton:
            wanted = wants.wish[node] - wants.shyness[node] * wants.change_k[parent]
            flow = min(max(wanted, flow / 2), 10 * flow)
        side.flow_kg_per_s[pipe] = flow
        outlet_c = through(net, ground_c, side, pipe, abs(flow), side.node_c[parent])
        if inflow.mass[node] > 0:
            inflow.mass[node] += abs(flow)
            inflow.heat[node] += abs(flow) * enthalpy(net.fluid, outlet_c)
            outlet_c = mix(net, inflow, side, node)
        wants.change_k[node] = outlet_c - side.node_c[node]
        side.node_c[node] = outlet_c
