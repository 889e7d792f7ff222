"""The steady state of a network: flows that give the consumers their heat, and what follows.

In turn: the flows of the supply for the consumers' flows, its temperatures for those flows, and
the consumers' flows corrected for those temperatures (`demand`), until nothing changes. The
return comes last, unless somebody feeds in from it and so depends on its temperature.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.flows import core_flows, net_outflow, tree_flows, tree_pressures
from songhua.engines.thermal.demand import correct, feed_in, wants
from songhua.engines.thermal.operation import Reason
from songhua.engines.thermal.state import SteadyState, first_sides
from songhua.engines.thermal.sweep import downstream_order, enthalpies, temperatures

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.engines.hydraulics.factorisation import Pattern
    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.thermal.demand import Wants
    from songhua.engines.thermal.model import Model
    from songhua.engines.thermal.operation import Operation
    from songhua.engines.thermal.sweep import Side

_ROUNDS = 300
_STILL_K = 1e-7
_FAINT_M_PER_S = 1e-6  # slower water may be rounding, and its direction with it


def steady(model: Model, operation: Operation, before: SteadyState | None = None) -> SteadyState:
    """The state that gives what `operation` asks; `before`, a state nearby, saves rounds.

    Always a result: its reasons say what could not be given, and `converged` whether it may be
    relied on. Meshes at a few hundredths of their load, or where heights and cold water make it
    circulate by itself, often do not converge; trees do. Raises `InputError` when the operation
    does not fit the network.
    """
    operation.check(model.network)
    return solve(model, operation, before)


def solve(model: Model, operation: Operation, before: SteadyState | None) -> SteadyState:
    """As `steady`, for an operation already checked."""
    supply, back = first_sides(model.network, operation, before)
    want = wants(model, operation, before)
    sources = np.zeros(model.network.source_node.size)
    feeding = bool((want.flow < 0).any())
    meshed = bool(model.topology.core_pipe.size)
    rounds, done = 0, False
    while not done and rounds < _ROUNDS:
        rounds += 1
        caution = _caution(rounds) if meshed else 1.0
        done = _supply(model, operation, want.flow, sources, caution, supply)
        if feeding:
            done &= _back(model, operation, want.flow, sources, supply, caution, back)
            done &= not feed_in(model, back, want)
        done &= not correct(model.topology, model.pipes, model.fluid, supply, want, caution)
    settled, more = feeding, 0
    while not settled and more < _ROUNDS:
        more += 1
        caution = _caution(more)
        settled = _back(model, operation, want.flow, sources, supply, caution, back)
    for side, sign in ((supply, 1), (back, -1)):
        tree_pressures(model.topology, model.pipes, model.fluid, side.flow_kg_per_s, side.mean_c,
                       sign, side.pressure_pa)  # fmt: skip
    return _result(model, operation, want, sources, supply, back, done and settled,
                   rounds + more)  # fmt: skip


def _caution(rounds: int) -> float:
    """The share of each change that is made: all of it, until that has not helped for a while."""
    return 1.0 if rounds <= 15 else 0.5 if rounds <= 60 else 0.2


def _supply(
    model: Model, operation: Operation, consumed: Floats, sources: Floats, caution: float,
    side: Side,
) -> bool:  # fmt: skip
    """Flows and temperatures of the supply and the sources' flows; whether all is still."""
    network, topology = model.network, model.topology
    holds = network.source_holds_pressure
    sources[:] = np.where(
        ~holds & topology.reached[network.source_node], operation.source_flow_kg_per_s, 0.0
    )
    side.pressure_pa[network.source_node[holds]] = operation.source_supply_pa[holds]
    load, found = _flows(model, consumed, sources, model.supply_pattern, 1, side)
    outflow = np.zeros(load.size)
    net_outflow(topology, model.pipes, side.flow_kg_per_s, load, outflow)
    sources[holds] = outflow[network.source_node[holds]]
    idle_c = np.full(load.size, float(operation.ground_c))
    idle_c[network.source_node[holds]] = operation.source_supply_c[holds]
    given = (
        (network.source_node, np.maximum(sources, 0), operation.source_supply_c),
        (network.consumer_node, np.maximum(-consumed, 0), operation.consumer_outlet_c),
    )
    return _temperatures(model, operation, given, idle_c, 1, caution, side) and found


