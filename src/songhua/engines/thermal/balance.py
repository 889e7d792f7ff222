"""Supply and return together, compiled: what flows where for what is asked at one moment.

The supply comes first, then the return, whose flows are the consumers'. Those who feed in take
water from the return, at its temperature; only for them the two are settled in turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.water import enthalpy
from songhua.engines.thermal.core import Ends
from songhua.engines.thermal.settle import finish, settle
from songhua.engines.thermal.trees import Consumers

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers
    from songhua.engines.thermal.model import Net
    from songhua.engines.thermal.sweep import Side

_TURNS = 60
_HOPE = 2.0**20  # times the flow without losses
_STILL = 1e-10  # of a flow that is fed in


class Plant(NamedTuple):
    """A model as compiled code takes it: `source` and `consumer` are places in the layout."""

    net: Net
    source: Integers
    holds: Flags
    consumer: Integers
    by_flow: Flags


class Now(NamedTuple):
    """An operation of one moment as compiled code takes it, named as there."""

    source_supply_c: Floats
    source_supply_pa: Floats
    source_return_pa: Floats
    source_flow_kg_per_s: Floats
    consumer_heat_w: Floats
    consumer_flow_kg_per_s: Floats
    consumer_outlet_c: Floats
    ground_c: float


class State(NamedTuple):
    """The two sides, in the layout's order; consumers' and sources' flows; the heat asked for; and
    whether a consumer got up to its ceiling without finding warm water."""

    supply: Side
    back: Side
    consumer_flow: Floats
    source_flow: Floats
    asked_w: Floats
    hopeless: Flags


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def balance(plant, now, state, warm):  # type: ignore[no-untyped-def]
    """Find the state in place, from one nearby if `warm`: whether it was found, and the rounds."""
    net, cores = plant.net, plant.net.order.cores
    consumers = _first_flows(plant, now, state, warm)
    supply_ends = Ends(np.zeros(cores, np.bool_), np.zeros(cores), np.full(cores, now.ground_c))
    back_ends = Ends(np.zeros(cores, np.bool_), np.zeros(cores), np.full(cores, now.ground_c))
    for source, node in enumerate(plant.source):
        if node < 0:
            continue
        supply_ends.source_c[node] = now.source_supply_c[source]
        supply_ends.held[node] = plant.holds[source]
        if plant.holds[source]:
            state.supply.pressure_pa[node] = now.source_supply_pa[source]
        else:
            supply_ends.flow[node] = now.source_flow_kg_per_s[source]
        if net.order.reference[source]:
            back_ends.held[node] = True
            state.back.pressure_pa[node] = -now.source_return_pa[source]
    feeding = (consumers.flow < 0).any()
    found, rounds = False, 0
    for _ in range(_TURNS):
        found, more = settle(net, now.ground_c, 1.0, consumers, supply_ends, state.supply, warm)
        rounds += more
        back_ends.flow[:] = supply_ends.flow
        back_ends.source_c[:] = state.supply.node_c[:cores]
        also, more = settle(net, now.ground_c, -1.0, consumers, back_ends, state.back, warm)
        found, rounds, warm = found and also, rounds + more, found and also
        if not feeding:
            break
        if not _feed_in(net, consumers, state.back):
            break
        found = False
    finish(net, 1.0, state.supply)
    finish(net, -1.0, state.back)
    _keep(plant, now, consumers, supply_ends, state)
    return found, rounds


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _first_flows(plant, now, state, warm):  # type: ignore[no-untyped-def]
    """The connected consumers with flows as before for the heat of now, or as without losses."""
    fluid, hot_c, cold_c = plant.net.fluid, now.ground_c, np.inf
    for source, node in enumerate(plant.source):
        if node >= 0:
            hot_c = max(hot_c, now.source_supply_c[source])
    feeds = np.where(plant.by_flow, now.consumer_flow_kg_per_s, now.consumer_heat_w) < 0
    for number, outlet_c in enumerate(now.consumer_outlet_c):
        if feeds[number] and plant.consumer[number] >= 0:
            hot_c = max(hot_c, outlet_c)
        else:
            cold_c = min(cold_c, outlet_c)
    cold_c = min(cold_c, hot_c)
    connected = np.flatnonzero(plant.consumer >= 0)
    count = connected.size
    flow, wanting, ceiling = np.zeros(count), np.zeros(count, np.bool_), np.zeros(count)
    level, hot, cold = np.empty(count), enthalpy(fluid, hot_c), enthalpy(fluid, cold_c)
    for place in range(count):
        number = connected[place]
        heat, level[place] = (
            now.consumer_heat_w[number],
            enthalpy(fluid, now.consumer_outlet_c[number]),
        )
        if plant.by_flow[number]:
            flow[place] = now.consumer_flow_kg_per_s[number]
            continue
        drop = hot - level[place] if heat > 0 else level[place] - cold
        if heat == 0 or drop <= 0:
            continue
        flow[place], wanting[place] = heat / drop, True
        ceiling[place] = abs(heat / drop) * _HOPE
        if warm and state.asked_w[number] * heat > 0 and state.consumer_flow[number] * heat > 0:
            flow[place] = state.consumer_flow[number] * heat / state.asked_w[number]
    return Consumers(plant.consumer[connected], now.consumer_heat_w[connected], level,
                     flow, wanting, ceiling, flow.copy(), np.zeros(count))  # fmt: skip


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _feed_in(net, consumers, back):  # type: ignore[no-untyped-def]
    """Flows of those who feed in, for the return's temperatures; whether that changed them."""
    changed = False
    for number, heat in enumerate(consumers.heat_w):
        if not consumers.wanting[number] or heat >= 0:
            continue
        spread = consumers.level[number]
        spread -= enthalpy(net.fluid, back.node_c[consumers.node[number]])
        flow = max(heat / spread, -consumers.ceiling[number]) if spread > 0 else 0.0
        changed |= abs(flow - consumers.flow[number]) > _STILL * abs(flow)
        consumers.flow[number] = flow
    return changed


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _keep(plant, now, consumers, ends, state):  # type: ignore[no-untyped-def]
    """Bring flows from the layout back to where the caller looks for them."""
    state.asked_w[:] = now.consumer_heat_w
    state.consumer_flow[:] = 0.0
    state.hopeless[:] = False
    connected = np.flatnonzero(plant.consumer >= 0)
    for place, number in enumerate(connected):
        state.consumer_flow[number] = consumers.flow[place]
        asked = consumers.heat_w[place] != 0 and not plant.by_flow[number]
        state.hopeless[number] = asked and consumers.flow[place] == 0
    for source, node in enumerate(plant.source):
        state.source_flow[source] = ends.flow[node] if node >= 0 else 0.0
