"""One side settled: its flows, pressures and temperatures for what is asked, by Newton's method.

First the flows of the core for the loads as they would be without losses; then, round by round,
consumers' wishes inward through the trees, a step in the core, the new temperatures outward. Where
that fails, the pipes are insulated and the losses brought back step by step.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from songhua.engines.hydraulics.flows import lift, pressure_drop
from songhua.engines.hydraulics.lean import lean
from songhua.engines.hydraulics.water import enthalpy
from songhua.engines.thermal.core import hold, residuals, step
from songhua.engines.thermal.model import Net
from songhua.engines.thermal.sweep import Inflow, Side, core_temperatures
from songhua.engines.thermal.trees import Wants, ask, gather, spread

_ROUNDS = 50
_PRESSURE_TOLERANCE_PA = 1e-7
_NEAR = 1e-2  # of the heat asked for
_ROUNDING = 1e-13  # of the largest pressure, or flow
_DRIFT_K = 1e-10
_PATIENCE = 25  # rounds without halving the worst
_ROUGH = 1e9  # tolerances, for a start
_LEAST_STRIDE = 1e-3
_SPEED_M_PER_S = 0.5  # in every pipe of the core, for a start


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def settle(net, ground_c, sign, consumers, ends, side, warm):  # type: ignore[no-untyped-def]
    """Settle a side in place: whether it was possible, and the rounds that it took.

    `sign` is 1.0 for the supply, -1.0 for the return. `warm`: `side` holds a state nearby.
    """
    order, nodes = net.order, side.node_c.size
    wants = Wants(np.empty(nodes), np.empty(nodes), np.empty(nodes), np.zeros(nodes))
    inflow = Inflow(np.empty(nodes), np.empty(nodes), np.full(nodes, ground_c),
                    np.zeros(order.cores, np.bool_))  # fmt: skip
    for node in range(order.cores):
        if ends.held[node] and sign > 0:
            inflow.idle_c[node] = ends.source_c[node]
    first, hoping = consumers.flow.copy(), consumers.wanting.sum()
    fixed = sign < 0 and net.order.meshes == 0
    done, rounds, tries = fixed, 0, 0
    while not done and tries < 2:
        if tries or not warm:
            _restart(consumers, first)
            rounds += _cold(net, ground_c, sign, consumers, ends, side, wants, inflow)
        done, more = _newton(net, ground_c, sign, consumers, ends, side, wants, inflow)
        done = done and consumers.wanting.sum() == hoping
        rounds, tries = rounds + more, tries + (1 if warm else 2)
    if not done:
        _restart(consumers, first)
        done, more = _by_insulation(net, ground_c, sign, consumers, ends, side, wants, inflow)
        rounds += more
    if fixed or not done:
        _refresh(net, ground_c, sign, consumers, ends, side, wants, inflow)
    return done, rounds


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _restart(consumers, flow):  # type: ignore[no-untyped-def]
    consumers.flow[:] = flow
    consumers.wish[:] = flow
    consumers.shyness[:] = 0.0


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _refresh(net, ground_c, sign, consumers, ends, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Flows of the trees and temperatures for the consumers' flows as they are."""
    ask(net, sign, consumers, side, wants, inflow)
    gather(net, ground_c, sign, side, wants, inflow)
    hold(net.order, ends, side, wants.load)
    follow(net, ground_c, sign, ends, side, wants, inflow, False)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _cold(net, ground_c, sign, consumers, ends, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Flows for the first loads with water of one temperature, from one speed in every pipe."""
    side.node_c[:] = side.node_c.max()
    side.mean_c[:] = side.node_c[0]
    side.along_c[:] = side.node_c[0]
    side.gain[:] = 0.0
    side.decay[:] = 1.0
    for pipe in range(net.order.meshes):
        side.flow_kg_per_s[pipe] = 4000 / np.pi * _SPEED_M_PER_S / net.pipes.per_area[pipe] ** 2
    ask(net, sign, consumers, side, wants, inflow)
    gather(net, ground_c, sign, side, wants, inflow)
    hold(net.order, ends, side, wants.load)
    for attempt in range(_ROUNDS):
        found = residuals(net, sign, ends, side, wants)
        if _settled(ends, side, wants, found, _ROUGH):
            break
        if not step(net, ground_c, sign, ends, side, wants, inflow, found, 0, attempt):
            break
    follow(net, ground_c, sign, ends, side, wants, inflow, False)
    return attempt


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _newton(net, ground_c, sign, consumers, ends, side, wants, inflow):  # type: ignore[no-untyped-def]
    """Round after round until everything holds: whether it does, and the rounds."""
    best, since, drift = np.inf, 0, 0.0
    for attempt in range(_ROUNDS):
        worst = ask(net, sign, consumers, side, wants, inflow)
        same = gather(net, ground_c, sign, side, wants, inflow)
        found = residuals(net, sign, ends, side, wants)
        if same and worst == 0 and drift <= _DRIFT_K and _settled(ends, side, wants, found, 1.0):
            side.flow_kg_per_s[net.order.meshes :] = wants.load[net.order.cores :]
            hold(net.order, ends, side, wants.load)
            return True, attempt
        if worst < best / 2:
            best, since = worst, attempt
        if worst > 0 and attempt > since + _PATIENCE:
            break
        coupled = 2 if worst < _NEAR else 1
        if not step(net, ground_c, sign, ends, side, wants, inflow, found, coupled, attempt):
            break
        drift = follow(net, ground_c, sign, ends, side, wants, inflow, sign > 0)
    return False, attempt


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _by_insulation(net, ground_c, sign, consumers, ends, side, wants, inflow):  # type: ignore[no-untyped-def]
    """From pipes without losses, where all is easy, to the losses that there are, step by step.

    A consumer who is not warm without losses has no hope; later nobody may give up but at the end.
    """
    share, stride = 0.0, 0.25
    rounds = _cold(net, ground_c, sign, consumers, ends, side, wants, inflow)
    begun = False
    while share < 1 and stride > _LEAST_STRIDE:
        aim = min(share + stride, 1.0) if begun else 0.0
        eased = Net(net.order, net.pattern, net.pipes, net.fluid, aim * net.pipe_loss)
        kept = consumers.flow.copy(), consumers.wanting.copy(), ends.flow.copy()
        state = _copy(side)
        _refresh(eased, ground_c, sign, consumers, ends, side, wants, inflow)
        done, more = _newton(eased, ground_c, sign, consumers, ends, side, wants, inflow)
        rounds, begun = rounds + more, True
        if done and (aim == 0 or (consumers.wanting == kept[1]).all()):
            share, stride = aim, 2 * stride
        else:
            _restart(consumers, kept[0])
            consumers.wanting[:], ends.flow[:] = kept[1:]
            _restore(side, state)
            stride /= 2
    if share < 1:
        _refresh(net, ground_c, sign, consumers, ends, side, wants, inflow)
    done, more = _newton(net, ground_c, sign, consumers, ends, side, wants, inflow)
    return done, rounds + more


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _copy(side):  # type: ignore[no-untyped-def]
    return Side(side.pressure_pa.copy(), side.node_c.copy(), side.flow_kg_per_s.copy(),
                side.mean_c.copy(), side.along_c.copy(), side.lost_w.copy(), side.decay.copy(),
                side.gain.copy())  # fmt: skip


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _restore(side, kept):  # type: ignore[no-untyped-def]
    for column, was in zip(side, kept):  # noqa: B905 (compiled code knows no strict)
        column[:] = was


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _settled(ends, side, wants, found, times):  # type: ignore[no-untyped-def]
    missing, _, _, excess = found
    count, high, most, load = ends.flow.size, 0.0, 0.0, 0.0
    for node in range(count):
        high = max(high, abs(side.pressure_pa[node]))
        most, load = max(most, abs(ends.flow[node])), max(load, abs(wants.load[node]))
    for each in missing:
        if abs(each) > times * (_PRESSURE_TOLERANCE_PA + _ROUNDING * high):
            return False
    for node in range(count):
        if not ends.held[node] and abs(excess[node]) > times * (1e-14 + _ROUNDING * (most + load)):
            return False
    return True


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def follow(net, ground_c, sign, ends, side, wants, inflow, newton):  # type: ignore[no-untyped-def]
    """The temperatures of core and trees, after what comes inward has been gathered; the drift."""
    for node in range(net.order.cores):
        brought = sign * ends.flow[node]
        if brought > 0:
            inflow.mass[node] += brought
            inflow.heat[node] += brought * enthalpy(net.fluid, ends.source_c[node])
    drift = core_temperatures(net, ground_c, sign, inflow, side)
    for node in range(net.order.cores):
        wants.change_k[node] += side.node_c[node]
    spread(net, ground_c, sign, side, wants, inflow, newton)
    return drift


@lean  # type: ignore[untyped-decorator, unused-ignore]
def finish(net, sign, side):  # type: ignore[no-untyped-def]
    """What follows from flows and temperatures: the trees' pressures, outward, and the losses."""
    order, fluid = net.order, net.fluid
    for pipe in range(side.flow_kg_per_s.size):
        flow, mean_c = side.flow_kg_per_s[pipe], side.mean_c[pipe]
        if pipe < order.meshes:
            start, end = order.start[pipe], order.end[pipe]
        else:
            start, end = order.parent[pipe - order.meshes], order.cores + pipe - order.meshes
            drop, _ = pressure_drop(net.pipes, fluid, pipe, flow, mean_c)
            drop += sign * lift(net.pipes, fluid, pipe, side.along_c[pipe])
            side.pressure_pa[end] = side.pressure_pa[start] - drop
        side.lost_w[pipe] = 0.0
        if net.pipe_loss[pipe] > 0:
            inlet_c = side.node_c[start if sign * flow > 0 else end]
            fallen = enthalpy(fluid, inlet_c) - enthalpy(fluid, 2 * mean_c - inlet_c)
            side.lost_w[pipe] = abs(flow) * fallen
