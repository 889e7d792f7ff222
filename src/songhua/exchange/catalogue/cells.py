"""The cells of a workbook as they are meant: merged areas filled, numbers exact, blanks None.

Whether the file may be opened at all (size, bombs, macros) is asked at the door where it is
uploaded (`songhua.tables.check_upload`), before its bytes come here.
"""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

    from songhua.exchange.catalogue.columns import Cell


def read_cells(data: bytes) -> dict[str, list[list[Cell]]]:
    """``{sheet: rows of cells}`` with A1 first; raises `InputError` for what is no workbook."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            return {name.strip(): _sheet(book.get_sheet_by_name(name)) for name in book.sheet_names}
    except (CalamineError, ValueError, OSError) as error:
        raise InputError(Problem("file", "catalogue_not_workbook", str(error)[:80])) from error


def _sheet(sheet: CalamineSheet) -> list[list[Cell]]:
    left = sheet.start[1] if sheet.start else 0
    rows = [[None] * left + [_cell(value) for value in row] for row in sheet.iter_rows()]
    for (top, first), (bottom, last) in sheet.merged_cell_ranges or []:
        if top < len(rows) and first < len(rows[top]):
            for row in rows[top : bottom + 1]:
                row[first : last + 1] = [rows[top][first]] * len(row[first : last + 1])
    return rows


def _cell(value: object) -> Cell:
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, float):
        return int(value) if value.is_integer() else Decimal(repr(value))
    if isinstance(value, bool | int | date):
        return value
    return str(value)


def address(row: int, column: int) -> str:
    """The address of a cell counted from zero.

    >>> address(6, 3), address(0, 27)
    ('D7', 'AB1')
    """
    letters, column = "", column + 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"
