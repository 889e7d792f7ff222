"""Minutes along the roads to the nearest of several services: Dijkstra's shortest paths.

The plan's 10分钟创业生态圈 (二(六)1) says neither on foot nor by car, so both are
answered; pace and speeds are 默认值(非文件规定) and are shown beside every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, Literal

import numpy as np

from songhua.governance.cultivation.reach import Reach
from songhua.governance.zones.roads import snap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from songhua.governance.zones.roads import Roads

Mode = Literal["walk", "drive"]


@dataclass(frozen=True)
class Travel:
    """Minutes from each place (k,) and from each point of the roads (n,) to the nearest service,
    and over each segment (m,), forwards and backwards; infinite where no road leads there."""

    places: NDArray[np.float64]
    points: NDArray[np.float64]
    forth: NDArray[np.float64]
    back: NDArray[np.float64]


@dataclass(frozen=True)
class _Ways:
    """Minutes over each segment, forwards and backwards; infinite where that is closed."""

    forth: NDArray[np.float64]
    back: NDArray[np.float64]


def _ways(graph: Roads, mode: Mode) -> _Ways:
    if mode == "walk":
        pace = np.where(graph.walked, graph.metres / Reach().metres_a_minute, np.inf)
        return _Ways(pace, pace)
    with np.errstate(divide="ignore"):
        minutes = np.where(graph.kmh > 0, graph.metres * 60 / 1000 / graph.kmh, np.inf)
    return _Ways(minutes, np.where(graph.one_way, np.inf, minutes))


def minutes_to(
    graph: Roads, services: NDArray[np.float64], places: NDArray[np.float64], mode: Mode
) -> Travel:
    """How long it takes to reach the nearest of `services` (s, 2) from each of `places` (k, 2).

    Between a place and the nearest road one walks straight. A one-way street counts in the
    direction of travel: towards the service.
    """
    ways = _ways(graph, mode)
    usable = np.isfinite(ways.forth) | np.isfinite(ways.back)
    if len(services) == 0 or not usable.any():
        never = np.full(len(places), np.inf), np.full(len(graph.points), np.inf)
        return Travel(*never, ways.forth, ways.back)
    walked = Reach().metres_a_minute
    goal = snap(graph, services, usable)
    first: dict[int, float] = {}
    on_segment: dict[int, list[tuple[float, float]]] = {}
    for segment, along, metres in zip(goal.segment, goal.along, goal.metres, strict=True):
        off = metres / walked
        on_segment.setdefault(int(segment), []).append((along, off))
        for node, cost in (
            (graph.start[segment], _part(ways.forth[segment], along)),
            (graph.end[segment], _part(ways.back[segment], 1 - along)),
        ):
            first[int(node)] = min(first.get(int(node), np.inf), off + cost)
    points = _dijkstra(graph, ways, first)
    if len(places) == 0:
        return Travel(np.empty(0), points, ways.forth, ways.back)
    here = snap(graph, places, usable)
    found = np.minimum(
        points[graph.end[here.segment]] + _parts(ways.forth[here.segment], 1 - here.along),
        points[graph.start[here.segment]] + _parts(ways.back[here.segment], here.along),
    )
    for row, (segment, along) in enumerate(zip(here.segment, here.along, strict=True)):
        for target, off in on_segment.get(int(segment), ()):
            way = ways.forth[segment] if target >= along else ways.back[segment]
            found[row] = min(found[row], off + _part(way, abs(target - along)))
    return Travel(found + here.metres / walked, points, ways.forth, ways.back)


def _part(minutes: float, share: float) -> float:
    """A share of the way; nothing of a closed one is nothing."""
    return float(minutes * share) if share > 0 else 0.0


def _parts(minutes: NDArray[np.float64], share: NDArray[np.float64]) -> NDArray[np.float64]:
    parts: NDArray[np.float64] = np.where(share > 0, minutes * np.where(share > 0, share, 1), 0.0)
    return parts


def _dijkstra(graph: Roads, ways: _Ways, first: dict[int, float]) -> NDArray[np.float64]:
    """Minutes from every point to the goals, walking the segments against their direction."""
    into: list[list[tuple[int, float]]] = [[] for _ in graph.points]
    for a, b, forth, back in zip(
        graph.start.tolist(), graph.end.tolist(), ways.forth.tolist(), ways.back.tolist(),
        strict=True,
    ):  # fmt: skip
        if forth < np.inf:
            into[b].append((a, forth))
        if back < np.inf:
            into[a].append((b, back))
    best = np.full(len(graph.points), np.inf).tolist()
    waiting = [(cost, node) for node, cost in first.items() if cost < np.inf]
    for cost, node in waiting:
        best[node] = cost
    heapify(waiting)
    while waiting:
        cost, node = heappop(waiting)
        if cost > best[node]:
            continue
        for other, more in into[node]:
            if cost + more < best[other]:
                best[other] = cost + more
                heappush(waiting, (best[other], other))
    return np.array(best)
