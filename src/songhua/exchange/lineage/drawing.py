"""A lineage laid out to be drawn: a box for each dataset, its columns as lines of the box, what is
made of it to the right."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.exchange.lineage.graph import Edge, Kind

WIDTH, GAP, LINE, HEAD, BETWEEN, MARGIN = 220, 110, 22, 34, 22, 12
MOST_COLUMNS = 14  # of a box; the others are counted


@dataclass(frozen=True)
class Box:
    """A dataset at its place, pixels from the top left; `more` columns are not listed."""

    dataset: str
    x: int
    y: int
    height: int
    columns: tuple[tuple[str, int], ...]  # and the middle of each line
    more: int


@dataclass(frozen=True)
class Line:
    """A curve from one box to another, as the ``d`` of an SVG path."""

    path: str
    kind: Kind


@dataclass(frozen=True)
class Picture:
    """What is to be drawn, and how large that is."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def laid_out(edges: Iterable[Edge]) -> Picture:
    """Boxes and lines without crossings between neighbours where that is easy. Where an output is
    declared to come of all that was read, one line joins the two boxes."""
    listed = sorted(set(edges))
    columns: dict[str, Counter[str]] = defaultdict(Counter)
    for node in chain.from_iterable((edge.source, edge.target) for edge in listed):
        columns[node.dataset][node.column] += 1
    boxes = _boxes(columns, _layers(listed))
    drawn = {(e.source.dataset, _line(boxes, e, "source"), e.target.dataset,
              _line(boxes, e, "target"), e.kind) for e in listed}  # fmt: skip
    lines = tuple(
        Line(_curve(boxes[a].x + WIDTH, y, boxes[b].x, z), kind)
        for a, y, b, z, kind in sorted(drawn)
    )
    return Picture(
        max((box.x + WIDTH for box in boxes.values()), default=0) + MARGIN,
        max((box.y + box.height for box in boxes.values()), default=0) + MARGIN,
        tuple(boxes.values()), lines,
    )  # fmt: skip


def _layers(edges: Iterable[Edge]) -> dict[str, int]:
    """How far each dataset stands from the left: behind all that it is made of. One that is made
    of itself by a detour stays where it was when the detour was found."""
    before: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        before[edge.source.dataset] |= set()
        if edge.source.dataset != edge.target.dataset:
            before[edge.target.dataset].add(edge.source.dataset)
    found: dict[str, int] = {}

    def layer(name: str, above: frozenset[str]) -> int:
        if name not in found:
            inner = above | {name}
            depths = [layer(one, inner) + 1 for one in sorted(before[name] - inner)]
            found[name] = max(depths, default=0)
        return found[name]

    return {name: layer(name, frozenset()) for name in sorted(before)}


def _boxes(columns: Mapping[str, Counter[str]], layers: Mapping[str, int]) -> dict[str, Box]:
    heights: Counter[int] = Counter()
    boxes = {}
    for name in sorted(columns, key=lambda name: (layers[name], name)):
        layer, y = layers[name], heights[layers[name]] + MARGIN
        kept = sorted(sorted(columns[name]), key=lambda column: -columns[name][column])
        shown = sorted(kept[:MOST_COLUMNS])
        more = len(kept) - len(shown)
        height = HEAD + LINE * (len(shown) + bool(more)) + 8
        places = tuple((c, y + HEAD + LINE * n + LINE // 2) for n, c in enumerate(shown))
        boxes[name] = Box(name, MARGIN + layer * (WIDTH + GAP), y, height, places, more)
        heights[layer] += height + BETWEEN
    return boxes


def _line(boxes: Mapping[str, Box], edge: Edge, end: str) -> int:
    """The height at which a line begins or ends: that of its column, or of the title."""
    node = edge.source if end == "source" else edge.target
    box = boxes[node.dataset]
    title = box.y + HEAD // 2
    return title if edge.kind == "declared" else dict(box.columns).get(node.column, title)


def _curve(x: int, y: int, end_x: int, end_y: int) -> str:
    bend = max(abs(end_x - x) // 2, 30)
    return f"M{x} {y}C{x + bend} {y} {end_x - bend} {end_y} {end_x} {end_y}"
