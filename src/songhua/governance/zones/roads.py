"""A road graph from lines, and the nearest place on it.

Lines meet where they share a point exactly, as in OpenStreetMap's data. Speeds that a file does not
give are 默认值(非文件规定), by the class of the road.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.governance.cultivation.reach import EARTH_METRES
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from songhua.governance.zones.layers import Feature

SPEEDS_KMH = {
    "motorway": 80.0, "trunk": 60.0, "primary": 50.0, "secondary": 40.0, "tertiary": 30.0,
    "residential": 20.0, "service": 15.0,
}  # fmt: skip
OTHER_KMH = 30.0
WALKED_ONLY = {"footway", "path", "pedestrian", "steps"}
NOT_WALKED = {"motorway"}
AT_CROSSING = 1.0  # metres: who is so near a crossing stands on all of its roads
CHUNK = 4_000_000  # pairs of place and segment looked at together


@dataclass(frozen=True)
class Roads:
    """`points` (n, 2) in degrees; segments from `start` to `end` (m,), their metres and km/h (0:
    closed to cars), whether cars go one way only and whether people walk there."""

    points: NDArray[np.float64]
    start: NDArray[np.int64]
    end: NDArray[np.int64]
    metres: NDArray[np.float64]
    kmh: NDArray[np.float64]
    one_way: NDArray[np.bool_]
    walked: NDArray[np.bool_]


@dataclass(frozen=True)
class Snapped:
    """For each place (k,): the nearest segment, how far along it (0 to 1), and metres to it."""

    segment: NDArray[np.int64]
    along: NDArray[np.float64]
    metres: NDArray[np.float64]


def roads(features: Sequence[Feature]) -> Roads:
    """The graph of the lines of `features`.

    ``speed_kmh`` or ``maxspeed`` is the speed, else that of its class ``highway``; ``oneway`` is
    yes, true, 1, or -1 for against the line. Raises `InputError` for a speed that is none.
    """
    number: dict[tuple[float, float], int] = {}
    rows: list[tuple[int, int, float, bool, bool]] = []
    problems: list[Problem] = []
    for place, feature in enumerate(features, 1):
        try:
            kmh = _speed(feature.properties, f"features[{place}]")
        except InputError as error:
            problems += error.problems
            continue
        said = str(feature.properties.get("oneway", "")).strip().lower()
        back, single = said == "-1", said in {"yes", "true", "1", "-1"}
        walked = str(feature.properties.get("highway", "")) not in NOT_WALKED
        for line in feature.lines:
            nodes = [number.setdefault(point, len(number)) for point in line]
            for a, b in itertools.pairwise(nodes):
                if a != b:
                    rows.append(
                        (b, a, kmh, single, walked) if back else (a, b, kmh, single, walked)
                    )
    if problems:
        raise InputError(problems[:100])
    if not rows:
        raise InputError(Problem("file", "zones_no_features"))
    points = np.array(list(number), dtype=np.float64).reshape(-1, 2)
    start, end, kmh_of, one_way, walks = (np.array(column) for column in zip(*rows, strict=True))
    return Roads(
        points, start.astype(np.int64), end.astype(np.int64),
        great_circle(points[start], points[end]), kmh_of.astype(np.float64),
        one_way.astype(np.bool_), walks.astype(np.bool_),
    )  # fmt: skip


def _speed(properties: dict[str, Any], where: str) -> float:
    kind = str(properties.get("highway", ""))
    said = next((properties[n] for n in ("speed_kmh", "maxspeed") if properties.get(n)), None)
    if said is None:
        return 0.0 if kind in WALKED_ONLY else SPEEDS_KMH.get(kind, OTHER_KMH)
    try:
        speed = float(str(said).lower().removesuffix("km/h"))
    except ValueError:
        speed = 0.0
    if not 1 <= speed <= 150:
        raise InputError(Problem(where, "zones_speed", str(said)[:20]))
    return speed


def great_circle(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Metres between the places of two (k, 2) arrays, pair by pair (haversine)."""
    first, second = np.radians(a), np.radians(b)
    half = np.sin((second - first) / 2) ** 2
    chord = half[:, 1] + np.cos(first[:, 1]) * np.cos(second[:, 1]) * half[:, 0]
    metres: NDArray[np.float64] = 2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(chord, 1)))
    return metres


def snap(graph: Roads, places: NDArray[np.float64], usable: NDArray[np.bool_]) -> Snapped:
    """The nearest of the `usable` segments to each of the places (k, 2), on a flat map around the
    roads' middle. There must be a usable segment."""
    kept = np.flatnonzero(usable)
    middle = float(np.mean(graph.points[:, 1]))
    scale = np.radians(1) * EARTH_METRES * np.array([np.cos(np.radians(middle)), 1.0])
    begin, finish = graph.points[graph.start[kept]] * scale, graph.points[graph.end[kept]] * scale
    span = finish - begin
    length = np.maximum(np.sum(span**2, axis=1), 1e-9)
    found = [
        _nearest(chunk * scale, begin, span, length)
        for chunk in np.array_split(places, max(1, len(places) * len(kept) // CHUNK))
    ]
    segment, along, metres = (np.concatenate(column) for column in zip(*found, strict=True))
    whole = np.sqrt(length[segment])
    along = np.where(along * whole < AT_CROSSING, 0, along)
    along = np.where((1 - along) * whole < AT_CROSSING, 1, along)
    return Snapped(kept[segment], along, metres)


def _nearest(
    places: NDArray[np.float64],
    begin: NDArray[np.float64],
    span: NDArray[np.float64],
    length: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    offset = places[:, None, :] - begin[None, :, :]
    along = np.clip(np.sum(offset * span, axis=2) / length, 0, 1)
    away = np.sum((offset - along[:, :, None] * span) ** 2, axis=2)
    best = np.argmin(away, axis=1)
    rows = np.arange(len(places))
    return best, along[rows, best], np.sqrt(away[rows, best])
