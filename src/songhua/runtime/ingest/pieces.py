"""A table as pieces of text, each a frame of the dataset's columns.

Nothing is interpreted here that `songhua.kit.conform` can interpret. Every row carries the number
it has in a spreadsheet, so that blank rows can be passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.conform import SHOWN
from songhua.kit.errors import Problem
from songhua.tables.grid import letters
from songhua.tables.read import ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.kit.spec import Dataset
    from songhua.runtime.ingest.headings import Headings

LINE = "\nline"
FULL = "No space left on device"  # how polars and DuckDB speak of a full disk
Row = list[str] | list[str | None]


@dataclass
class Notes:
    """What is wrong beside the cells' values; beyond `SHOWN`, problems are only counted."""

    problems: list[Problem] = field(default_factory=list)
    more: int = 0

    def add(self, problem: Problem) -> None:
        if len(self.problems) < SHOWN:
            self.problems.append(problem)
        else:
            self.more += 1


def piece(
    dataset: Dataset, headings: Headings, rows: Sequence[Row], line: int, notes: Notes
) -> pl.DataFrame:
    """The declared columns of `rows`, the first of which is row `line` of the file, as text.

    Rows in which every declared column is blank are passed over.
    """
    columns = list(zip(*rows, strict=True))
    _untitled(headings, columns, line, notes)
    frame = pl.DataFrame(
        {name: pl.Series(columns[at], dtype=pl.String) for name, at in headings.position.items()}
    )
    frame = frame.with_columns(pl.int_range(line, line + len(rows), dtype=pl.Int64).alias(LINE))
    frame = frame.filter(pl.any_horizontal(pl.exclude(LINE).str.strip_chars() != ""))
    for column in dataset.columns:
        if column.dtype is pl.String and column.name in headings.position:
            bad = frame.filter(pl.col(column.name).str.strip_chars().is_in(list(ERRORS)))
            heading = headings.heading(column.name)
            for value, row in bad.select(column.name, LINE).iter_rows():
                notes.add(Problem(heading, "table_cell_error", value, row=row, column=heading))
    return frame


def _untitled(
    headings: Headings, columns: Sequence[Sequence[str | None]], line: int, notes: Notes
) -> None:
    """Note the first cell of each column that holds something under no heading."""
    told = {problem.column for problem in notes.problems if problem.code == "table_untitled_column"}
    for at in headings.untitled:
        for row, value in enumerate(columns[at], start=line):
            if value and value.strip() and letters(at) not in told:
                place = f"{letters(at)}{row}"
                notes.add(
                    Problem(place, "table_untitled_column", value, row=row, column=letters(at))
                )
                break
