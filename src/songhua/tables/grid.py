"""A rectangle of cells as it stood on the sheet, with row 1 and column A first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Cell = str | int | Decimal | date | bool | None
"""What a cell may hold; a ``datetime`` is a ``date``. A float never appears: 37.1 is exact."""


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet. `cells[0][0]` is A1; an empty cell is ``None``.

    `faults` holds the cells that must not be used: zero-based (row, column) to a message code and
    the text seen (#DIV/0!, a number longer than a spreadsheet can keep). `merged` says that merged
    areas were known and have been filled with their value; in a CSV file they never are.
    """

    cells: list[list[Cell]]
    name: str = ""
    faults: dict[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    merged: bool = False


def letters(column: int) -> str:
    """The letters of a zero-based column.

    >>> letters(0), letters(25), letters(26), letters(16383)
    ('A', 'Z', 'AA', 'XFD')
    """
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def address(row: int, column: int) -> str:
    """The address of a zero-based cell.

    >>> address(6, 2)
    'C7'
    """
    return f"{letters(column)}{row + 1}"
