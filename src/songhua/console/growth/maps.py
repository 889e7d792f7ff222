"""Maps as SVG, drawn here and without tiles from anywhere."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from math import cos, radians
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.console.design.bilingual import choose, field
from songhua.console.growth import selectors
from songhua.console.growth.models import Layer, Site
from songhua.console.growth.services import layers
from songhua.console.growth.words import word
from songhua.console.growth.zones import districts_named
from songhua.console.ledger.services.programme import current, outlines

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.growth.reach import Reached
    from songhua.governance.zones.layers import Point

WIDTH = 720
MOST_DOTS = 3000
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Shape:
    """A path with its colour (a CSS value), filled or as a line, and what it is."""

    path: str
    colour: str
    name: str = ""
    filled: bool = False
    dashed: bool = False
    width: float = 1.5


@dataclass(frozen=True)
class Dot:
    """A place: where on the picture, its colour and name; a label is written beside it."""

    x: float
    y: float
    colour: str
    name: str
    label: str = ""
    size: float = 4


@dataclass(frozen=True)
class Drawing:
    """A picture of `WIDTH` by `height` with its legend (colour, word)."""

    title: str
    height: int
    shapes: tuple[Shape, ...]
    dots: tuple[Dot, ...]
    legend: tuple[tuple[str, str], ...]
    width: int = WIDTH


class Frame:
    """A part of the globe on a flat picture."""

    def __init__(self, box: Box) -> None:
        west, south, east, north = box
        self._west, self._north = west, north
        self._squash = cos(radians((south + north) / 2))
        self._scale = WIDTH / max((east - west) * self._squash, 1e-6)
        self.height = round((north - south) * self._scale)

    def at(self, point: Point) -> tuple[float, float]:
        """Where a place lies on the picture, in pixels to a tenth."""
        x = (point[0] - self._west) * self._squash * self._scale
        return round(x, 1), round((self._north - point[1]) * self._scale, 1)

    def path(self, lines: Iterable[Sequence[Point]], *, closed: bool = False) -> str:
        """The lines as the data of an SVG path."""
        return " ".join(
            "M" + "L".join("{} {}".format(*self.at(point)) for point in line) + "Z" * closed
            for line in lines
        )


@lru_cache(maxsize=4)
def _districts(text: bytes) -> dict[str, tuple[str, tuple[tuple[Point, ...], ...]]]:
    """Name and rings of every district by its code."""
    found = {}
    for feature in json.loads(text)["features"]:
        shape = feature["geometry"]
        several = (
            shape["coordinates"] if shape["type"] == "MultiPolygon" else [shape["coordinates"]]
        )
        rings = tuple(tuple((p[0], p[1]) for p in ring) for rings in several for ring in rings)
        found[str(feature["properties"]["adcode"])] = feature["properties"]["name"], rings
    return found


def box_of(points: Iterable[Point], pad: float = 0.05) -> Box:
    """The bounds of points with a margin on every side, a share of the larger side."""
    lon, lat = zip(*points, strict=True)
    margin = pad * max(max(lon) - min(lon), max(lat) - min(lat), 0.01)
    return min(lon) - margin, min(lat) - margin, max(lon) + margin, max(lat) + margin


def whole_city() -> Drawing:
    """The districts, those of a zone in its colour."""
    districts = _districts(outlines())
    frame = Frame(box_of((p for _, rings in districts.values() for r in rings for p in r), 0.02))
    colours = _colours()
    shapes = tuple(
        Shape(frame.path(rings, closed=True), colours.get(code, "var(--region-none)"), name,
              filled=True)
        for code, (name, rings) in districts.items()
    )  # fmt: skip
    return Drawing(
        choose("示范区所在区县", "Districts of the zones"),
        frame.height,
        shapes,
        _centres(frame),
        tuple((_region(n), field(zone, "name")) for n, zone in enumerate(current().zones)),
    )


def _region(number: int) -> str:
    return f"var(--region-{number % 4 + 1})"


def _colours() -> dict[str, str]:
    return {
        str(code): _region(number)
        for number, zone in enumerate(current().zones)
        for code in zone.districts
    }


def _centres(frame: Frame) -> tuple[Dot, ...]:
    """The middles of the zones, each named after its districts."""
    return tuple(
        Dot(
            *frame.at((float(zone.lon_approx), float(zone.lat_approx))), "var(--ink)",
            field(zone, "name"), districts_named(zone), 6,
        )
        for zone in current().zones
    )  # fmt: skip


def axis_frame() -> Frame:
    """Around the zones that lie in one district: those of the axis."""
    centres = [
        (float(zone.lon_approx), float(zone.lat_approx))
        for zone in current().zones
        if len(zone.districts) == 1
    ] or [(float(z.lon_approx), float(z.lat_approx)) for z in current().zones]
    return Frame(box_of(centres, 0.3))


def axis(on: date) -> Drawing:
    """The axis with its zones, carriers, firms, buildings and projects."""
    frame = axis_frame()
    colours = _colours()
    shapes = [
        Shape(frame.path(rings, closed=True), colours.get(code, "var(--region-none)"), name,
              filled=True)
        for code, (name, rings) in _districts(outlines()).items()
    ]  # fmt: skip
    for zone in current().zones:
        shapes += _drawn(frame, selectors.layer(Layer.Kind.ZONE, zone.code), "var(--ink)")
    drawn = _drawn(frame, selectors.layer(Layer.Kind.AXIS), "var(--red)")
    shapes += drawn or [_sketched(frame)]
    dots = [*_people(frame, on), *_centres(frame)]
    legend = (
        ("var(--red)", choose("南北主轴示范带", "North-south axis") if drawn else
         choose("南北主轴（示意，未导入图层）", "The axis (a sketch: no layer yet)")),
        ("var(--chart-1)", choose("企业", "Firms")),
        ("var(--chart-5)", choose("载体", "Carriers")),
        ("var(--chart-2)", word("site", Site.Kind.VACANT)),
        ("var(--chart-4)", word("site", Site.Kind.AXIS)),
    )  # fmt: skip
    title = choose("南北主轴示范带", "The north-south axis")
    return Drawing(title, frame.height, tuple(shapes), tuple(dots), legend)


def _drawn(frame: Frame, layer: Layer | None, colour: str) -> list[Shape]:
    if layer is None:
        return []
    lines = [line for feature in layers.content(layer) for line in feature.lines]
    return [Shape(frame.path(lines), colour, layer.name, width=2.5)]


def _sketched(frame: Frame) -> Shape:
    """Through the middles of the zones from north to south."""
    single = [zone for zone in current().zones if len(zone.districts) == 1]
    middles = sorted(((float(z.lon_approx), float(z.lat_approx)) for z in single),
                     key=lambda point: -point[1])  # fmt: skip
    return Shape(frame.path([middles]) if middles else "", "var(--red)", dashed=True, width=2.5)


def _people(frame: Frame, on: date) -> list[Dot]:
    """Firms beneath, then what stands among them."""
    firms = selectors.addresses(on).filter(kept__in=selectors.firms(on).values("pk"))
    homes = selectors.addresses(on).filter(kept__in=selectors.carriers(on).values("subject"))
    kinds: tuple[tuple[QuerySet[Any], str, str, float], ...] = (
        (firms, "subject__name", "var(--chart-1)", 4),
        (selectors.sites(on, Site.Kind.VACANT, waiting=True), "name", "var(--chart-2)", 7),
        (selectors.sites(on, Site.Kind.AXIS), "name", "var(--chart-4)", 7),
        (homes, "subject__name", "var(--chart-5)", 8),
    )
    return [
        Dot(*frame.at((float(lon), float(lat))), colour, name, size=size)
        for rows, named, colour, size in kinds
        for lon, lat, name in rows.values_list("lon", "lat", named)[:MOST_DOTS]
    ]


def reach(found: Reached, limit: float) -> Drawing:
    """The roads, what of them lies within `limit` minutes of a carrier in green, and the firms."""
    frame = Frame(box_of([(lon, lat) for lon, lat in found.graph.points.tolist()]))
    sides = _sides(found, limit)
    colours = {True: "var(--green)", False: "var(--grey)"}
    names = {
        True: choose("{n} 分钟以内的道路", "Roads within {n} minutes", n=f"{limit:g}"),
        False: choose("{n} 分钟以外的道路", "Roads beyond {n} minutes", n=f"{limit:g}"),
    }
    shapes = tuple(
        Shape(frame.path(sides[side]), colours[side], names[side], width=3 if side else 1)
        for side in (False, True)
    )
    firm, carrier = choose("企业", "Firm"), choose("载体", "Carrier")
    dots = [
        *(Dot(*frame.at(tuple(at)), "var(--chart-1)", firm) for at in found.homes.tolist()),
        *(Dot(*frame.at(tuple(at)), "var(--chart-5)", carrier, size=9)
          for at in found.services.tolist()),
    ]  # fmt: skip
    legend = (*((colours[side], names[side]) for side in (True, False)),
              ("var(--chart-1)", firm), ("var(--chart-5)", carrier))  # fmt: skip
    title = choose("{n} 分钟可达范围", "Within {n} minutes", n=f"{limit:g}")
    return Drawing(title, frame.height, shapes, tuple(dots), legend)


def _sides(found: Reached, limit: float) -> dict[bool, list[list[Point]]]:
    """The pieces of the roads within `limit` and beyond, cut where the minutes are up."""
    graph, travel = found.graph, found.travel
    with np.errstate(invalid="ignore", divide="ignore"):
        left = (limit - travel.points[graph.start]) / travel.back
        right = (limit - travel.points[graph.end]) / travel.forth
    left, right = (np.clip(np.nan_to_num(share), 0, 1).tolist() for share in (left, right))
    begin, finish = graph.points[graph.start].tolist(), graph.points[graph.end].tolist()
    sides: dict[bool, list[list[Point]]] = {True: [], False: []}
    for a, b, first, last in zip(begin, finish, left, right, strict=True):
        if first + last >= 1:
            sides[True].append([tuple(a), tuple(b)])
            continue
        near, far = _between(a, b, first), _between(a, b, 1 - last)
        sides[False].append([near, far])
        sides[True] += [[tuple(a), near]] * (first > 0) + [[far, tuple(b)]] * (last > 0)
    return sides


def _between(a: list[float], b: list[float], share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
