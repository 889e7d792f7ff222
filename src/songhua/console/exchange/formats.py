"""Rows in batches as a file of a named format, written to a stream in memory that does not grow
with the rows."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any

import orjson

from songhua.kit.errors import InputError, Problem
from songhua.tables.write import Styles, put, to_csv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Columns = Sequence[tuple[str, str]]
    Batches = Iterable[Sequence[tuple[Any, ...]]]

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "arrow": "application/vnd.apache.arrow.stream",
}
MOST_SHEET_ROWS = 200_000
MARK = "\ufeff".encode()


def write(
    form: str, columns: Columns, batches: Batches, out: IO[bytes], *, bom: bool = True
) -> int:
    """Write rows as `form` (one of `KINDS`); how many. `bom` is for CSV: Excel needs it to show
    Chinese.

    Raises `InputError` for an unknown format, and for more rows than a sheet takes.
    """
    if form not in KINDS:
        raise InputError(Problem("form", "exchange_form_unknown", form))
    counted = _Counted(batches)
    if form == "csv":
        _csv([name for name, _ in columns], counted, out, bom)
    elif form == "xlsx":
        _xlsx([name for name, _ in columns], counted, out)
    elif form in {"parquet", "arrow"}:
        _arrow(form, columns, counted, out)
    else:
        _json([name for name, _ in columns], counted, out, lines=form == "ndjson")
    return counted.rows


class _Counted:
    """Batches that are counted as they are read."""

    def __init__(self, batches: Batches) -> None:
        self._batches, self.rows = batches, 0

    def __iter__(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        for batch in self._batches:
            self.rows += len(batch)
            yield batch


def _exact(row: Sequence[Any]) -> list[Any]:
    """Figures as spreadsheets take them: with the digits that they are shown with."""
    return [
        Decimal(repr(cell)) if isinstance(cell, float) and math.isfinite(cell) else cell
        for cell in row
    ]


def _csv(names: list[str], batches: _Counted, out: IO[bytes], bom: bool) -> None:
    head = to_csv(names, [])
    out.write(head if bom else head.removeprefix(MARK))
    for batch in batches:
        out.write(to_csv(names, map(_exact, batch))[len(head) :])


def _json(names: list[str], batches: _Counted, out: IO[bytes], *, lines: bool) -> None:
    before, between, after = (b"", b"\n", b"\n") if lines else (b"[", b",\n", b"]\n")
    out.write(before)
    first = True
    for batch in batches:
        for row in batch:
            out.write(b"" if first else between)
            out.write(orjson.dumps(dict(zip(names, row, strict=True)), default=str))
            first = False
    out.write(b"" if lines and first else after)


def _xlsx(names: list[str], batches: _Counted, out: IO[bytes]) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet, styles = book.add_worksheet("data"), Styles(book)
        for column, title in enumerate(names):
            put(sheet, styles, 0, column, title, styles.head)
        number = 0
        for batch in batches:
            if batches.rows > MOST_SHEET_ROWS:
                raise InputError(Problem("form", "exchange_sheet_full", str(MOST_SHEET_ROWS)))
            for row in batch:
                number += 1
                for column, value in enumerate(_exact(row)):
                    put(sheet, styles, number, column, value)


def _arrow(form: str, columns: Columns, batches: _Counted, out: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, _type(kind)) for name, kind in columns])
    open_file: Callable[..., Any] = pq.ParquetWriter if form == "parquet" else pa.ipc.new_stream
    with open_file(out, schema) as file:
        for batch in batches:
            cells = [
                pa.array(_as(values, field.type), field.type)
                for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            file.write_batch(pa.record_batch(cells, schema=schema))


def _as(values: Sequence[Any], kind: Any) -> Sequence[Any]:
    import pyarrow as pa

    return [v if v is None else str(v) for v in values] if kind == pa.string() else values


def _type(kind: str) -> Any:
    """The Arrow type of a DuckDB type; what has none travels as text."""
    import pyarrow as pa

    known = {
        "BIGINT": pa.int64(), "INTEGER": pa.int32(), "DOUBLE": pa.float64(), "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(), "TIMESTAMP": pa.timestamp("us"),
    }  # fmt: skip
    return known.get(kind.upper(), pa.string())
