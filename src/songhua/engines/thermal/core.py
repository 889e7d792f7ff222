"""One step of Newton's method on the pressures and temperatures of the core, together.

The flow of a core pipe follows from its nodes' pressures, as in the gradient method (E. Todini,
S. Pilati, A gradient method for the analysis of pipe networks, 1987). Here the loads also depend on
the temperatures, and these on the flows. Linearised, each node has two equations, its mass and its
energy, in its own δp and δT and those of its neighbours; pipes and trees are eliminated before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.factorisation import solve
from songhua.engines.hydraulics.flows import lift, pressure_drop
from songhua.engines.hydraulics.lean import lean
from songhua.engines.hydraulics.water import density, viscosity

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats

_CAUTIOUS_FROM = 20  # steps; from then on half of each is made


class Ends(NamedTuple):
    """Sources at core nodes, shape (cores,): `held`, where the pressure is given; `flow`, which is
    given elsewhere, counted as the loads are; `source_c`, of the water that one brings."""

    held: Flags
    flow: Floats
    source_c: Floats


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def residuals(net, sign, ends, side, wants):  # type: ignore[no-untyped-def]
    """What is missing of each pipe's pressure, its Δp and dΔp/dm, and each node's flow too much."""
    meshes = net.order.meshes
    found = np.empty(meshes), np.empty(meshes), np.empty(meshes), np.empty(net.order.cores)
    _residuals(net, sign, ends, side, wants, found)
    return found


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _residuals(net, sign, ends, side, wants, found):  # type: ignore[no-untyped-def]
    order = net.order
    missing, losses, slopes, excess = found
    for node in range(order.cores):
        excess[node] = wants.load[node] - ends.flow[node]
    for pipe in range(order.meshes):
        start, end, flow = order.start[pipe], order.end[pipe], side.flow_kg_per_s[pipe]
        loss, slope = pressure_drop(net.pipes, net.fluid, pipe, flow, side.mean_c[pipe])
        losses[pipe], slopes[pipe] = loss, slope
        weight = sign * lift(net.pipes, net.fluid, pipe, side.along_c[pipe])
        missing[pipe] = side.pressure_pa[start] - side.pressure_pa[end] - loss - weight
        excess[start] += flow
        excess[end] -= flow


class Equations(NamedTuple):
    """Newton's step as `factorisation.solve` takes it; `rise`, of what a pipe costs, per kelvin at
    its inlet; `arriving`, a core node's flow, and `brought`, that times its temperature."""

    diagonal: Floats
    below: Floats
    above: Floats
    right: Floats
    rise: Floats
    arriving: Floats
    brought: Floats


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def step(net, ground_c, sign, ends, side, wants, inflow, found, coupled, attempt):  # type: ignore[no-untyped-def]
    """Change the core's flows, pressures and torn temperatures in place; False if it cannot be.

    `found` is what `residuals` gave. At `coupled` 0 temperatures and loads stay as they are;
    at 2 a pipe's own warmth is part of the step as well.
    """
    cores, meshes, blocks = net.order.cores, net.order.meshes, net.pattern.row.size
    equations = Equations(
        np.zeros((cores, 4)), np.zeros((blocks, 4)), np.zeros((blocks, 4)), np.zeros((cores, 2)),
        np.zeros(meshes), np.zeros(cores), np.zeros(cores),
    )  # fmt: skip
    _arriving(net.order, sign, ends, side, inflow, equations)
    _nodes(net, sign, ends, side, wants, inflow, found[3], coupled, equations)
    _pipes(net, ground_c, sign, ends, side, found, coupled, equations)
    diagonal, below, above, right = equations[:4]
    if not solve(net.pattern, diagonal, below, above, right) or not np.isfinite(right).all():
        return False
    _move(net, sign, ends, side, wants, inflow, found, coupled, attempt, equations)
    return True


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _arriving(order, sign, ends, side, inflow, equations):  # type: ignore[no-untyped-def]
    arriving, brought = equations.arriving, equations.brought
    for node in range(order.cores):
        arriving[node] = inflow.mass[node] + max(sign * ends.flow[node], 0.0)
        brought[node] = arriving[node] * side.node_c[node]
    for pipe in range(order.meshes):
        flow = sign * side.flow_kg_per_s[pipe]
        up, down = order.start[pipe], order.end[pipe]
        if flow < 0:
            up, down = down, up
        arriving[down] += abs(flow)
        brought[down] += abs(flow) * (2 * side.mean_c[pipe] - side.node_c[up])


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _nodes(net, sign, ends, side, wants, inflow, excess, coupled, equations):  # type: ignore[no-untyped-def]
    """What stands in the equations of a core node whatever its pipes."""
    pattern, diagonal, right = net.pattern, equations.diagonal, equations.right
    arriving, brought = equations.arriving, equations.brought
    for node in range(net.order.cores):
        place, shyness = pattern.place[node], wants.shyness[node] if coupled > 0 else 0.0
        wish = wants.wish[node] - wants.load[node] if coupled > 0 else 0.0
        diagonal[place, 3] = -1.0
        if ends.held[node]:
            diagonal[place, 0] = 1.0
            if coupled > 0 and sign * ends.flow[node] > 0:
                share = sign * (ends.source_c[node] - side.node_c[node]) / arriving[node]
                diagonal[place, 3] -= share * shyness
                right[place, 1] -= share * (wish + excess[node])
        else:
            diagonal[place, 1] = -shyness
            right[place, 0] = -excess[node] - wish
        if coupled > 0 and inflow.torn[node] and arriving[node] > 0:
            right[place, 1] -= brought[node] / arriving[node] - side.node_c[node]


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _pipes(net, ground_c, sign, ends, side, found, coupled, equations):  # type: ignore[no-untyped-def]
    """What a pipe of the core adds to the equations of its two nodes."""
    order, pattern = net.order, net.pattern
    missing, losses, slopes, _ = found
    diagonal, below, above, right, rise, arriving, _ = equations
    for pipe in range(order.meshes):
        start, end, flow = order.start[pipe], order.end[pipe], side.flow_kg_per_s[pipe]
        up, down = (start, end) if sign * flow > 0 else (end, start)
        if coupled == 2 and flow != 0:
            inlet_c = side.node_c[up]
            rise[pipe], more = _warmth(
                net, ground_c, sign, side, pipe, inlet_c, losses[pipe], slopes[pipe]
            )
            slopes[pipe] = max(slopes[pipe] + more, slopes[pipe] / 2)
        for node, mass in ((start, 1.0), (end, -1.0)):
            energy = 0.0
            if coupled > 0 and flow != 0:
                if ends.held[node] and sign * ends.flow[node] > 0:
                    share = sign * (ends.source_c[node] - side.node_c[node]) / arriving[node]
                    energy += mass * share
                if node == down:
                    outlet_c = 2 * side.mean_c[pipe] - side.node_c[up]
                    change = side.gain[pipe] * abs(flow) + outlet_c - side.node_c[node]
                    energy += np.copysign(change, change * flow) / arriving[node]
                    carried = abs(flow) * side.decay[pipe] / arriving[node]
                    _add(pattern, diagonal, below, above, pipe, node, up, 3, carried)
            if ends.held[node]:
                mass = 0.0
            for row, weight in ((0, mass), (1, energy)):
                if weight == 0:
                    continue
                each = weight / slopes[pipe]
                _add(pattern, diagonal, below, above, pipe, node, start, 2 * row, each)
                _add(pattern, diagonal, below, above, pipe, node, end, 2 * row, -each)
                _add(
                    pattern, diagonal, below, above, pipe, node, up, 2 * row + 1, -each * rise[pipe]
                )
                right[pattern.place[node], row] -= each * missing[pipe]


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _move(net, sign, ends, side, wants, inflow, found, coupled, attempt, equations):  # type: ignore[no-untyped-def]
    """Make the step that was solved for."""
    order, pattern, right, rise = net.order, net.pattern, equations.right, equations.rise
    missing, _, slopes, _ = found
    part = 1.0 if attempt < _CAUTIOUS_FROM else 0.5
    for pipe in range(order.meshes):
        start, end = pattern.place[order.start[pipe]], pattern.place[order.end[pipe]]
        up = start if sign * side.flow_kg_per_s[pipe] > 0 else end
        drop = missing[pipe] + right[start, 0] - right[end, 0] - rise[pipe] * right[up, 1]
        side.flow_kg_per_s[pipe] += part * drop / slopes[pipe]
    for node in range(order.cores):
        change, change_k = right[pattern.place[node], 0], right[pattern.place[node], 1]
        side.pressure_pa[node] += part * change
        if coupled > 0:
            if inflow.torn[node]:
                side.node_c[node] += part * change_k
            wants.load[node] = wants.wish[node] - wants.shyness[node] * change_k
    hold(order, ends, side, wants.load)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def hold(order, ends, side, load):  # type: ignore[no-untyped-def]
    """The flow of each source that holds its pressure: what its node's load and pipes take."""
    for node in range(order.cores):
        if not ends.held[node]:
            continue
        ends.flow[node] = load[node]
        for place in range(order.first[node], order.first[node + 1]):
            pipe = order.around[place]
            flow = side.flow_kg_per_s[pipe]
            ends.flow[node] += flow if order.start[pipe] == node else -flow


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _warmth(net, ground_c, sign, side, pipe, inlet_c, loss, slope):  # type: ignore[no-untyped-def]
    """What a pipe's pressure changes by its water's warmth: per kelvin at the inlet, and per flow.

    Friction is μ²/ρ times a function of m/μ, so that μ dΔp/dμ = 2 Δp - m dΔp/dm.
    """
    fluid, mean_c, along_c = net.fluid, side.mean_c[pipe], side.along_c[pipe]
    flow, outlet_c = side.flow_kg_per_s[pipe], 2 * mean_c - inlet_c
    thicker = np.log(viscosity(fluid, mean_c + 0.5) / viscosity(fluid, mean_c - 0.5))
    denser = np.log(density(fluid, mean_c + 0.5) / density(fluid, mean_c - 0.5))
    friction = (2 * loss - flow * slope) * thicker - loss * denser
    weight = lift(net.pipes, fluid, pipe, along_c + 0.5) - lift(
        net.pipes, fluid, pipe, along_c - 0.5
    )
    along = (along_c - ground_c) / (inlet_c - ground_c) if inlet_c != ground_c else 1.0
    per_kelvin = friction * (1 + side.decay[pipe]) / 2 + sign * weight * along
    per_flow = (
        friction * side.gain[pipe] * abs(flow) / 2 + sign * weight * (along_c - outlet_c)
    ) / flow
    return per_kelvin, per_flow


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _add(pattern, diagonal, below, above, pipe, row, column, entry, value):  # type: ignore[no-untyped-def]
    """Add to an entry of the block of a node's equations and another's unknowns."""
    if row == column:
        diagonal[pattern.place[row], entry] += value
    elif pattern.place[row] > pattern.place[column]:
        below[pattern.slot[pipe], entry] += value
    else:
        above[pattern.slot[pipe], entry] += value
