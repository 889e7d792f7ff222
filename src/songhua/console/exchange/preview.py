"""The first rows of a table and a picture of it, both asked through the door like any question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.console.design.bilingual import choose
from songhua.kit.errors import SonghuaError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.exchange.services.door import Opened

ROWS = 20
MOST_DAYS, MOST_BARS = 120, 24
NUMBERS, DAYS = ("DOUBLE", "BIGINT"), ("DATE", "TIMESTAMP")
HIDDEN = "_id"


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
