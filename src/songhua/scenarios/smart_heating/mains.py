"""The simulated city's mains: streets, the ways from the sources, and bores that suit."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from songhua.engines.hydraulics.network import HeatNetwork

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.engines.hydraulics.network import Floats, Integers

_WIDE_M, _HIGH_M = 13_000.0, 7_500.0
_TURN = np.deg2rad(28)  # streets and river run north-east
_LOOPS = 0.06  # of the streets not needed to reach a station, those that are laid
_BORES_M = np.array([0.08, 0.1, 0.125, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7, 0.8,
                     0.9, 1.0, 1.2, 1.4, 1.6])  # fmt: skip
_FRICTION_PA_PER_M = 50.0
_ROUGHNESS_M = 5e-4
_STATION_PA = 1e5


class Mains(NamedTuple):
    """The network, where its nodes are, in m east and north of the centre, and the pumps' head."""

    network: HeatNetwork
    place_m: Floats
    head_pa: float


def laid(flow_kg_per_s: Floats, sources: int, rng: Generator) -> Mains:
    """Mains that bring each station its design flow: all of it from the nearest source, or 60 % of
    it from the first."""
    stations = flow_kg_per_s.size
    street_m, start, end = _streets(max(stations // 2, sources + 1), rng)
    crossings = len(street_m)
    corner = rng.permutation(np.arange(stations) % crossings)
    place_m = np.concatenate((street_m, street_m[corner] + rng.normal(0, 80, (stations, 2))))
    length_m = np.linalg.norm(street_m[start] - street_m[end], axis=1)
    home = _spread_out(street_m, sources)
    load = np.asarray(np.bincount(corner, flow_kg_per_s, crossings), float)
    carried = np.zeros(start.size)
    longest_m = 0.0
    for roots, share in ((home, 1.0), (home[:1], 0.6)):
        here, far_m = _carried(start, end, length_m, roots, load)
        carried = np.maximum(carried, share * here)
        longest_m = max(longest_m, share * far_m)
    extra = (carried == 0) & (rng.random(start.size) < _LOOPS)
    carried[extra] = np.median(carried[carried > 0])
    used = carried > 0
    branch = np.arange(crossings, crossings + stations)
    starts = np.concatenate((start[used], corner))
    ends = np.concatenate((end[used], branch))
    bore = _bores_m(np.concatenate((carried[used], flow_kg_per_s)))
    network = HeatNetwork(
        140 + 0.002 * place_m[:, 1] + rng.normal(0, 2, len(place_m)), starts, ends,
        np.maximum(1.2 * np.linalg.norm(place_m[starts] - place_m[ends], axis=1), 20.0),
        bore, np.full(bore.size, _ROUGHNESS_M), 0.15 + 0.35 * bore,
        home, np.ones(sources, bool), branch, np.ones(stations, bool),
    )  # fmt: skip
    return Mains(network, place_m, 2.4 * _FRICTION_PA_PER_M * longest_m + 1.5 * _STATION_PA)


def _streets(crossings: int, rng: Generator) -> tuple[Floats, Integers, Integers]:
    """Crossings of a jittered grid, and the streets between neighbours."""
    rows = max(int(np.sqrt(crossings * _HIGH_M / _WIDE_M)), 1)
    columns = -(-crossings // rows)
    row, column = np.divmod(np.arange(crossings), columns)
    scale = np.sqrt(crossings / 100)  # a small city is a small place
    gap_m = min(scale, 1.0) * np.array([_WIDE_M / columns, _HIGH_M / rows])
    flat_m = (np.column_stack((column, row)) + rng.uniform(-0.3, 0.3, (crossings, 2))) * gap_m
    flat_m -= flat_m.mean(axis=0)
    turn = np.array([[np.cos(_TURN), np.sin(_TURN)], [-np.sin(_TURN), np.cos(_TURN)]])
    right = np.flatnonzero((column + 1 < columns) & (np.arange(crossings) + 1 < crossings))
    up = np.flatnonzero(np.arange(crossings) + columns < crossings)
    start, end = np.concatenate((right, up)), np.concatenate((right + 1, up + columns))
    return flat_m @ turn, start, end


def _spread_out(place_m: Floats, count: int) -> Integers:
    """The crossing at the edge of town, then again and again the one farthest from all chosen."""
    chosen = [int(np.argmin(place_m[:, 0]))]
    while len(chosen) < count:
        apart = np.linalg.norm(place_m[:, None] - place_m[chosen], axis=2).min(axis=1)
        chosen.append(int(np.argmax(apart)))
    return np.array(chosen)


def _carried(
    start: Integers, end: Integers, length_m: Floats, roots: Integers, load: Floats
) -> tuple[Floats, float]:
    """What each street carries when all is brought on the shortest ways from the nearest root, and
    the longest of them."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    count = load.size
    graph = csr_array((length_m, (start, end)), shape=(count, count))
    way_m, before, _ = dijkstra(
        graph, directed=False, indices=roots, min_only=True, return_predecessors=True
    )
    beyond = load.copy()
    for node in np.argsort(-way_m):
        if before[node] >= 0:
            beyond[before[node]] += beyond[node]
    there, back = before[end] == start, before[start] == end
    return np.where(there, beyond[end], np.where(back, beyond[start], 0.0)), float(way_m.max())


def _bores_m(flow_kg_per_s: Floats) -> Floats:
    """The least bore in which each flow costs no more than the usual friction."""
    lam = (2 * np.log10(3.71 * _BORES_M / _ROUGHNESS_M)) ** -2
    most = np.sqrt(_FRICTION_PA_PER_M * np.pi**2 * 960.0 * _BORES_M**5 / (8 * lam))
    return _BORES_M[np.minimum(np.searchsorted(most, flow_kg_per_s), _BORES_M.size - 1)]
