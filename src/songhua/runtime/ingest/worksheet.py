"""The first visible sheet of an Excel workbook, as pieces of text."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import InputError, Problem
from songhua.runtime.ingest.headings import find
from songhua.runtime.ingest.pieces import piece
from songhua.tables import Limits, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from songhua.kit.spec import Column, Dataset
    from songhua.kit.terms import Term
    from songhua.runtime.ingest.headings import Headings
    from songhua.runtime.ingest.pieces import Notes, Row
    from songhua.tables import Cell, Grid

_NAME = "workbook.xlsx"  # what the content says it is, whatever the file is called
_STEP = 10_000
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  the days of a spreadsheet have no zone
_SERIALS = range(18_264, 2_958_466)  # 1950 to 9999; a lower number may be a year


def opened(source: Path, where: str) -> Grid:
    """The cells of the sheet; `InputError` as `songhua.tables.read`."""
    limits = Limits()
    if source.stat().st_size > limits.max_bytes:
        raise InputError(Problem(where, "workbook_too_large", f"{limits.max_bytes // 2**20} MiB"))
    try:
        return read(source.read_bytes(), _NAME, limits=limits)
    except InputError as error:
        raise InputError(
            [replace(p, where=p.where.replace(_NAME, where)) for p in error.problems]
        ) from error


def layout(grid: Grid, where: str, dataset: Dataset, terms: Mapping[str, Term]) -> Headings:
    """The headings of the sheet."""
    return find(replace(grid, name=where), dataset, terms)


def pieces(
    grid: Grid, dataset: Dataset, headings: Headings, notes: Notes
) -> Iterator[pl.DataFrame]:
    """The rows under the headings; errors such as #N/A stand as their text."""
    declared = {
        headings.position[c.name]: c for c in dataset.columns if c.name in headings.position
    }
    _faults(grid, declared, headings, notes)
    width = len(headings.written)
    for first in range(headings.first, len(grid.cells), _STEP):
        rows: list[Row] = [
            [written(row[at], declared.get(at)) for at in range(width)]
            for row in grid.cells[first : first + _STEP]
        ]
        yield piece(dataset, headings, rows, first + 1, notes)


def _faults(grid: Grid, declared: Mapping[int, Column], headings: Headings, notes: Notes) -> None:
    for (row, at), (code, shown) in sorted(grid.faults.items()):
        if row < headings.first or at not in declared:
            continue
        long = code == "table_long_number"
        grid.cells[row][at] = f"{Decimal(shown):f}" if long else shown
        # Digits beyond the fifteenth are lost, which matters unless the value is measured.
        if long and declared[at].dtype is not pl.Float64:
            heading = headings.written[at]
            notes.add(Problem(heading, code, shown, row=row + 1, column=heading))


def written(cell: Cell, column: Column | None = None) -> str | None:
    """A cell as it would stand in a text file; midnight is left out, and a bare number in a
    column of dates is the day that a spreadsheet counts so.

    >>> written(datetime(2023, 1, 5, 8)), written(datetime(2023, 1, 5)), written(True)
    ('2023-01-05 08:00:00', '2023-01-05', 'TRUE')
    """
    if cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, int | Decimal):
        dated = column is not None and column.dtype in (pl.Date, pl.Datetime)
        if not dated or int(cell) not in _SERIALS:
            return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
        cell = _EPOCH + timedelta(microseconds=round(Decimal(cell) * 86_400_000_000))
    if isinstance(cell, datetime) and cell.time() == time():
        cell = cell.date()
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else date.isoformat(cell)
