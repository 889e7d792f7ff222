"""Whole tables in and out. A spreadsheet is entered whole, or not at all, with every cell that
stands in the way named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.cooperation import selectors, shown
from songhua.console.cooperation.services.entering import enter
from songhua.console.cooperation.services.reading import read
from songhua.console.design.bilingual import choose, language
from songhua.console.subsidies.access import demand
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.tables import Field, annotated_copy, match, to_xlsx
from songhua.tables import read as read_file
from songhua.tables.grid import letters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.console.cooperation.shelf import Column, Kind
    from songhua.console.people.models import User
    from songhua.tables import Grid

NUMBER = ("编号", "No.")
MOST_ROWS = 5000


def template(kind: Kind) -> bytes:
    """An empty sheet with the headings."""
    return to_xlsx(choose(kind.zh, kind.en), [heading(c) for c in kind.writable], [])


def heading(column: Column) -> str:
    """The heading of a column in the reader's language; both are understood."""
    return choose(column.zh, column.en)


def export(user: User, kind: Kind, given: Mapping[str, str]) -> bytes:
    """The list under its filters, as a workbook that can be brought in again."""
    columns = [*kind.columns, *kind.more]
    columns += [c for c in kind.writable if c.name == "unit"]
    found = selectors.filtered(selectors.rows(user, kind), kind, given)
    headings = [choose(*NUMBER), *(heading(column) for column in columns)]
    lines = shown.rows_of(kind, found.iterator(chunk_size=1000), columns)
    return to_xlsx(choose(kind.zh, kind.en), headings, lines)


def _field(column: Column) -> Field:
    return Field(
        column.name, (column.zh, column.en), lambda cell, where: _read(column, cell, where),
        required=column.required,
    )  # fmt: skip


def _read(column: Column, cell: object, where: str) -> object:
    """The cell itself, once it can be read."""
    read(column, cell, where)
    return cell


def bring(actor: User, kind: Kind, name: str, content: bytes) -> int:
    """Enter every row of a spreadsheet; how many. Raises `InputError` with all that is wrong."""
    demand(actor, *kind.by)
    return _bring(actor, kind, read_file(content, name))


def marked(name: str, content: bytes, problems: Sequence[Problem]) -> bytes:
    """The spreadsheet with every bad cell marked and the sentence as its comment."""
    return annotated_copy(read_file(content, name), problems, language())


def _bring(actor: User, kind: Kind, grid: Grid) -> int:
    fields = [_field(column) for column in kind.writable]
    known = [title for column in kind.more for title in (column.zh, column.en)]
    records = match(grid, fields, key=(), allow=[*NUMBER, *known])
    if len(records) > MOST_ROWS:
        raise InputError(Problem(grid.name, "cooperation_rows", str(MOST_ROWS)))
    problems: list[Problem] = []
    with transaction.atomic():
        for record in records:
            try:
                enter(actor, kind, record.values)
            except (InputError, Conflict, NotAllowed) as error:
                problems += [
                    replace(p, row=record.row, column=_place(kind, record.columns, p.where))
                    for p in error.problems
                ]
        if problems:
            raise InputError(problems)
    return len(records)


def _place(kind: Kind, columns: Mapping[str, int], where: str) -> str:
    """The column as people find it: "C 开始日期"."""
    heads = {column.name: heading(column) for column in kind.writable}
    return f"{letters(columns[where])} {heads[where]}" if where in columns else where
