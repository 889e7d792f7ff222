"""The network as a graph: how far everything is from a source, and its picture on the map."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import pairwise
from math import cos, floor, log10, radians
from typing import TYPE_CHECKING

from songhua.console.design import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from songhua.console.heating.models import Element, Pipe

WIDTH, HEIGHT, MARGIN = 760.0, 480.0, 14.0
CLASSES = 5


def reached(pipes: Iterable[Pipe], begins: Iterable[int]) -> dict[int, tuple[float, int]]:
    """For every element that pipes lead to: the way in metres to the nearest of `begins`, and which
    of them that is."""
    beside: dict[int, list[tuple[int, float]]] = {}
    for pipe in pipes:
        beside.setdefault(pipe.start_id, []).append((pipe.end_id, pipe.length_m))
        beside.setdefault(pipe.end_id, []).append((pipe.start_id, pipe.length_m))
    found: dict[int, tuple[float, int]] = {}
    queue = [(0.0, n, n) for n in begins]
    heapq.heapify(queue)
    while queue:
        way, place, begin = heapq.heappop(queue)
        if place in found:
            continue
        found[place] = way, begin
        for other, length in beside.get(place, ()):
            if other not in found:
                heapq.heappush(queue, (way + length, other, begin))
    return found


@dataclass(frozen=True)
class Mark:
    """A thing on the picture: where it begins and ends, its class (0: unknown) and what it says."""

    x: float
    y: float
    colour: int
    text: str
    x2: float = 0.0
    y2: float = 0.0


@dataclass(frozen=True)
class Picture:
    """The network or the rooms, ready to be drawn as SVG; `legend` names the classes."""

    title: str
    unit: str
    pipes: list[Mark]
    points: list[Mark]
    sources: list[Mark]
    legend: list[tuple[int, str]]
    width: float = WIDTH
    height: float = HEIGHT


def bins(values: Sequence[float]) -> list[float]:
    """The bounds between `CLASSES` classes of equal width over what there is, with as many decimals
    as keep them apart."""
    if not values or (low := min(values)) == (high := max(values)):
        return []
    width = (high - low) / CLASSES
    places = max(0, -floor(log10(width)))
    return [round(low + width * k, places) for k in range(1, CLASSES)]


def colour(value: float | None, bounds: Sequence[float]) -> int:
    """The class of a value, from 1; 0 for one that is not known.

    >>> [colour(v, [18, 20]) for v in (None, 17.9, 18, 25)]
    [0, 1, 2, 3]
    """
    return 0 if value is None else 1 + sum(value >= bound for bound in bounds)


def named(bounds: Sequence[float]) -> list[tuple[int, str]]:
    """What each class holds."""
    if not bounds:
        return []
    inner = [f"{a:g} – {b:g}" for a, b in pairwise(bounds)]
    texts = [f"< {bounds[0]:g}", *inner, f"≥ {bounds[-1]:g}"]
    return [*enumerate(texts, 1), (0, say("无读数", "Not read"))]


def network(
    elements: Sequence[Element], pipes: Sequence[Pipe], values: Mapping[int, float], what: str,
    unit: str,
) -> Picture:  # fmt: skip
    """The network coloured by `values` of its stations and sources (by their keys); a pipe takes
    the colour of the nearest one that is read."""
    at = _placed(elements)
    bounds = bins(list(values.values()))
    nearest = {place: begin for place, (_, begin) in reached(pipes, values).items()}
    lines = [
        Mark(
            *at[p.start_id], colour(values.get(nearest.get(p.end_id, 0)), bounds), "", *at[p.end_id]
        )
        for p in pipes
        if p.start_id in at and p.end_id in at
    ]
    marks = {"station": [], "source": []}
    for row in elements:
        if row.kind in marks and row.pk in at:
            value = values.get(row.pk)
            told = say("无读数", "not read") if value is None else f"{value:.1f} {unit}"
            marks[row.kind].append(Mark(*at[row.pk], colour(value, bounds), f"{row.name} {told}"))
    return Picture(what, unit, lines, marks["station"], marks["source"], named(bounds))


def rooms(
    elements: Sequence[Element], values: Mapping[int, float], bounds: Sequence[float], what: str,
    unit: str,
) -> Picture:  # fmt: skip
    """Rooms coloured by their temperatures."""
    at = _placed(elements)
    points = []
    for row in elements:
        if row.kind == "room" and row.pk in at:
            value = values.get(row.pk)
            told = say("无读数", "not read") if value is None else f"{value:.1f} {unit}"
            points.append(Mark(*at[row.pk], colour(value, bounds), f"{row.name} {told}"))
    return Picture(what, unit, [], points, [], named(bounds))


def _placed(elements: Sequence[Element]) -> dict[int, tuple[float, float]]:
    """Where elements lie on the picture: the same scale both ways, north above."""
    known = [(e.pk, e.longitude, e.latitude) for e in elements if e.longitude is not None]
    if not known:
        return {}
    middle = sum(row[2] for row in known) / len(known)
    squeeze = cos(radians(middle))
    xs, ys = [row[1] * squeeze for row in known], [row[2] for row in known]
    width, height = (max(xs) - min(xs)) or 1e-9, (max(ys) - min(ys)) or 1e-9
    scale = min((WIDTH - 2 * MARGIN) / width, (HEIGHT - 2 * MARGIN) / height)
    left, low = (WIDTH - scale * width) / 2, (HEIGHT - scale * height) / 2
    return {
        pk: (round(left + (x - min(xs)) * scale, 1), round(low + (max(ys) - y) * scale, 1))
        for (pk, *_), x, y in zip(known, xs, ys, strict=True)
    }
