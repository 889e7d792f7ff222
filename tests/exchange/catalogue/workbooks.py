"""Workbooks as another program would have saved them: cells changed, merged, moved."""

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal

import xlsxwriter

from songhua.exchange.catalogue.cells import address, read_cells
from songhua.exchange.catalogue.columns import SHEETS, columns


class Book:
    """The grids of a workbook, to be changed and saved again."""

    def __init__(self, data: bytes) -> None:
        self.grids = read_cells(data)
        self.merges: dict[str, list[str]] = {}

    def set(self, cells: dict[str, object]) -> Book:
        for place, value in cells.items():
            sheet, row, column = _parts(place)
            grid = self.grids[sheet]
            while len(grid) <= row:
                grid.append([None] * len(grid[0]))
            grid[row][column] = value
        return self

    def save(self) -> bytes:
        out = io.BytesIO()
        with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
            day = book.add_format({"num_format": "yyyy-mm-dd"})
            for name, grid in self.grids.items():
                sheet = book.add_worksheet(name)
                for number, row in enumerate(grid):
                    for at, value in enumerate(row):
                        _write(sheet, day, number, at, value)
                for area in self.merges.get(name, ()):
                    first = _parts(f"{name}!{area.partition(':')[0]}")
                    sheet.merge_range(area, "")
                    _write(sheet, day, first[1], first[2], grid[first[1]][first[2]])
        return out.getvalue()


def cell_of(title: str, row: int, sheet: str = "目录") -> str:
    """Where the template has the column: 目录!D7."""
    name = next(name for name, titles in SHEETS.items() if sheet in titles)
    at = [column.zh for column in columns(name)].index(title)
    return f"{sheet}!{address(row - 1, at)}"


def _parts(place: str) -> tuple[str, int, int]:
    sheet, letters, digits = re.fullmatch(r"(.+)!([A-Z]+)(\d+)", place).groups()
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return sheet, int(digits) - 1, column - 1


def _write(sheet, day, row: int, at: int, value: object) -> None:
    if isinstance(value, date):
        sheet.write_datetime(row, at, value, day)
    elif isinstance(value, bool):
        sheet.write_boolean(row, at, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, at, value)
    elif value is not None:
        sheet.write_string(row, at, value)
