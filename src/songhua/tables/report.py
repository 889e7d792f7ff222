"""Gives a table's problems back in the form that people mend tables in."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import xlsxwriter

from songhua.kit.messages import sentence
from songhua.tables.grid import letters
from songhua.tables.write import LONGEST, Styles, put, safe_sheet_name, to_xlsx

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from songhua.kit.errors import Problem
    from songhua.kit.messages import Language
    from songhua.tables.grid import Cell, Grid

_HEADINGS = (
    "table_sheet_row",
    "table_sheet_column",
    "table_sheet_value",
    "table_sheet_rule",
    "table_sheet_remedy",
)


def error_sheet(problems: Iterable[Problem], language: Language = "zh") -> bytes:
    """A workbook with one line per problem: row, column, value, rule, what to do."""
    rows: Iterable[Sequence[Cell]] = (
        [p.row, p.column or p.where, p.value[:LONGEST], p.code, p.text(language)[:LONGEST]]
        for p in problems
    )
    headings = [sentence(code, language) for code in _HEADINGS]
    return to_xlsx(sentence("table_sheet_name", language), headings, rows)


def annotated_copy(grid: Grid, problems: Iterable[Problem], language: Language = "zh") -> bytes:
    """The cells of `grid` with every bad one marked and the sentence as its comment.

    Merged areas come back filled; a cell that could not be used shows the text that was seen.
    """
    notes: dict[tuple[int, int], list[str]] = {}
    for problem in problems:
        if problem.row is not None:
            name = (problem.column or "A").partition(" ")[0]
            place = (problem.row - 1, _index(name))
            notes.setdefault(place, []).append(problem.text(language))
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(safe_sheet_name(grid.name))
        styles = Styles(book)
        for number, row in enumerate(grid.cells):
            for column, value in enumerate(row):
                if value is None and (number, column) in grid.faults:
                    value = grid.faults[number, column][1]
                if value is not None and (number, column) not in notes:
                    put(sheet, styles, number, column, value)
        for (number, column), texts in notes.items():
            cells = grid.cells[number] if number < len(grid.cells) else []
            value = cells[column] if column < len(cells) else None
            if (number, column) in grid.faults:
                value = grid.faults[number, column][1]
            put(sheet, styles, number, column, value, styles.bad)
            sheet.write_comment(number, column, "\n".join(texts)[:LONGEST], {"x_scale": 2})
    return out.getvalue()


def _index(name: str) -> int:
    """The zero-based column of its letters; the first where they are something else."""
    text = "".join(c for c in name.rstrip("0123456789") if c.isascii() and c.isalpha()).upper()
    index = -1
    for letter in text[:3]:
        index = (index + 1) * 26 + ord(letter) - 65
    return index if 0 <= index < 16_384 and letters(index) == text else 0
