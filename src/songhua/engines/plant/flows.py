"""What flows through valves and pipes, for the pressures that sources hold.

Supply and return mirror each other, so half the difference between them falls along a pipe by
r m |m| and at a station to nothing by m² / (2 k²), k the flow that its valve lets through at 1 Pa.
Pipes are taken as fully rough: 1/√λ = 2 log10(3.71 D / k). All flows follow from the half
differences at the nodes, which Newton's method finds.
Source: E. Todini, S. Pilati, A gradient algorithm for the analysis of pipe networks (1988).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, HeatNetwork, Integers

DENSITY_KG_PER_M3 = 960.0
VALVE_PA = 1e5  # the difference of pressure at which a valve's flow is stated
_LEVEL_KG_PER_S = 1e-3  # below it a resistance is constant
_STILL_KG_PER_S = 1e-6
_TOLERANCE_PA = 1e-4
_ROUNDS = 100


class Stream(NamedTuple):
    """What flows in a step: the valves' opening, the flow of pipes, `through` stations, `brought`
    by sources, the difference of pressure at the nodes, and what leaks at which node."""

    opening: Floats
    pipes: Floats
    through: Floats
    brought: Floats
    difference_pa: Floats
    leaks: dict[int, float]


class Hydraulics:
    """A network's valves and pipes, solved again and again from the flows found last."""

    def __init__(self, network: HeatNetwork) -> None:
        self.network = network
        lam = (2 * np.log10(3.71 * network.diameter_m / network.roughness_m)) ** -2
        self.resistance = (
            8 * lam * network.length_m / (np.pi**2 * DENSITY_KG_PER_M3 * network.diameter_m**5)
        )
        self.flow = np.full(network.length_m.size + network.consumer_node.size, 1.0)

    def solve(
        self, valve: Floats, head_pa: Floats, given: Floats, leaks: dict[int, float]
    ) -> tuple[Floats, Floats]:
        """Pipes' and stations' flows, and the difference of pressure at the nodes.

        `valve` (stations,): the flow at `VALVE_PA`, 0 when shut. `head_pa` (sources,) is held where
        `given` (sources,) is NaN and the source does not take water in; elsewhere its flow is
        `given`, unless that is more than all take. `leaks`: kg/s that leave at nodes. Where no
        source holds a pressure nothing flows.
        """
        holds, valve = np.isnan(given), valve.copy()
        shut = np.zeros(holds.size, bool)
        nothing = np.zeros(self.flow.size), np.zeros(self.network.height_m.size)
        while holds.any():
            flow, difference_pa = self._newton(valve, head_pa, holds, given, leaks)
            if np.abs(flow).max(initial=0.0) < _STILL_KG_PER_S:
                return nothing
            # check valves shut where water would go back through a source or a station
            brought = self.brought(flow, leaks)[self.network.source_node]
            backward = holds & (brought < -_STILL_KG_PER_S)
            through = flow[self.network.length_m.size :]
            shut |= backward
            holds = holds & ~backward
            if not holds.any():
                holds = (given > 0) & ~shut  # the others' pumps regulate in its place
            if not backward.any():
                if through.min(initial=0.0) >= -_STILL_KG_PER_S:
                    return flow, difference_pa
                valve[through < 0] = 0.0
        return nothing

    def brought(self, flow: Floats, leaks: dict[int, float]) -> Floats:
        """What leaves each node by pipes, stations and leaks, less what comes by pipes."""
        net, pipes = self.network, self.network.length_m.size
        leaves = np.concatenate((net.pipe_start, net.consumer_node))
        out = np.bincount(leaves, flow, net.height_m.size)
        out -= np.bincount(net.pipe_end, flow[:pipes], net.height_m.size)
        for node, lost in leaks.items():
            out[node] += lost
        return np.asarray(out)

    def _newton(
        self, valve: Floats, head_pa: Floats, holds: Flags, given: Floats, leaks: dict[int, float]
    ) -> tuple[Floats, Floats]:
        from scipy.sparse import csc_array
        from scipy.sparse.linalg import splu

        net = self.network
        nodes = net.height_m.size
        level = np.zeros(nodes + 1)  # the last is the middle between supply and return
        level[net.source_node[holds]] = head_pa[holds] / 2
        open_ = valve > 0
        start = np.concatenate((net.pipe_start, net.consumer_node[open_]))
        end = np.concatenate((net.pipe_end, np.full(open_.sum(), nodes)))
        valves = VALVE_PA / (2 * valve[open_] ** 2)
        resistance = np.concatenate((self.resistance, valves))
        kept = np.concatenate((np.ones(self.resistance.size, bool), open_))
        flow = self.flow[kept]
        free = np.ones(nodes + 1, bool)
        free[net.source_node[holds]] = False
        free[nodes] = False
        place, count = np.cumsum(free) - 1, int(free.sum())
        asked = np.zeros(nodes + 1)
        asked[net.source_node[~holds]] -= np.nan_to_num(given[~holds])
        for node, lost in leaks.items():
            asked[node] += lost
        inner, outer = _pattern(free, place, start, end)
        for _ in range(_ROUNDS):
            drop, slope = _law(resistance, flow)
            missing = level[start] - level[end] - drop
            ease = 1 / slope
            # what the nodes' balance lacks, were each flow to follow the present levels
            tried = flow + ease * missing
            excess = asked + np.bincount(start, tried, nodes + 1)
            excess -= np.bincount(end, tried, nodes + 1)
            matrix = csc_array((np.concatenate([ease[pick] * sign for pick, sign in inner]), outer),
                               shape=(count, count))  # fmt: skip
            change = np.zeros(nodes + 1)
            if count:
                change[free] = splu(matrix, permc_spec="MMD_AT_PLUS_A").solve(-excess[free])
            level += change
            flow = tried + ease * (change[start] - change[end])
            left = np.abs(level[start] - level[end] - _law(resistance, flow)[0])
            if left.max(initial=0.0) <= _TOLERANCE_PA:
                break
        whole = np.zeros(self.flow.size)
        whole[kept] = flow
        self.flow[kept] = flow
        return whole, 2 * level[:nodes]


def _law(resistance: Floats, flow: Floats) -> tuple[Floats, Floats]:
    """r m √(m² + m₀²), smooth at rest, and its derivative."""
    root = np.sqrt(flow**2 + _LEVEL_KG_PER_S**2)
    return resistance * flow * root, resistance * (root + flow**2 / root)


def _pattern(
    free: Flags, place: Integers, start: Integers, end: Integers
) -> tuple[list[tuple[Integers, float]], tuple[Integers, Integers]]:
    """Which elements stand where in the nodes' equations: their numbers with a sign, and where."""
    both = np.flatnonzero(free[start] & free[end])
    one, other = np.flatnonzero(free[start]), np.flatnonzero(free[end])
    rows = np.concatenate((place[start[one]], place[end[other]], place[start[both]],
                           place[end[both]]))  # fmt: skip
    columns = np.concatenate((place[start[one]], place[end[other]], place[end[both]],
                              place[start[both]]))  # fmt: skip
    return [(one, 1.0), (other, 1.0), (both, -1.0), (both, -1.0)], (rows, columns)
