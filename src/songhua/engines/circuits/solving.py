"""The pressures and flows of a circuit, by Newton's method on nodal pressures.

Each step makes every law straight about its flow, solves for the pressures that keep the mass at
every node, and takes the flows they drive; a step that passes the minimum of the convex content
is halved. Sources: E. Todini, S. Pilati, A gradient algorithm for the analysis of pipe networks
(1988); the content is W. Millar's, Phil. Mag. 42 (1951).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.circuits.laws import element_pressure
from songhua.engines.circuits.linear import solve_symmetric
from songhua.engines.hydraulics.flows import Pipes
from songhua.engines.hydraulics.friction import LAWS, Law, roughness_term
from songhua.engines.hydraulics.network import not_finite
from songhua.engines.hydraulics.water import WATER, Fluid
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from songhua.engines.circuits.circuit import Circuit
    from songhua.engines.hydraulics.network import Floats, Integers

_ROUNDS = 200  # of opening and shutting one-way elements
_TRIALS = 3  # of feeding an island: one that pushes water out is left alone
_STEPS = 100


class Reason(IntEnum):
    """Why a node or an element has the value it has."""

    NORMAL = 0
    ISLAND = 1  # no open way to a fixed pressure: pressure unknown, written 0; nothing flows
    CLOSED = 2  # by hand
    CHECKED = 3  # one way, and pressure would drive it the other


class Boundary(NamedTuple):
    """`node` and `pressure_pa`, shape (fixed,); `draw_kg_per_s`, shape (nodes,), leaves the
    circuit (negative: enters); `temperature_c`, shape (elements,) or one number."""

    node: Integers
    pressure_pa: Floats
    draw_kg_per_s: Floats
    temperature_c: ArrayLike


@dataclass(frozen=True)
class State:
    """`pressure_pa` and `node_reason`, shape (nodes,); `flow_kg_per_s` from start to end and
    `element_reason`, shape (elements,). Where not `settled`, no flows were found to agree with
    the laws within `residual_pa`, the worst disagreement."""

    pressure_pa: Floats
    flow_kg_per_s: Floats
    node_reason: NDArray[np.int8]
    element_reason: NDArray[np.int8]
    settled: bool
    residual_pa: float


def solve(
    circuit: Circuit, boundary: Boundary, law: Law = "colebrook", fluid: Fluid = WATER
) -> State:
    """The state of a circuit; raises `InputError` for a boundary that does not fit it.

    >>> from songhua.engines.circuits.circuit import Circuit
    >>> no, zero = np.zeros(1, bool), np.zeros(1)
    >>> valve = Circuit(np.zeros(2), np.array([0]), np.array([1]), zero, zero + 0.1, zero,
    ...                 zero + 1e5, zero, no, no)
    >>> ends = Boundary(np.array([0, 1]), np.array([2e5, 1e5]), np.zeros(2), 20.0)
    >>> solve(valve, ends).flow_kg_per_s.round(9).tolist()
    [1.0]
    """
    require(law in LAWS, "law", "param_choice", ", ".join(LAWS))
    _check(circuit, boundary)
    pipes, warmth = _pipes(circuit, law), _spread(circuit, boundary)
    shut = circuit.closed.copy()
    seen: set[bytes] = set()
    careful, rounds = False, 0
    tried = np.zeros(shut.size, int)
    flow = _first_guess(circuit)
    while True:
        fed = _fed(circuit.start, circuit.end, shut, boundary.node, circuit.height_m.size)
        pressure = np.zeros(circuit.height_m.size)
        pressure[boundary.node] = boundary.pressure_pa
        known = ~fed
        known[boundary.node] = True
        open_ = ~shut & fed[circuit.start] & fed[circuit.end]
        residual, good = _newton(
            circuit.pattern, circuit.start, circuit.end, pipes, circuit.resistance,
            circuit.boost_pa, fluid, warmth, boundary.draw_kg_per_s, known, open_, flow, pressure,
        )  # fmt: skip
        seen.add(shut.tobytes())
        choice = np.where(circuit.one_way & ~circuit.closed, np.where(shut, 2, 1), 0)
        choice[~fed[circuit.start]] = 0
        beyond = fed[circuit.start] & ~fed[circuit.end] & (choice == 2)
        choice[beyond] = np.where(tried[beyond] < _TRIALS, 3, 0)
        turned = _turned(
            pipes, circuit.start, circuit.end, circuit.resistance, circuit.boost_pa, fluid, warmth,
            choice, flow, pressure,
        )  # fmt: skip
        if not turned.any():
            break
        careful |= (shut ^ turned).tobytes() in seen
        if careful:  # all at once came round in a circle: the first alone, as in Murty's rule
            turned[turned.argmax() + 1 :] = False
        tried += turned & (choice == 3)
        shut = shut ^ turned
        if rounds > _ROUNDS:
            good = False
            break
        rounds += 1
        flow = np.where(open_, flow, _first_guess(circuit))
    reason = np.where(open_, Reason.NORMAL, Reason.ISLAND).astype(np.int8)
    reason[shut] = Reason.CHECKED
    reason[circuit.closed] = Reason.CLOSED
    nodes = np.where(fed, Reason.NORMAL, Reason.ISLAND).astype(np.int8)
    return State(pressure, np.where(open_, flow, 0.0), nodes, reason, bool(good), float(residual))


def _check(circuit: Circuit, boundary: Boundary) -> None:
    nodes = circuit.height_m.size
    problems = not_finite(
        pressure_pa=np.asarray(boundary.pressure_pa), draw_kg_per_s=boundary.draw_kg_per_s,
        temperature_c=np.asarray(boundary.temperature_c, float),
    )  # fmt: skip
    for name, shape, wanted in (
        ("draw_kg_per_s", boundary.draw_kg_per_s.shape, (nodes,)),
        ("pressure_pa", boundary.pressure_pa.shape, boundary.node.shape),
    ):
        if shape != wanted:
            problems.append(Problem(name, "network_shapes_differ", f"{shape} / {wanted}"))
    for node in boundary.node[(boundary.node < 0) | (boundary.node >= nodes)]:
        problems.append(Problem("node", "network_no_such_node", str(node)))
    found, times = np.unique(boundary.node, return_counts=True)
    problems += [Problem("node", "network_two_sources", str(node)) for node in found[times > 1]]
    if np.ndim(boundary.temperature_c) and np.shape(boundary.temperature_c) != circuit.start.shape:
        given = str(np.shape(boundary.temperature_c))
        problems.append(Problem("temperature_c", "network_shapes_differ", given))
    if problems:
        raise InputError(problems)


def _spread(circuit: Circuit, boundary: Boundary) -> Floats:
    return np.array(np.broadcast_to(boundary.temperature_c, circuit.start.shape), float)


def _pipes(circuit: Circuit, law: Law) -> Pipes:
    bore, number = circuit.diameter_m, LAWS.index(law)
    rough = circuit.roughness_m / bore
    terms = _terms(rough, number)
    rise = circuit.height_m[circuit.end] - circuit.height_m[circuit.start]
    return Pipes(circuit.length_m / bore**3, rise, 4 / (np.pi * bore), rough, terms, number)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _terms(rough, law):  # type: ignore[no-untyped-def]
    terms = np.empty(rough.size)
    for pipe in range(rough.size):
        terms[pipe] = roughness_term(rough[pipe], law)
    return terms


def _first_guess(circuit: Circuit) -> Floats:
    """A quarter of the flow at 1 m/s, or of that at a drop of 0.1 bar."""
    area = np.pi / 4 * circuit.diameter_m**2
    wide = np.sqrt(1e4 / np.maximum(circuit.resistance, 1e-300))
    return np.asarray(np.minimum(1000 * area, wide) / 4)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _fed(start, end, shut, fixed, nodes):  # type: ignore[no-untyped-def]
    """Whether each node has an open way to a fixed pressure."""
    root = np.arange(nodes)
    for element in range(start.size):
        if not shut[element]:
            one, other = _root(root, start[element]), _root(root, end[element])
            root[one] = other
    fed = np.zeros(nodes, np.bool_)
    for node in fixed:
        fed[_root(root, node)] = True
    for node in range(nodes):
        fed[node] = fed[_root(root, node)]
    return fed


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _root(root, node):  # type: ignore[no-untyped-def]
    while root[node] != node:
        root[node] = root[root[node]]
        node = root[node]
    return node


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _turned(  # type: ignore[no-untyped-def]
    pipes, start, end, resistance, boost, fluid, warmth, state, flow, pressure
):
    """One-way elements that should shut (state 1, open) or open (state 2, shut;
    state 3, shut and its end an island)."""
    turned = np.zeros(start.size, np.bool_)
    for element in range(start.size):
        if state[element] == 1:
            turned[element] = flow[element] < -1e-9
        elif state[element] == 2:
            idle, _ = element_pressure(
                pipes, resistance, boost, fluid, element, 0.0, warmth[element]
            )
            turned[element] = pressure[start[element]] - pressure[end[element]] > idle + 1e-6
        elif state[element] == 3:
            turned[element] = True
    return turned


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _newton(  # type: ignore[no-untyped-def]
    pattern, start, end, pipes, resistance, boost, fluid, warmth, draw, known, open_, flow, pressure
):
    """Settle `flow` and `pressure` in place; the worst residual, and whether it is small."""
    elements = flow.size
    step, slope = np.zeros(elements), np.ones(elements)
    drop, miss = np.zeros(elements), np.zeros(elements)
    last, residual = np.inf, 0.0
    _evaluate(pipes, resistance, boost, fluid, warmth, open_, flow, drop, slope)
    for number in range(_STEPS):
        for element in range(elements):
            if open_[element]:
                one, other = start[element], end[element]
                miss[element] = pressure[one] - pressure[other] - drop[element]
        if not _steps(pattern, start, end, draw, known, open_, flow, slope, miss, pressure, step):
            return np.inf, False
        residual, change, largest, level = 0.0, 0.0, 0.0, 0.0
        for element in range(elements):
            if open_[element]:
                one, other = pressure[start[element]], pressure[end[element]]
                residual = max(residual, abs(one - other - drop[element]))
                change, largest = max(change, abs(step[element])), max(largest, abs(flow[element]))
                level = max(level, abs(one), abs(other))
        fine = residual <= 1e-8 + 1e-13 * level
        if fine and number and (change <= 1e-11 * (1 + largest) or change >= last):
            return residual, True
        last = change if fine else np.inf
        before = _descent(start, end, open_, pressure, drop, step)
        share = 1.0
        _advance(open_, flow, step, share)
        _evaluate(pipes, resistance, boost, fluid, warmth, open_, flow, drop, slope)
        while number and not fine and share > 1e-4:  # the first step finds the mass
            if abs(_descent(start, end, open_, pressure, drop, step)) <= 0.9 * before:
                break
            share /= 2
            _advance(open_, flow, step, -share)
            _evaluate(pipes, resistance, boost, fluid, warmth, open_, flow, drop, slope)
    return residual, residual <= 1e-6 + 1e-12 * level


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _evaluate(  # type: ignore[no-untyped-def]
    pipes, resistance, boost, fluid, warmth, open_, flow, drop, slope
):
    for element in range(flow.size):
        if open_[element]:
            drop[element], slope[element] = element_pressure(
                pipes, resistance, boost, fluid, element, flow[element], warmth[element]
            )


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _advance(open_, flow, step, share):  # type: ignore[no-untyped-def]
    for element in range(flow.size):
        if open_[element]:
            flow[element] += share * step[element]


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _descent(start, end, open_, pressure, drop, step):  # type: ignore[no-untyped-def]
    """How fast the content falls along the step: 0 at its minimum."""
    total = 0.0
    for element in range(step.size):
        if open_[element]:
            off = pressure[start[element]] - pressure[end[element]] - drop[element]
            total += off * step[element]
    return total


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _steps(  # type: ignore[no-untyped-def]
    pattern, start, end, draw, known, open_, flow, slope, miss, pressure, step
):
    """Add to the pressures what keeps the mass at every node under the laws made straight, and
    find the step of each flow. Changes are solved for, not values: they lose no digits."""
    nodes = pressure.size
    diagonal, right = np.zeros(nodes), np.zeros(nodes)
    lower = np.zeros(pattern.row.size)
    for node in range(nodes):
        place = pattern.place[node]
        if known[node]:
            diagonal[place] = 1.0
        else:
            right[place] = -draw[node]
    for element in range(flow.size):
        if open_[element]:
            one, other = start[element], end[element]
            first, second = pattern.place[one], pattern.place[other]
            ease = 1 / slope[element]
            leaving = flow[element] + ease * miss[element]
            if not known[one]:
                diagonal[first] += ease
                right[first] -= leaving
            if not known[other]:
                diagonal[second] += ease
                right[second] += leaving
            if not known[one] and not known[other]:
                lower[pattern.slot[element]] -= ease
    if not solve_symmetric(pattern, diagonal, lower, right):
        return False
    for element in range(flow.size):
        if open_[element]:
            change = right[pattern.place[start[element]]] - right[pattern.place[end[element]]]
            step[element] = (miss[element] + change) / slope[element]
    for node in range(nodes):
        pressure[node] += right[pattern.place[node]]
    return True
