"""Correct the consumers' flows so that each gets its heat: m (h(T_supply) - h(T_outlet)) = q.

A larger flow also arrives warmer, and at low load that is most of the effect, so plain iteration
fails there. In the trees Newton's step is exact: going inward each branch reports the flow it
wants as a - b δT, with δT the change of temperature at its root; going outward the changes are
handed back. At a node of the core the change is what it would be if all flows on the way there
grew by the node's own share: right when everyone's grows alike, and careful otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.water import enthalpy, heat_capacity
from songhua.engines.thermal.sweep import enthalpies

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers
    from songhua.engines.thermal.model import Model
    from songhua.engines.thermal.operation import Operation
    from songhua.engines.thermal.state import SteadyState
    from songhua.engines.thermal.sweep import Side

_HEAT_TOLERANCE = 1e-10  # of a consumer's own demand
_HOPE = 2.0**20  # times the flow without losses
_TOTAL_TOLERANCE = 1e-13  # and of everyone's, below which a small consumer is within rounding


class Wants(NamedTuple):
    """The consumers while their flows are sought, arrays of shape (consumers,).

    `flow` in kg/s, negative where fed in; `heat_w` as asked; `outlet_c`; `wanting`, true while
    the flow must follow the heat; `ceiling`, the flow at which a consumer gives up.
    """

    node: Integers
    heat_w: Floats
    outlet_c: Floats
    wanting: Flags
    ceiling: Floats
    flow: Floats


def wants(model: Model, operation: Operation, before: SteadyState | None) -> Wants:
    """The first flows: as `before` for the heat of now, or as if no heat were lost on the way."""
    network, fluid = model.network, model.fluid
    reached = model.topology.reached[network.consumer_node]
    by_heat = reached & ~network.consumer_by_flow
    heat, outlet_c = operation.consumer_heat_w, operation.consumer_outlet_c
    hottest = operation.source_supply_c[model.topology.reached[network.source_node]]
    feeds = reached & (np.where(by_heat, heat, operation.consumer_flow_kg_per_s) < 0)
    hot_c = max(hottest.max(initial=0.0), outlet_c[feeds].max(initial=0.0))
    cold_c = min(outlet_c[~feeds].min(initial=hot_c), hot_c)
    level = enthalpies(fluid, outlet_c)
    spread = np.where(
        heat > 0,
        enthalpies(fluid, np.array([hot_c])) - level,
        level - enthalpies(fluid, np.array([cold_c])),
    )
    hopeful = by_heat & (heat != 0) & (spread > 0)
    flow = np.zeros(heat.size)
    np.divide(heat, spread, out=flow, where=hopeful)
    ceiling = np.abs(flow) * _HOPE
    if before is not None:
        known = hopeful & (before.consumer_flow_kg_per_s * before.consumer_heat_w > 0)
        share = np.divide(heat, before.consumer_heat_w, out=np.zeros(heat.size), where=known)
        near = known & (share > 0)
        flow[near] = (before.consumer_flow_kg_per_s * share)[near]
    by_flow = reached & network.consumer_by_flow
    flow[by_flow] = operation.consumer_flow_kg_per_s[by_flow]
    return Wants(network.consumer_node, heat, outlet_c, hopeful, ceiling, flow)


def feed_in(model: Model, back: Side, want: Wants) -> bool:
    """Flows of those who feed in, for the return's temperatures; whether that changed them."""
    feeding = want.wanting & (want.heat_w < 0)
    taken = enthalpies(model.fluid, back.node_c[want.node])
    spread = enthalpies(model.fluid, want.outlet_c) - taken
    flow = np.zeros(want.flow.size)
    np.divide(want.heat_w, spread, out=flow, where=feeding & (spread > 0))
    flow = np.maximum(flow, -want.ceiling)
    change = np.abs(flow - want.flow)[feeding]
    want.flow[feeding] = flow[feeding]
    return bool((change > _HEAT_TOLERANCE * np.abs(flow[feeding])).any())


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def correct(topology, pipes, fluid, side, want, caution):  # type: ignore[no-untyped-def]
    """One step on the flows of those who take heat, in place; whether it was still needed.

    Where the water comes colder than it would leave, the flow is doubled instead until it comes
    warmer; beyond the ceiling there is no hope, and the consumer gets nothing. `caution`, from 0 to
    1, is the power of each flow's change that is made.
    """
    wish, shyness = np.zeros(side.node_c.size), np.zeros(side.node_c.size)
    total_w = np.abs(want.heat_w).sum()
    carried = np.zeros(side.node_c.size)
    needed = cold = False
    for number in range(want.flow.size):
        if not want.wanting[number] or want.heat_w[number] <= 0:
            continue
        node, flow = want.node[number], want.flow[number]
        drop = _drop(fluid, side, want, number)
        if drop <= 0:
            needed = cold = True
            want.flow[number] *= 2
            if want.flow[number] > want.ceiling[number]:
                want.flow[number], want.wanting[number] = 0.0, False
            continue
        excess = flow * drop - want.heat_w[number]
        if abs(excess) > _HEAT_TOLERANCE * want.heat_w[number] + _TOTAL_TOLERANCE * total_w:
            needed = True
        wish[node] -= excess / drop
        shyness[node] += flow * heat_capacity(fluid, side.node_c[node]) / drop
        carried[node] += flow
    if cold or not needed:
        return needed
    warmer = _temperature_changes(topology, pipes, side, wish, shyness, carried)
    for number in range(want.flow.size):
        if not want.wanting[number] or want.heat_w[number] <= 0:
            continue
        node, flow = want.node[number], want.flow[number]
        drop = _drop(fluid, side, want, number)
        gained = heat_capacity(fluid, side.node_c[node]) * warmer[node]
        wanted = (want.heat_w[number] - flow * gained) / drop
        want.flow[number] = flow * (min(max(wanted / flow, 0.5), 10.0)) ** caution
    return True


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _drop(fluid, side, want, number):  # type: ignore[no-untyped-def]
    """Heat that a kilogram gives to a consumer."""
    arriving = enthalpy(fluid, side.node_c[want.node[number]])
    return arriving - enthalpy(fluid, want.outlet_c[number])


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _temperature_changes(topology, pipes, side, wish, shyness, carried):  # type: ignore[no-untyped-def]
    """The change δT at every node when every `wish` less `shyness` δT is granted."""
    count = topology.leaf.size
    stiff = np.ones(count)
    per_flow = np.full(count, -1.0)  # stays so where the water comes inward
    for step in range(count):
        node, parent, pipe = topology.leaf[step], topology.parent[step], topology.pipe[step]
        flow = side.flow_kg_per_s[pipe]
        if pipes.start[pipe] == node:
            flow = -flow
        if flow > 0:
            per_flow[step] = side.gain_k[pipe] / flow
            stiff[step] = 1 + per_flow[step] * shyness[node]
            shyness[parent] += side.decay[pipe] * shyness[node] / stiff[step]
        wish[parent] += wish[node] / stiff[step]
        carried[parent] += carried[node]
    warmer = np.zeros(wish.size)
    for node in topology.core_node:
        if carried[node] > 0:
            growth = side.growth_k[node]
            warmer[node] = growth * wish[node] / (carried[node] + growth * shyness[node])
    for step in range(count - 1, -1, -1):
        node, pipe = topology.leaf[step], topology.pipe[step]
        if per_flow[step] >= 0:
            handed = side.decay[pipe] * warmer[topology.parent[step]]
            warmer[node] = (handed + per_flow[step] * wish[node]) / stiff[step]
    return warmer