def _back(
    model: Model, operation: Operation, consumed: Floats, sources: Floats, supply: Side,
    caution: float, side: Side,
) -> bool:  # fmt: skip
    """Flows and temperatures of the return; whether all is still."""
    network, reference = model.network, model.topology.reference
    side.pressure_pa[network.source_node[reference]] = -operation.source_return_pa[reference]
    drawn = np.where(reference, 0.0, sources)
    load, found = _flows(model, consumed, drawn, model.return_pattern, -1, side)
    idle_c = np.full(load.size, float(operation.ground_c))
    given = (
        (network.consumer_node, np.maximum(consumed, 0), operation.consumer_outlet_c),
        (network.source_node, np.maximum(-sources, 0), supply.node_c[network.source_node]),
    )
    return _temperatures(model, operation, given, idle_c, -1, caution, side) and found


def _flows(
    model: Model, consumed: Floats, given: Floats, pattern: Pattern, sign: int, side: Side
) -> tuple[Floats, bool]:
    """Flows of one side, in place; the loads gathered at the core, and whether they were found."""
    network, count = model.network, model.network.height_m.size
    load: Floats = np.bincount(network.consumer_node, consumed, count).astype(float)
    load = load - np.bincount(network.source_node, given, count)
    tree_flows(model.topology, model.pipes, load, side.flow_kg_per_s)
    found = core_flows(model.topology, pattern, model.pipes, model.fluid, load, side.mean_c, sign,
                       side.flow_kg_per_s, side.pressure_pa)  # fmt: skip
    return load, found


def _temperatures(
    model: Model, operation: Operation, given: Iterable[tuple[Integers, Floats, Floats]],
    idle_c: Floats, sign: int, caution: float, side: Side,
) -> bool:  # fmt: skip
    """Temperatures of one side, in place, with water `given` from outside as (node, flow, °C)."""
    pipes, count = model.pipes, idle_c.size
    outside = np.zeros((3, count))
    for node, flow, at_c in given:
        for row, each in enumerate((1.0, enthalpies(model.fluid, at_c), at_c)):
            outside[row] += np.bincount(node, flow * each, count)
    order, torn = downstream_order(*model.around, pipes.start, pipes.end, sign * side.flow_kg_per_s)
    core = model.topology.core_pipe
    was_c = side.mean_c[core]
    temperatures(pipes, order, torn, sign, model.loss_w_per_k, float(operation.ground_c),
                 model.fluid, outside, idle_c, side)  # fmt: skip
    bore = model.network.diameter_m[core]
    now_c = side.mean_c[core]
    side.mean_c[core] = was_c + caution * (now_c - was_c)
    faint = np.abs(side.flow_kg_per_s[core]) < 1000 * np.pi / 4 * bore**2 * _FAINT_M_PER_S
    return bool((faint | (np.abs(now_c - was_c) <= _STILL_K)).all())


def _result(
    model: Model, operation: Operation, want: Wants, sources: Floats, supply: Side, back: Side,
    converged: bool, rounds: int,
) -> SteadyState:  # fmt: skip
    """Heats from flows and temperatures, and the reasons."""
    network, fluid, reached = model.network, model.fluid, model.topology.reached
    at, flow = network.consumer_node, want.flow
    outlet = enthalpies(fluid, operation.consumer_outlet_c)
    taken = np.where(flow > 0, enthalpies(fluid, supply.node_c[at]),
                     enthalpies(fluid, back.node_c[at]))  # fmt: skip
    home = network.source_node
    lifted = enthalpies(fluid, operation.source_supply_c) - enthalpies(fluid, back.node_c[home])
    moving = np.bincount(network.pipe_start, np.abs(supply.flow_kg_per_s), reached.size)
    moving += np.bincount(network.pipe_end, np.abs(supply.flow_kg_per_s), reached.size)
    asked = np.where(network.consumer_by_flow, 0.0, operation.consumer_heat_w)
    short = (asked != 0) & (flow == 0)
    return SteadyState(
        supply, back, flow, np.abs(flow) * (taken - outlet),
        np.select([~reached[at], short], [Reason.ISLAND, Reason.NO_TEMPERATURE_SPREAD]),
        sources, np.where(sources > 0, sources * lifted, 0.0),
        np.select([~reached[home], sources < 0], [Reason.ISLAND, Reason.BACKFLOW]),
        np.select([~reached, moving == 0], [Reason.ISLAND, Reason.STAGNANT]),
        converged, rounds,
    )  # fmt: skip
