"""The rows of the workbook's sheets: what each cell says, and where it stands."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.cells import address
from songhua.exchange.catalogue.columns import SHEETS, columns, shown, value
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.exchange.catalogue.columns import Cell, Column

SEARCHED = 15
"""The rows in which the headings are looked for."""

Grid = list[list["Cell"]]


@dataclass(frozen=True)
class Row:
    """One row: what its cells say, the attributes that could not be read, and the place (column
    from zero, heading) of each."""

    sheet: str
    number: int
    places: dict[str, tuple[int, str]]
    values: dict[str, Any]
    failed: frozenset[str]

    def __getitem__(self, attribute: str) -> str:
        return str(self.values.get(attribute, ""))

    def at(self, problem: Problem, attribute: str) -> Problem:
        """`problem` at the cell of `attribute`, or at the row's first where it has no column."""
        column, title = self.places.get(attribute, (0, None))
        where = f"{self.sheet}!{address(self.number, column)}"
        return replace(problem, where=where, row=self.number + 1, column=title)


def read_rows(name: str, grids: dict[str, Grid], problems: list[Problem]) -> list[Row]:
    """The filled rows of a sheet (resources, fields, codes); what is wrong goes to `problems`.
    Only the sheet of code tables may be missing."""
    title = next((title for title in SHEETS[name] if title in grids), None)
    if title is None:
        if name != "codes":
            problems.append(Problem(SHEETS[name][0], "catalogue_sheet_missing", SHEETS[name][0]))
        return []
    grid, declared = grids[title], columns(name)
    head, found = max(
        ((at, _headings(row, declared)) for at, row in enumerate(grid[:SEARCHED])),
        key=lambda one: len(set(one[1].values()) - {None}),
        default=(0, {}),
    )
    wrong = list(_wrong_headings(title, grid, head, found, declared))
    problems += wrong
    owned = {at: column for at, column in found.items() if column is not None}
    return [
        _row(title, number, grid, head, owned, problems)
        for number in range(head + 1, len(grid))
        if not wrong and any(cell is not None for cell in grid[number])
    ]


def _headings(row: list[Cell], declared: tuple[Column, ...]) -> dict[int, Column | None]:
    """The column under each heading of a row; None for a heading that is not ours."""
    names = {_fold(text): c for c in declared for text in (c.attribute, c.en, c.zh)}
    return {at: names.get(_fold(shown(cell))) for at, cell in enumerate(row) if cell is not None}


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split()).strip("*:")


def _wrong_headings(
    title: str,
    grid: Grid,
    head: int,
    found: dict[int, Column | None],
    declared: tuple[Column, ...],
) -> Iterator[Problem]:
    seen = set()
    for at, column in found.items():
        where, text = f"{title}!{address(head, at)}", shown(grid[head][at])
        if column is None:
            yield Problem(where, "catalogue_column_unknown", text, head + 1, text)
        elif column in seen:
            yield Problem(where, "catalogue_column_twice", text, head + 1, text)
        seen.add(column)
    missing = [column.zh for column in declared if column.required and column not in seen]
    if missing:
        where = f"{title}!{address(head, 0)}"
        yield Problem(where, "catalogue_column_missing", "、".join(missing), head + 1)


def _row(
    title: str,
    number: int,
    grid: Grid,
    head: int,
    owned: dict[int, Column],
    problems: list[Problem],
) -> Row:
    places = {c.attribute: (at, shown(grid[head][at])) for at, c in owned.items()}
    values: dict[str, Any] = {}
    wrong: dict[str, Problem] = {}
    for at, column in owned.items():
        if (cell := grid[number][at]) is not None:
            try:
                values[column.attribute] = value(column, cell)
            except InputError as error:
                wrong[column.attribute] = error.problems[0]
        elif column.required:
            wrong[column.attribute] = Problem(column.attribute, "empty")
    row = Row(title, number, places, values, frozenset(wrong))
    problems += [row.at(problem, attribute) for attribute, problem in wrong.items()]
    return row
