"""Reads a checked file into a `Grid`, exactly: 37.1 stays 37.1, an empty cell stays empty."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from songhua.tables.grid import Cell, Grid
from songhua.tables.guard import examine
from songhua.tables.limits import Limits, refuse
from songhua.tables.safe import bare

if TYPE_CHECKING:
    from collections.abc import Iterable

    from python_calamine import CalamineSheet

    from songhua.tables.sheetxml import SheetFacts

ERRORS = frozenset(
    f"#{name}"
    for name in ("DIV/0!", "N/A", "NAME?", "NULL!", "NUM!", "REF!", "VALUE!", "SPILL!", "CALC!")
)
_DIGITS = 10**15
"""A spreadsheet keeps 15 digits: a longer number has already lost its end."""


def read(
    data: bytes,
    filename: str,
    sheet: str | int | None = None,
    *,
    limits: Limits | None = None,
) -> Grid:
    """The cells of one sheet (by name, by position from 0, else the first visible one).

    The file is checked first, as by `check_upload`. Merged areas of an xlsx sheet are filled with
    their value; a cell shown as a percentage becomes text ("37.5%"), so that 0.375 is never taken
    for 0.375 %. A CSV file is UTF-8 or else GB18030, separated by commas, tabs or semicolons.

    >>> read("单位;进度\\n科技局;37.5%\\n".encode("gb18030"), "june.csv").cells[1]
    ['科技局', '37.5%']
    """
    limits = limits or Limits()
    kind, facts = examine(data, filename, limits)
    if kind == "xlsx":
        return _read_xlsx(data, filename, sheet, facts, limits)
    return _read_text(_decode(data, filename), filename, limits, "\t" if kind == "tsv" else None)


def read_pasted(text: str, *, limits: Limits | None = None) -> Grid:
    """The cells that a person copied from a spreadsheet and pasted into a form.

    >>> read_pasted("单位\\t进度\\r\\n科技局\\t37.5\\r\\n").cells
    [['单位', '进度'], ['科技局', '37.5']]
    """
    limits = limits or Limits()
    if len(text) > limits.max_bytes:
        raise refuse("paste", "upload_too_large", f"{limits.max_bytes / 2**20:g} MiB")
    if "\x00" in text:
        raise refuse("paste", "upload_binary", text.index("\x00"))
    return _read_text(text.removeprefix("\ufeff"), "paste", limits, "\t" if "\t" in text else None)


def _decode(data: bytes, filename: str) -> str:
    offsets = []
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            # utf-8-sig counts its offsets after the mark
            marked = encoding == "utf-8-sig" and data.startswith(b"\xef\xbb\xbf")
            offsets.append(error.start + (3 if marked and len(error.object) < len(data) else 0))
    raise refuse(filename, "table_encoding", max(offsets))


def _delimiter(text: str) -> str:
    """The mark that splits the first lines into most cells; a comma when none does."""
    counts = {}
    for mark in (",", "\t", ";"):
        rows = csv.reader(io.StringIO(text[:20_000], newline=""), delimiter=mark)
        counts[mark] = sum(len(row) - 1 for row, _ in zip(rows, range(20), strict=False))
    return max(counts, key=lambda mark: counts[mark])


def _read_text(text: str, filename: str, limits: Limits, delimiter: str | None) -> Grid:
    if (told := re.match(r"sep=([,;\t])\r?\n", text)) is not None:  # Excel's own first line
        delimiter, text = told[1], text[told.end() :]
    cells: list[list[Cell]] = []
    faults: dict[tuple[int, int], tuple[str, str]] = {}
    width = 0
    try:
        rows = csv.reader(
            io.StringIO(text, newline=""), delimiter=delimiter or _delimiter(text), strict=True
        )
        for written in rows:
            row: list[Cell] = [
                None if not value or value.isspace() else bare(value) for value in written
            ]
            width = max(width, len(row))
            if len(cells) >= limits.last_row or width > limits.max_columns:
                raise refuse(filename, "table_too_large", _size(limits))
            for column, value in enumerate(row):
                if isinstance(value, str) and value[0] == "#" and value.strip() in ERRORS:
                    faults[len(cells), column] = ("table_cell_error", value)
                    row[column] = None
            cells.append(row)
    except csv.Error as error:
        raise refuse(f"{filename} {len(cells) + 1}", "table_csv_quotes", str(error)) from error
    if width * len(cells) > limits.max_cells:
        raise refuse(filename, "table_too_large", _size(limits))
    for row in cells:
        row.extend([None] * (width - len(row)))
    return Grid(cells, filename, faults)


def _size(limits: Limits) -> str:
    return f"{limits.max_rows} × {limits.max_columns}"


def _read_xlsx(
    data: bytes,
    filename: str,
    sheet: str | int | None,
    facts: dict[str, SheetFacts],
    limits: Limits,
) -> Grid:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            name = _choose(book, filename, sheet)
            if name not in facts:
                raise refuse(filename, "upload_xml_damaged", name)
            return _convert(book.get_sheet_by_name(name), facts[name], filename, limits)
    except CalamineError as error:
        raise refuse(filename, "upload_xml_damaged", str(error)) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the reader reports its own defects
            raise
        raise refuse(filename, "upload_xml_damaged", "reader") from error


def _choose(book: CalamineWorkbook, filename: str, sheet: str | int | None) -> str:
    known = [
        meta
        for meta in book.sheets_metadata
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible
    ]
    if sheet is None and known:
        return known[0].name
    if isinstance(sheet, int) and 0 <= sheet < len(book.sheet_names):
        return book.sheet_names[sheet]
    if isinstance(sheet, str):
        for name in book.sheet_names:
            if name.strip() == sheet.strip():
                return name
    raise refuse(filename, "table_no_sheet", "、".join(book.sheet_names))


def _convert(sheet: CalamineSheet, facts: SheetFacts, filename: str, limits: Limits) -> Grid:
    faults = {
        place: ("table_cell_error", text or "#VALUE!") for place, text in facts.errors.items()
    }
    left = sheet.start[1] if sheet.start else 0
    width = sheet.end[1] + 1 if sheet.end else 0
    cells: list[list[Cell]] = []
    for number, values in enumerate(sheet.iter_rows()):
        row: list[Cell] = [None] * left
        for value in values:
            if value == "":
                row.append(None)
            elif type(value) is str:
                row.append(None if value.isspace() else value)
            elif type(value) is float:
                if abs(value) >= _DIGITS:
                    faults[number, len(row)] = ("table_long_number", repr(value))
                    row.append(None)
                else:
                    row.append(int(value) if value.is_integer() else Decimal(repr(value)))
            else:
                row.append(_other(value))
        cells.append(row)
    for number, column in facts.percents:
        if number < len(cells) and column < width:
            shown = cells[number][column]
            if isinstance(shown, int | Decimal) and not isinstance(shown, bool):
                cells[number][column] = f"{(Decimal(shown) * 100).normalize():f}%"
    _fill(cells, faults, sheet.merged_cell_ranges or [], width, filename, limits)
    return Grid(cells, sheet.name, faults, merged=True)


def _other(value: object) -> Cell:
    if isinstance(value, datetime | date | bool | int):
        return value
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)


def _fill(
    cells: list[list[Cell]],
    faults: dict[tuple[int, int], tuple[str, str]],
    areas: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    width: int,
    filename: str,
    limits: Limits,
) -> None:
    """Give every cell of a merged area the value of its first; a merge may reach past the data."""
    written = 0
    for (top, left), (bottom, right) in areas:
        if top >= len(cells) or left >= width:
            continue
        value, fault = cells[top][left], faults.get((top, left))
        bottom, right = min(bottom, len(cells) - 1), min(right, width - 1)
        written += (bottom - top + 1) * (right - left + 1)
        if written > limits.max_cells:
            raise refuse(filename, "upload_too_many_cells", limits.max_cells)
        for row in range(top, bottom + 1):
            cells[row][left : right + 1] = [value] * (right - left + 1)
            if fault is not None:
                for column in range(left, right + 1):
                    faults[row, column] = fault
