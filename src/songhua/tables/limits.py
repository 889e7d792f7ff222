"""How large a table may be before it is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from songhua.kit.errors import InputError, Problem

Kind = Literal["xlsx", "csv", "tsv"]
MIB = 1024 * 1024
HEAD_ROWS = 20
"""Rows allowed above `max_rows` for titles, notes and headings."""


@dataclass(frozen=True)
class Limits:
    """Bounds on a file and on what it unpacks to.

    `max_cells` bounds the rectangle from A1 to the last cell that holds something, because the
    spreadsheet reader allocates all of it (32 bytes per cell) however few cells are filled.
    """

    max_bytes: int = 20 * MIB
    max_unpacked_bytes: int = 200 * MIB
    max_ratio: int = 200
    max_rows: int = 200_000
    max_columns: int = 200
    max_members: int = 2000
    max_cells: int = 6_000_000

    @property
    def last_row(self) -> int:
        """The last spreadsheet row that may hold something."""
        return self.max_rows + HEAD_ROWS


def refuse(where: str, code: str, value: object = "") -> InputError:
    """An `InputError` with one problem, to be raised.

    >>> refuse("a.xlsx", "upload_too_large", "20 MiB").problems[0].code
    'upload_too_large'
    """
    return InputError(Problem(where, code, str(value)))
