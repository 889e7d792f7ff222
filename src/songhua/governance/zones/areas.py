"""Areas on the globe, and which of them holds a place."""

from __future__ import annotations

import itertools
from math import pi, radians, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.governance.zones.layers import Feature, Point

EQUATOR_METRES = 6_378_137.0  # of WGS 84
SQUASH = 0.00669437999014  # its first eccentricity, squared


def square_metres(features: Sequence[Feature]) -> float:
    """The area of the polygons of `features`, holes left out, on a sphere of the same local
    curvature as the ellipsoid of WGS 84; right to about 1 in 10,000 for a zone of a city.

    Chamberlain and Duquette, Some Algorithms for Polygons on a Sphere (2007), eq. 2, by ring.
    """
    total = 0.0
    for rings in (polygon for feature in features for polygon in feature.polygons):
        outer, *holes = (abs(_ring(ring)) for ring in rings)
        total += max(outer - sum(holes), 0.0)
    return total


def _ring(ring: Sequence[Point]) -> float:
    if not ring:
        return 0.0
    doubled = sum(
        _turn(radians(b[0] - a[0])) * (2 + sin(radians(a[1])) + sin(radians(b[1])))
        for a, b in itertools.pairwise(ring)
    )
    latitude = radians(sum(point[1] for point in ring[:-1]) / max(len(ring) - 1, 1))
    return doubled / 2 * _curvature(latitude)


def _turn(angle: float) -> float:
    """The shorter way round."""
    return (angle + pi) % (2 * pi) - pi


def _curvature(latitude: float) -> float:
    """The product of the two radii of curvature in m²; the mean sphere's at about 35 degrees."""
    flat = 1 - SQUASH * sin(latitude) ** 2
    return EQUATOR_METRES**2 * (1 - SQUASH) / flat**2


def holds(features: Sequence[Feature], place: Point) -> bool:
    """Whether `place` lies inside (even-odd rule, flat over a city); holes are outside."""
    return any(
        sum(_crosses(ring, place) for ring in polygon) % 2
        for feature in features
        for polygon in feature.polygons
    )


def _crosses(ring: Sequence[Point], place: Point) -> int:
    x, y = place
    return sum(
        (a[1] > y) != (b[1] > y) and x < a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0])
        for a, b in itertools.pairwise(ring)
    )
