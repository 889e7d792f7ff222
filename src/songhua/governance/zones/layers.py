"""GeoJSON (RFC 7946, WGS 84) as lines and polygons, every fault of a file told at once."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any

from songhua.kit.errors import InputError, Problem

Point = tuple[float, float]
MOST_POINTS = 2_000_000
LINES = {"LineString", "MultiLineString"}
AREAS = {"Polygon", "MultiPolygon"}


@dataclass(frozen=True)
class Feature:
    """One thing on a map. `lines` are its lines, or the rings of its polygons; the first ring of
    each of `polygons` is its outer one."""

    properties: dict[str, Any]
    lines: tuple[tuple[Point, ...], ...]
    polygons: tuple[tuple[tuple[Point, ...], ...], ...]


def read_layer(text: str | bytes, shapes: set[str]) -> tuple[Feature, ...]:
    """The features of a collection whose geometry is one of `shapes` (`LINES`, `AREAS`).

    Longitude and latitude in degrees. Raises `InputError` with every fault: not JSON, not a
    collection, another geometry, a place off the globe, an open ring, an empty file.
    """
    given = _parsed(text)
    features = given.get("features") if isinstance(given, dict) else None
    if not isinstance(features, list) or not features:
        raise InputError(Problem("file", "zones_no_features"))
    found: list[Feature] = []
    problems: list[Problem] = []
    points = 0
    for number, feature in enumerate(features, 1):
        try:
            found.append(_feature(feature, shapes, f"features[{number}]"))
        except InputError as error:
            problems += error.problems
            continue
        points += sum(map(len, found[-1].lines))
        if points > MOST_POINTS:
            raise InputError(Problem("file", "zones_too_many_points", str(MOST_POINTS)))
    if problems:
        raise InputError(problems[:100])
    return tuple(found)


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(Problem("file", "zones_not_json", str(error)[:80])) from error


def _feature(feature: Any, shapes: set[str], where: str) -> Feature:
    thing = _object(feature)
    geometry, properties = _object(thing.get("geometry")), _object(thing.get("properties"))
    kind, parts = str(geometry.get("type")), geometry.get("coordinates")
    if kind not in shapes:
        raise InputError(Problem(where, "zones_other_geometry", kind[:40]))
    whole = parts if kind.startswith("Multi") else [parts]
    if kind in LINES:
        return Feature(properties, tuple(_line(part, 2, where) for part in _list(whole, where)), ())
    polygons = tuple(
        tuple(_ring(ring, where) for ring in _list(part, where)) for part in _list(whole, where)
    )
    return Feature(properties, tuple(ring for rings in polygons for ring in rings), polygons)


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _ring(given: Any, where: str) -> tuple[Point, ...]:
    ring = _line(given, 4, where)
    if ring[0] != ring[-1]:
        raise InputError(Problem(where, "zones_open_ring"))
    return ring


def _line(given: Any, least: int, where: str) -> tuple[Point, ...]:
    line = tuple(_point(point, where) for point in _list(given, where))
    if len(line) < least:
        raise InputError(Problem(where, "zones_too_short", str(len(line))))
    return line


def _list(given: Any, where: str) -> list[Any]:
    if not isinstance(given, list) or not given:
        raise InputError(Problem(where, "zones_no_coordinates"))
    return given


def _point(given: Any, where: str) -> Point:
    numbers = isinstance(given, list) and len(given) >= 2 and all(
        isinstance(n, int | float) and not isinstance(n, bool) for n in given[:2]
    )  # fmt: skip
    if not numbers:
        raise InputError(Problem(where, "zones_no_coordinates"))
    lon, lat = given[:2]
    if abs(lon) > 180 or abs(lat) > 90 or not (isfinite(lon) and isfinite(lat)):
        raise InputError(Problem(where, "zones_off_the_globe", f"{lon}, {lat}"[:60]))
    return float(lon), float(lat)
