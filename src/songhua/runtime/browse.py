"""Looks into a conformed Parquet file and writes it out, a few rows at a time.

Only DuckDB reads here, and only the one file, so that a web process stays small. Instants are
shown in the city's time.
"""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import require
from songhua.kit.time import ZONE
from songhua.tables.safe import neutral, writable
from songhua.tables.write import Styles, put, written

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from songhua.kit.spec import Dataset

MOST_SHEET_ROWS = 1_048_575
_MEMORY = "256MiB"
_STEP = 5000
_EXAMPLES, _LOOKED_AT = 3, 1000
_COUNTED = 100_000
_NUMBERS = ("BIGINT", "DOUBLE")
_INSTANT = "TIMESTAMP WITH TIME ZONE"

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Quality:
    """What one column holds. `distinct` is counted, and estimated (within a few percent) beyond a
    hundred thousand rows; `mean` is for numbers; `low`, `high` and `mean` are None where nothing
    is filled in."""

    name: str
    rows: int
    empty: int
    distinct: int
    low: object
    high: object
    mean: float | None
    examples: tuple[object, ...]


def quality(path: Path, dataset: Dataset) -> list[Quality]:
    """Each column of `dataset` as the file holds it; the same file gives the same figures."""
    with _opened(path) as (connection, types):
        wanted = [column.name for column in dataset.columns]
        rows = connection.execute("SELECT count(*) FROM t").fetchall()[0][0]
        distinct = "count(DISTINCT {})" if rows <= _COUNTED else "approx_count_distinct({})"
        figures = [
            figure
            for name in wanted
            for figure in (
                f"count({_name(name)})",
                distinct.format(_name(name)),
                f"min({_shown(name, types)})",
                f"max({_shown(name, types)})",
                f"avg({_name(name)})" if types[name] in _NUMBERS else "NULL",
            )
        ]
        found = _civil(connection.execute(f"SELECT {', '.join(figures)} FROM t").fetchall()[0])
        return [
            Quality(
                name, rows, rows - filled, distinct, low, high, mean,
                _examples(connection, name, types),
            )
            for name, (filled, distinct, low, high, mean) in zip(
                wanted, zip(*[iter(found)] * 5, strict=True), strict=True
            )
        ]  # fmt: skip


def preview(path: Path, *, offset: int, limit: int) -> tuple[list[str], list[Row]]:
    """The names of the columns, and `limit` rows from `offset` (0 is the first)."""
    with _opened(path) as (connection, types):
        sql = f"SELECT {_columns(types)} FROM t LIMIT ? OFFSET ?"
        rows = connection.execute(sql, [limit, offset]).fetchall()
        return list(types), [_civil(row) for row in rows]


def to_csv_chunks(path: Path, headings: Sequence[str]) -> Iterator[bytes]:
    """The file as CSV under `headings`, piece by piece: UTF-8 with its mark, text quoted and kept
    from running as a formula, an empty cell for what is unknown."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([neutral(writable(heading)) for heading in headings])
    for rows in _steps(path, len(headings)):
        writer.writerows(zip(*map(_csv_column, zip(*rows, strict=True)), strict=True))
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode()


def to_xlsx(path: Path, out: Path, headings: Sequence[str]) -> None:
    """The file as a workbook at `out`; `InputError` beyond the rows that a sheet can hold."""
    import xlsxwriter

    with _opened(path) as (connection, _):
        rows = connection.execute("SELECT count(*) FROM t").fetchall()[0][0]
    require(rows <= MOST_SHEET_ROWS, out.name, "export_too_many_rows", rows)
    options = {"constant_memory": True, "tmpdir": str(out.parent)}
    with xlsxwriter.Workbook(str(out), options) as book:
        sheet, styles = book.add_worksheet(), Styles(book)
        for column, heading in enumerate(headings):
            put(sheet, styles, 0, column, heading, styles.head)
        sheet.freeze_panes(1, 0)
        table = chain.from_iterable(_steps(path, len(headings)))
        for at, row in enumerate(table, start=1):
            for column, value in enumerate(row):
                if isinstance(value, float):
                    sheet.write_number(at, column, value)
                else:
                    put(sheet, styles, at, column, value)


def _csv_column(values: tuple[Any, ...]) -> Sequence[Any]:
    """The cells of a column, which are all of one type or unknown, as they are written."""
    kind = next((type(value) for value in values if value is not None), None)
    if kind in (int, float, None):
        return values
    if kind is str:
        return [value and neutral(writable(value)) for value in values]
    return [written(value) for value in values]


@contextmanager
def _opened(path: Path) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, str]]]:
    """A connection that sees this file as ``t`` and no other, and the types of its columns."""
    import duckdb

    # One thread: figures then do not depend on the order in which threads finish.
    with duckdb.connect(config={"threads": 1, "memory_limit": _MEMORY}) as connection:
        file = "'" + str(path).replace("'", "''") + "'"
        connection.execute(f"SET allowed_paths=[{file}]; SET temp_directory=''")
        connection.execute("SET enable_external_access=false; SET lock_configuration=true")
        connection.execute(f"CREATE VIEW t AS SELECT * FROM read_parquet([{file}])")
        described = connection.execute("DESCRIBE t").fetchall()
        yield connection, {name: kind for name, kind, *_ in described}


def _steps(path: Path, width: int) -> Iterator[list[Row]]:
    with _opened(path) as (connection, types):
        if len(types) != width:
            raise ValueError(f"{width} headings for {len(types)} columns")
        connection.execute(f"SELECT {_columns(types)} FROM t")
        while rows := connection.fetchmany(_STEP):
            yield [_civil(row) for row in rows]


def _examples(
    connection: duckdb.DuckDBPyConnection, name: str, types: dict[str, str]
) -> tuple[object, ...]:
    """The first different values of a column."""
    sql = f"SELECT {_shown(name, types)} FROM t WHERE {_name(name)} IS NOT NULL LIMIT {_LOOKED_AT}"
    seen = dict.fromkeys(value for row in connection.execute(sql).fetchall() for value in row)
    return _civil(tuple(seen)[:_EXAMPLES])


def _columns(types: dict[str, str]) -> str:
    return ", ".join(_shown(name, types) for name in types)


def _shown(name: str, types: dict[str, str]) -> str:
    """A column as it is fetched: instants without their zone, which is UTC."""
    column = _name(name)
    return f"make_timestamp(epoch_us({column}))" if types[name] == _INSTANT else column


def _civil(row: Row) -> Row:
    """The row with its instants in the city's time, aware."""
    return tuple(
        value.replace(tzinfo=UTC).astimezone(ZONE) if isinstance(value, datetime) else value
        for value in row
    )


def _name(column: str) -> str:
    return '"' + column.replace('"', '""') + '"'
