"""Station valves set so that every station has its flow, or named where that cannot be.

With the wanted flows taken as draws the rest of the circuit is solved; the pressure left at each
station says how far its valve must open. A station that cannot be met keeps its valve at the
bound, which changes the pressures, so the others are set anew until none more drops out; those
that lack most drop out first.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.circuits.laws import valve_resistance
from songhua.engines.circuits.solving import Reason, solve
from songhua.engines.hydraulics.network import not_finite
from songhua.engines.hydraulics.water import WATER, Fluid, density
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from songhua.engines.circuits.circuit import Circuit
    from songhua.engines.circuits.solving import Boundary, State
    from songhua.engines.hydraulics.friction import Law
    from songhua.engines.hydraulics.network import Floats, Integers


class Verdict(IntEnum):
    """How a station's balance ended."""

    PASS = 0
    OFF = 1  # nothing wanted: the valve is shut
    ISLAND = 2  # no open way to the source
    LOW_PRESSURE = 3  # less pressure than the least asked for; the valve is wide open
    TOO_SMALL = 4  # pressure enough, but the widest valve lets too little through
    TOO_LARGE = 5  # the valve's finest position lets too much through
    UNSETTLED = 6  # the flows beside it were not found


@dataclass(frozen=True)
class Valves:
    """Station valves, shape (stations,): the circuit's `element`s, the flow wanted from start to
    end, and the bounds of Kv."""

    element: Integers
    wanted_kg_per_s: Floats
    least_kv: Floats
    widest_kv: Floats


@dataclass(frozen=True)
class Report:
    """Shape (stations,): flow over wanted flow, the verdict, and the pressure missing (0 where
    it passes), all of `state`, which the valves bring about."""

    imbalance: Floats
    verdict: NDArray[np.int8]
    missing_pa: Floats
    state: State


def imbalance(flow_kg_per_s: Floats, wanted_kg_per_s: Floats) -> Floats:
    """The hydraulic imbalance (水力失调度), flow over wanted; 1 is just, 0 where none is wanted.

    >>> imbalance(np.array([3.0, 1.0, 0.0]), np.array([2.0, 2.0, 0.0])).tolist()
    [1.5, 0.5, 0.0]
    """
    out = np.zeros(np.shape(flow_kg_per_s))
    return np.divide(flow_kg_per_s, wanted_kg_per_s, out=out, where=wanted_kg_per_s > 0)


def balance(
    circuit: Circuit,
    boundary: Boundary,
    valves: Valves,
    least_pa: float = 0.0,
    tolerance: float = 1e-3,
    law: Law = "colebrook",
    fluid: Fluid = WATER,
) -> tuple[Floats, Report]:
    """Kv of each valve, 0 where shut, and whether it gives every station its flow.

    `least_pa` is the pressure difference that a station needs over its valve, `tolerance` the
    error of the flow that passes. Raises `InputError` for wanted flows or bounds out of order.
    """
    _check(circuit, valves)
    warmth = np.broadcast_to(boundary.temperature_c, circuit.start.shape)[valves.element]
    weight = np.array([density(fluid, value) for value in warmth.tolist()])
    verdict = np.where(valves.wanted_kg_per_s > 0, Verdict.PASS, Verdict.OFF).astype(np.int8)
    kv = np.zeros(len(weight))
    missing = np.zeros(len(weight))
    while True:
        met = verdict == Verdict.PASS
        state = _solve_with(circuit, boundary, valves, kv, met, weight, law, fluid)
        ends = circuit.start[valves.element], circuit.end[valves.element]
        given = state.pressure_pa[ends[0]] - state.pressure_pa[ends[1]]
        island = (state.node_reason[ends[0]] | state.node_reason[ends[1]]) == Reason.ISLAND
        needed = valve_drop(valves.wanted_kg_per_s, valves.widest_kv, weight)
        most = valve_drop(valves.wanted_kg_per_s, valves.least_kv, weight)
        found = np.select(
            [island, given < max(least_pa, 0.0), given <= 0, given < needed, given > most],
            [Verdict.ISLAND, Verdict.LOW_PRESSURE, Verdict.LOW_PRESSURE, Verdict.TOO_SMALL,
             Verdict.TOO_LARGE],
            Verdict.PASS,
        )  # fmt: skip
        if not state.settled:
            found[:] = Verdict.UNSETTLED
        fallen = met & (found != Verdict.PASS)
        if not fallen.any():
            break
        lacks = np.where(island, 0.0, np.maximum(np.maximum(least_pa, needed) - given, 0.0))
        fallen &= lacks >= lacks[fallen].max() / 2  # the others may do with what these leave
        verdict[fallen] = found[fallen]
        missing[fallen] = lacks[fallen]
        kv[fallen] = np.where(found == Verdict.TOO_LARGE, valves.least_kv, valves.widest_kv)[fallen]
    right = valves.wanted_kg_per_s[met] / weight[met] * 3600
    kv[met] = right / np.sqrt(given[met] / 1e5 * 1000 / weight[met])
    none = np.zeros(len(kv), bool)
    state = _solve_with(circuit, boundary, valves, kv, none, weight, law, fluid)
    after = imbalance(state.flow_kg_per_s[valves.element], valves.wanted_kg_per_s)
    verdict[met & ~(np.abs(after - 1) <= tolerance)] = Verdict.UNSETTLED
    return kv, Report(after, verdict, missing, state)


def valve_drop(flow_kg_per_s: Floats, kv_m3_per_h: Floats, density_kg_per_m3: Floats) -> Floats:
    """The pressure a valve costs at a flow, Pa."""
    return np.asarray(valve_resistance(kv_m3_per_h, density_kg_per_m3) * flow_kg_per_s**2)


def _solve_with(
    circuit: Circuit, boundary: Boundary, valves: Valves, kv: Floats, forced: NDArray[np.bool_],
    weight: Floats, law: Law, fluid: Fluid,
) -> State:  # fmt: skip
    """The state where the `forced` stations draw what they want and the others have their Kv."""
    resistance, closed = circuit.resistance.copy(), circuit.closed.copy()
    open_ = (kv > 0) & ~forced
    resistance[valves.element[open_]] = valve_resistance(kv[open_], weight[open_])
    closed[valves.element[~open_]] = True
    draw = boundary.draw_kg_per_s.copy()
    for node, sign in ((circuit.start, 1), (circuit.end, -1)):
        np.add.at(draw, node[valves.element[forced]], sign * valves.wanted_kg_per_s[forced])
    ready = circuit.with_valves(resistance, closed)
    return solve(ready, boundary._replace(draw_kg_per_s=draw), law, fluid)


def _check(circuit: Circuit, valves: Valves) -> None:
    problems = not_finite(
        wanted_kg_per_s=valves.wanted_kg_per_s, least_kv=valves.least_kv,
        widest_kv=valves.widest_kv,
    )  # fmt: skip
    for element in valves.element[(valves.element < 0) | (valves.element >= circuit.start.size)]:
        problems.append(Problem("element", "network_no_such_node", str(element)))
    for where, bad in (
        ("wanted_kg_per_s", valves.wanted_kg_per_s < 0),
        ("least_kv", valves.least_kv <= 0),
        ("widest_kv", valves.widest_kv < valves.least_kv),
    ):
        for station in np.flatnonzero(bad):
            values = getattr(valves, where)
            problems.append(Problem(where, "network_not_positive", f"{values[station]:g}"))
    if problems:
        raise InputError(problems)
