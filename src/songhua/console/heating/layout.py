"""A plant as three tables: its elements, the pipes between them, the points that may be ordered.

``elements.csv``, ``pipes.csv`` and ``points.csv`` in one folder, UTF-8, with the fields below as
headings; what is not known is left empty. The address of a point is a JSON object.
"""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any

from songhua.console.heating.metrics import of_kind
from songhua.console.heating.models import Element
from songhua.exchange.commands.delivery import WAYS
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True)
class ElementRow:
    """An element; `parent` is the station of a room."""

    device_id: str
    kind: str
    name: str
    parent: str = ""
    longitude: float | None = None
    latitude: float | None = None
    elevation_m: float | None = None
    area_m2: float | None = None
    design_flow_kg_per_s: float | None = None
    co2_kg_per_mwh: float | None = None


@dataclass(frozen=True)
class PipeRow:
    """A pair of pipes between two elements."""

    start: str
    end: str
    length_m: float


@dataclass(frozen=True)
class PointRow:
    """A quantity that may be ordered, and the metric that shows that it was carried out."""

    device_id: str
    quantity: str
    answer: str
    low: float
    high: float
    tolerance: float
    protocol: str
    address: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A plant whose tables fit together.

    Raises `InputError` with everything that does not: ``layout_kind``, ``layout_twice``,
    ``layout_unknown``, ``layout_range``, ``layout_place``, ``layout_answer``, ``order_protocol``.
    """

    elements: tuple[ElementRow, ...]
    pipes: tuple[PipeRow, ...] = ()
    points: tuple[PointRow, ...] = ()

    def __post_init__(self) -> None:
        if problems := [*_elements(self), *_pipes(self), *_points(self)]:
            raise InputError(problems)


def read(folder: Path) -> Layout:
    """The layout in `folder`. Raises `InputError` with the file, row and column of each problem."""
    problems: list[Problem] = []
    tables = [_table(folder / f"{name}.csv", kind, problems) for name, kind in _FILES.items()]
    if problems:
        raise InputError(problems)
    return Layout(*map(tuple, tables))


_FILES: dict[str, type] = {"elements": ElementRow, "pipes": PipeRow, "points": PointRow}


def _table(path: Path, kind: type, problems: list[Problem]) -> list[Any]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(path.name, "layout_unreadable", type(error).__name__))
        return []
    reader = csv.DictReader(text.splitlines())
    known = {f.name: f for f in fields(kind)}
    needed = {n for n, f in known.items() if f.default is f.default_factory is MISSING}
    heads = set(reader.fieldnames or ())
    for name in sorted(heads - set(known), key=str) + sorted(needed - heads):
        problems.append(Problem(path.name, "layout_column", str(name)))
    if heads - set(known) or needed - heads:
        return []
    made = []
    for number, row in enumerate(reader, 2):
        cells = {}
        for name, text in row.items():
            try:
                cells[name] = _cell(str(known[name].type), (text or "").strip())
            except ValueError:
                problems.append(Problem(path.name, "layout_cell", text or "", number, name))
        if len(cells) == len(row):
            made.append(kind(**cells))
    return made


def _cell(kind: str, text: str) -> Any:
    if kind.startswith("dict"):
        found = json.loads(text or "{}")
        if not isinstance(found, dict):
            raise ValueError(text)
        return found
    if not kind.startswith("float"):
        return text
    if not text and kind.endswith("None"):
        return None
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _elements(layout: Layout) -> Iterator[Problem]:
    kinds = {row.device_id: row.kind for row in layout.elements}
    for row in layout.elements:
        if row.kind not in Element.Kind.values:
            yield Problem(row.device_id, "layout_kind", row.kind)
        if not row.device_id.strip() or not row.name.strip():
            yield Problem(row.device_id or row.name, "empty")
        if row.kind == "room" and kinds.get(row.parent) != "station":
            yield Problem(row.device_id, "layout_unknown", row.parent)
        if not _on_earth(row):
            yield Problem(row.device_id, "layout_place", f"{row.longitude}, {row.latitude}")
        for name in ("area_m2", "design_flow_kg_per_s", "co2_kg_per_mwh"):
            if (getattr(row, name) or 0) < 0:
                yield Problem(row.device_id, "layout_range", f"{name} {getattr(row, name)}")
    for name, count in Counter(row.device_id for row in layout.elements).items():
        if count > 1:
            yield Problem(name, "layout_twice", name)


def _on_earth(row: ElementRow) -> bool:
    longitude, latitude = row.longitude or 0, row.latitude or 0
    together = (row.longitude is None) == (row.latitude is None)
    return together and -180 <= longitude <= 180 and -90 <= latitude <= 90


def _pipes(layout: Layout) -> Iterator[Problem]:
    known = {row.device_id for row in layout.elements if row.kind != "room"}
    for number, row in enumerate(layout.pipes, 2):
        for end in (row.start, row.end):
            if end not in known:
                yield Problem("pipes", "layout_unknown", end, number)
        if not row.length_m > 0:
            yield Problem("pipes", "layout_range", f"{row.length_m}", number)


def _points(layout: Layout) -> Iterator[Problem]:
    kinds = {row.device_id: row.kind for row in layout.elements}
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(layout.points, 2):
        kind = kinds.get(row.device_id)
        if kind is None:
            yield Problem("points", "layout_unknown", row.device_id, number)
        elif row.answer not in {m.metric for m in of_kind(kind)}:
            yield Problem("points", "layout_answer", row.answer, number)
        if not row.low < row.high or not row.tolerance > 0:
            yield Problem("points", "layout_range", f"{row.low}–{row.high}", number)
        if row.protocol not in WAYS:
            yield Problem("points", "order_protocol", row.protocol, number)
        if (row.device_id, row.quantity) in seen:
            yield Problem("points", "layout_twice", f"{row.device_id} {row.quantity}", number)
        seen.add((row.device_id, row.quantity))
