"""The first rows of a table, a picture and a map of it, all asked through the door."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from songhua.console.design.bilingual import choose
from songhua.kit.errors import SonghuaError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from songhua.console.exchange.services.door import Opened

ROWS = 20
MOST_DAYS, MOST_BARS = 120, 24
NUMBERS, DAYS = ("DOUBLE", "BIGINT"), ("DATE", "TIMESTAMP")
HIDDEN = "_id"
MOST_PLACES = 500
DEGREES = (("lon", "lng", "longitude", "经度"), ("lat", "latitude", "纬度"))
GEOMETRIES = ("geometry", "geom", "the_geom", "geojson", "wkt", "shape", "几何", "坐标")
_FIGURE = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_SHAPE = re.compile(
    r'\s*(?:\{.*?"coordinates"|(?:SRID=\d+;)?(?:MULTI)?(?:POINT|LINESTRING|POLYGON)\b)', re.I | re.S
)


def first_rows(opened: Opened, table: str) -> dict[str, Any] | None:
    """Columns and rows to be shown; None where nothing of the table may be seen."""
    columns = [c for c in opened.columns.get(table, []) if c["name"] != HIDDEN]
    if not columns:
        return None
    names = ", ".join(_quoted(c["name"]) for c in columns)
    found = opened.deliver(f"SELECT {names} FROM {_quoted(table)} LIMIT {ROWS}", "page")
    return {"columns": columns, "rows": found.rows, "receipt": found.receipt}


def picture(opened: Opened, table: str) -> dict[str, Any] | None:
    """The mean of a number by day, or by a category with few values; None where neither is."""
    columns = [c for c in opened.columns.get(table, []) if c["name"] != HIDDEN]
    y = _first(columns, NUMBERS)
    if y is None:
        return None
    day, category = _first(columns, DAYS), _first(columns, ("TEXT",))
    try:
        chart = _line(opened, table, day, y) if day else None
        return chart or (_bars(opened, table, category, y) if category else None)
    except SonghuaError:  # a grant that shows rows need not allow sums of them
        return None


def located(columns: Sequence[dict[str, Any]]) -> tuple[str, ...]:
    """The columns that say where a row is: longitude and latitude, or one with a geometry."""
    numbers = [c for c in columns if c["type"] == "DOUBLE"]
    found = tuple(next((c["name"] for c in numbers if _says(c, words)), "") for words in DEGREES)
    shapes = [c["name"] for c in columns if c["type"] == "TEXT" and _says(c, GEOMETRIES)]
    return found if all(found) else tuple(shapes[:1])


def _says(column: dict[str, Any], words: Collection[str]) -> bool:
    return column["name"].lower() in words or column.get("title", "") in words


def places(opened: Opened, table: str) -> dict[str, Any] | None:
    """The first places of a table on the city's map; None where it says no place."""
    columns = [c for c in opened.columns.get(table, []) if c["name"] != HIDDEN]
    where = located(columns)
    if not where or any(h.metered for h in opened.held):  # a look is not to use up a day's volume
        return None
    told = [c for c in columns if c["name"] not in where][:2]
    names = ", ".join(_quoted(name) for name in (*where, *(c["name"] for c in told)))
    known = " AND ".join(f"{_quoted(name)} IS NOT NULL" for name in where)
    query = f"SELECT {names} FROM {_quoted(table)} WHERE {known} LIMIT {MOST_PLACES}"
    rows = opened.deliver(query, "map").rows
    points = [
        {"at": at, "class": 0, "text": "，".join(
            f"{called(c)}：{value}" for c, value in zip(told, row[len(where) :], strict=True))}
        for row in rows if (at := place(row[: len(where)])) is not None
    ]  # fmt: skip
    if not points:
        return None
    title = choose("位置（前 {n} 处）", "Places (the first {n})", n=len(points))
    return {
        "kind": "map", "title": title, "geojson": reverse("districts_geojson"), "points": points,
        "classes": [{"name": choose("位置", "Place"), "colour": 1}], "listed": points[:ROWS],
    }  # fmt: skip


def place(cells: Sequence[Any]) -> list[float] | None:
    """Longitude and latitude of two figures, of WKT or of GeoJSON (the first point of a shape);
    None where the cells say no place on earth.

    >>> place([126.6, 45.7]), place(["POINT (126.6 45.7)"]), place(["somewhere"])
    ([126.6, 45.7], [126.6, 45.7], None)
    >>> place(['{"type": "Point", "coordinates": [126.6, 45.7]}'])
    [126.6, 45.7]
    """
    text = " ".join(str(cell) for cell in cells)
    shape = _SHAPE.match(text)
    said = text if len(cells) == 2 else text[shape.end() :] if shape else ""
    figures = _FIGURE.findall(said)
    if len(figures) < 2:
        return None
    at = [float(figure) for figure in figures[:2]]
    return at if abs(at[0]) <= 180 and abs(at[1]) <= 90 else None


def _line(
    opened: Opened, table: str, x: dict[str, Any], y: dict[str, Any]
) -> dict[str, Any] | None:
    day = f"CAST({_quoted(x['name'])} AS DATE)"
    rows = _means(opened, table, day, y, f"ORDER BY x DESC LIMIT {MOST_DAYS}")
    return _chart("line", x, y, [(str(a), b) for a, b in reversed(rows)])


def _bars(
    opened: Opened, table: str, x: dict[str, Any], y: dict[str, Any]
) -> dict[str, Any] | None:
    rows = _means(opened, table, _quoted(x["name"]), y, f"ORDER BY m DESC LIMIT {MOST_BARS + 1}")
    return _chart("bar", x, y, rows) if 1 < len(rows) <= MOST_BARS else None


def _means(
    opened: Opened, table: str, x: str, y: dict[str, Any], order: str
) -> list[tuple[Any, Any]]:
    value = _quoted(y["name"])
    query = (
        f"SELECT {x} AS x, avg({value}) AS m FROM {_quoted(table)}"
        f" WHERE {value} IS NOT NULL AND {x} IS NOT NULL GROUP BY {x} {order}"
    )
    return opened.deliver(query, "chart").rows


def _chart(
    kind: str, x: dict[str, Any], y: dict[str, Any], rows: Sequence[tuple[Any, Any]]
) -> dict[str, Any] | None:
    if len(rows) < 2:
        return None
    name, along = called(y), called(x)
    return {
        "kind": kind, "unit": y.get("unit", ""), "x_label": along,
        "title": choose("{y}（按{x}平均）", "{y} (mean by {x})", y=name, x=along),
        "x": [str(row[0]) for row in rows],
        "series": [{"name": name, "values": [round(float(row[1]), 4) for row in rows]}],
    }  # fmt: skip


def called(column: dict[str, Any]) -> str:
    """What people call a column, in their language."""
    zh = column.get("title") or column["name"]
    return choose(zh, column.get("title_en") or zh)


def _first(columns: Sequence[dict[str, Any]], types: Sequence[str]) -> dict[str, Any] | None:
    """The first column of the first of these types that there is."""
    return next((c for kind in types for c in columns if c["type"] == kind), None)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
