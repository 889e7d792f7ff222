"""The steady state of a network: flows that give the consumers their heat, and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.water import enthalpies
from songhua.engines.thermal.balance import Now, Plant, State, balance
from songhua.engines.thermal.operation import Reason
from songhua.engines.thermal.state import SteadyState, Water
from songhua.engines.thermal.sweep import Side, empty_side

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Integers
    from songhua.engines.thermal.model import Model
    from songhua.engines.thermal.operation import Operation


def steady(model: Model, operation: Operation, before: SteadyState | None = None) -> SteadyState:
    """The state that gives what `operation` asks; `before`, a state nearby, saves rounds.

    Always a result: its reasons say what could not be given, and `converged` whether it may be
    relied on. Trees are found at any load, level meshes nearly always; a few with a pipe all but
    still, and meshes on steep ground that circulate by themselves, are not. Raises `InputError`
    when the operation does not fit the network.
    """
    operation.check(model.network)
    now, plant = at_once(operation), as_plant(model)
    warm = before is not None and before.converged
    state = _copy(before.found) if before is not None and warm else blank(model, now)
    found, rounds = balance(plant, now, state, warm)
    return _result(model, now, state, found, rounds)


def as_plant(model: Model) -> Plant:
    """The model as compiled code takes it."""
    network = model.network
    return Plant(model.net, model.source, network.source_holds_pressure, model.consumer,
                 network.consumer_by_flow)  # fmt: skip


def at_once(operation: Operation) -> Now:
    """An operation of one moment as compiled code takes it."""
    columns = {name: np.ascontiguousarray(column, float)
               for name, column in vars(operation).items() if name != "ground_c"}  # fmt: skip
    return Now(**columns, ground_c=float(operation.ground_c))


def blank(model: Model, now: Now) -> State:
    """A state to start from: the hottest water in the supply, the mean outlet in the return."""
    nodes, pipes = model.net.order.node.size, model.net.order.pipe.size
    hot_c = max(now.source_supply_c[model.source >= 0], default=now.ground_c)
    cool_c = float(now.consumer_outlet_c.mean()) if model.consumer.size else now.ground_c
    consumers = np.zeros(model.consumer.size)
    return State(empty_side(nodes, pipes, float(hot_c)), empty_side(nodes, pipes, cool_c),
                 consumers, np.zeros(model.source.size), consumers.copy(),
                 np.zeros(consumers.size, bool))  # fmt: skip


def _copy(state: State) -> State:
    supply, back = (Side(*(column.copy() for column in side))
                    for side in (state.supply, state.back))  # fmt: skip
    return State(supply, back, state.consumer_flow.copy(), state.source_flow.copy(),
                 state.asked_w.copy(), state.hopeless.copy())  # fmt: skip


def _result(model: Model, now: Now, state: State, found: bool, rounds: int) -> SteadyState:
    """The state in the network's order, heats from flows and temperatures, and the reasons."""
    network, fluid, order = model.network, model.net.fluid, model.net.order
    supply, back = (_water(model, now, side, sign) for side, sign in
                    ((state.supply, 1.0), (state.back, -1.0)))  # fmt: skip
    at, home = network.consumer_node, network.source_node
    flow, brought = state.consumer_flow, state.source_flow
    taken_c = np.where(flow > 0, supply.node_c[at], back.node_c[at])
    drop = enthalpies(fluid, taken_c) - enthalpies(fluid, now.consumer_outlet_c)
    lifted = enthalpies(fluid, now.source_supply_c) - enthalpies(fluid, back.node_c[home])
    moving = np.zeros(network.height_m.size)
    for ends in (network.pipe_start, network.pipe_end):
        moving += np.bincount(ends, np.abs(supply.flow_kg_per_s), moving.size)
    island = order.place < 0
    return SteadyState(
        supply, back, flow, np.abs(flow) * drop,
        np.select([island[at], state.hopeless], [Reason.ISLAND, Reason.NO_TEMPERATURE_SPREAD]),
        brought, np.maximum(brought, 0) * lifted,
        np.select([island[home], brought < 0], [Reason.ISLAND, Reason.BACKFLOW]),
        np.select([island, moving == 0], [Reason.ISLAND, Reason.STAGNANT]), found, rounds, state,
    )  # fmt: skip


def _water(model: Model, now: Now, side: Side, sign: float) -> Water:
    """A side in the network's order."""
    network, order = model.network, model.net.order

    def place(size: int, at: Integers, values: object, rest: float) -> np.ndarray:
        whole = np.full(size, rest)
        whole[at] = values
        return whole

    nodes, pipes = network.height_m.size, network.length_m.size
    return Water(
        place(nodes, order.node, sign * side.pressure_pa, 0.0),
        place(nodes, order.node, side.node_c, now.ground_c),
        place(pipes, order.pipe, order.turn * side.flow_kg_per_s, 0.0),
        place(pipes, order.pipe, side.mean_c, now.ground_c),
        place(pipes, order.pipe, side.lost_w, 0.0),
    )
