"""Finds the headings of a table and says which column is which field."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.tables.grid import letters

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from songhua.tables.grid import Cell, Grid
    from songhua.tables.rows import Field

SEARCHED = 15
DEPTHS = (1, 2, 3)
_BRACKETS = re.compile(r"[(\[【〔][^()\[\]【】〔〕]*[)\]】〕]")
_EDGES = " *:;,.、。"

Parts = tuple[str, ...]
"""The headings over one column from the top down, folded, each said once."""


def fold(title: str) -> str:
    """A heading without width, case, spaces, line breaks and edge punctuation.

    >>> fold("＊完成 进度\\n（％）：")
    '完成进度(%)'
    """
    text = unicodedata.normalize("NFKC", title).casefold()
    return "".join(text.split()).replace("\u200b", "").strip(_EDGES)


def unitless(folded: str) -> str:
    """A folded heading without what stands in brackets.

    >>> unitless("完成进度(%)")
    '完成进度'
    """
    return _BRACKETS.sub("", folded) or folded


def _text(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell.year}-{cell.month:02}"
    return "" if cell is None else fold(str(cell)[:500])


@dataclass(frozen=True)
class Header:
    """The rows `top` to `bottom` (from zero), what stands over each column, and whose it is."""

    top: int
    bottom: int
    parts: list[Parts]
    fields: Mapping[int, Field]

    def title(self, column: int) -> str:
        """Letter and heading of a column, for a person: "C 完成进度"."""
        return f"{letters(column)} {'/'.join(self.parts[column])}".strip()


def stacked(grid: Grid, top: int, depth: int) -> list[Parts]:
    """The headings over every column. Where merges are unknown a group reaches to the right."""
    rows = [[_text(cell) for cell in row] for row in grid.cells[top : top + depth]]
    if not grid.merged:
        last = rows[-1]
        for row in rows[:-1]:
            for column in range(1, len(row)):
                if not row[column] and last[column] and last[column - 1]:
                    row[column] = row[column - 1]
    found = []
    for over in zip(*rows, strict=True):
        said: list[str] = []
        for text in over:
            if text and (not said or said[-1] != text):
                said.append(text)
        found.append(tuple(said))
    return found


class Titles:
    """The headings that fields answer to. A unit in brackets counts where both sides give one."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self._exact: dict[str, Field] = {}
        self._loose: dict[str, Field] = {}
        for field in fields:
            for title in field.titles:
                folded = "/".join(fold(part) for part in title.split("/"))
                self._exact.setdefault(folded, field)
                if unitless(folded) != folded:
                    self._loose.setdefault(unitless(folded), field)

    def find(self, form: str) -> Field | None:
        """The field of one heading.

        A column "投资(元)" is a field "投资", but never a field "投资(万元)".
        """
        if (field := self._exact.get(form)) is not None:
            return field
        plain = unitless(form)
        return self._loose.get(form) if plain == form else self._exact.get(plain)

    def assign(self, parts: Sequence[Parts]) -> dict[int, Field]:
        """The field of every column that has one: by its whole heading, or by the end of it where
        no other column ends so."""
        endings = Counter("/".join(over[at:]) for over in parts for at in range(len(over)))
        found: dict[int, Field] = {}
        for column, over in enumerate(parts):
            for at in range(len(over)):
                form = "/".join(over[at:])
                field = self.find(form)
                if field is not None and (at == 0 or endings[form] == 1):
                    found[column] = field
                    break
        return found


def locate(grid: Grid, fields: Sequence[Field]) -> Header:
    """The best header within the first rows: most fields, then fewest rows, then the highest."""
    titles = Titles(fields)
    best: tuple[tuple[int, int, int], Header] | None = None
    for top in range(min(SEARCHED, len(grid.cells))):
        for depth in DEPTHS:
            if top + depth > min(SEARCHED, len(grid.cells)):
                break
            parts = stacked(grid, top, depth)
            found = titles.assign(parts)
            score = (len({field.name for field in found.values()}), -depth, -top)
            if score[0] and (best is None or score > best[0]):
                best = (score, Header(top, top + depth - 1, parts, found))
    if best is None:
        expected = "、".join(field.titles[0] for field in fields)
        raise InputError(Problem(grid.name, "table_no_header", expected))
    return _whole(grid, best[1])


def _whole(grid: Grid, header: Header) -> Header:
    """The header with the rows beneath in which its merged headings stand again."""
    bottom = header.bottom
    while grid.merged and bottom + 1 < len(grid.cells):
        below = [_text(cell) for cell in grid.cells[bottom + 1]]
        again = zip(below, header.parts, strict=True)
        if not any(below) or not all(over[-1:] == (text,) for text, over in again if text):
            break
        bottom += 1
    return Header(header.top, bottom, header.parts, header.fields)


def check(grid: Grid, header: Header, fields: Sequence[Field], allow: Collection[str]) -> None:
    """Refuse a header with missing, doubled or unknown columns, all named at once."""
    row = header.bottom + 1
    problems = []
    present = {field.name for field in header.fields.values()}
    missing = [f.titles[0] for f in fields if f.required and f.name not in present]
    if missing:
        problems.append(Problem(grid.name, "table_missing_columns", "、".join(missing), row))
    for field in fields:
        places = [header.title(c) for c, owner in header.fields.items() if owner is field]
        if len(places) > 1:
            value = "、".join(places)
            problems.append(
                Problem(grid.name, "table_duplicate_columns", value, row, field.titles[0])
            )
    allowed = {form for title in allow for form in (fold(title), unitless(fold(title)))}
    unknown = [
        header.title(column)
        for column, over in enumerate(header.parts)
        if over
        and column not in header.fields
        and not {"/".join(over), over[-1], unitless(over[-1])} & allowed
    ]
    if unknown:
        problems.append(Problem(grid.name, "table_unknown_columns", "、".join(unknown), row))
    nameless = [column for column, over in enumerate(header.parts) if not over]
    for column in nameless:
        for number in range(header.bottom + 1, len(grid.cells)):
            if grid.cells[number][column] is not None:
                where = f"{letters(column)}{number + 1}"
                value = str(grid.cells[number][column])
                problems.append(
                    Problem(where, "table_untitled_column", value, number + 1, letters(column))
                )
                break
    if problems:
        raise InputError(problems)
