"""The rows under a header: which count, what their cells say, and every problem among them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.tables.grid import address
from songhua.tables.header import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from songhua.tables.grid import Grid
    from songhua.tables.header import Header

MOST_PROBLEMS = 1000
_TOTALS = frozenset(
    ("合计", "总计", "共计", "小计", "total", "grandtotal", "subtotal", "sum", "totals")
)
_NOTE = re.compile(r"(注|备注|说明|填表说明|note|notes|remark|remarks)[:：\d]", re.I)


@dataclass(frozen=True)
class Field:
    """One value of a record: the headings it answers to and how a cell of it is read.

    `titles` are headings in any language; "进度/计划" means 计划 under the group 进度. `parse`
    gets the cell and a place to name ("C7 完成进度") and raises `InputError`; it never sees an
    empty cell.
    """

    name: str
    titles: tuple[str, ...]
    parse: Callable[[object, str], object]
    required: bool = True


@dataclass(frozen=True)
class Record:
    """The values of one spreadsheet row (counted from 1); a cell left empty is ``None``."""

    row: int
    values: dict[str, object]
    columns: Mapping[str, int] = field(default_factory=dict, repr=False, compare=False)

    def place(self, name: str) -> str:
        """The address of the cell that a value came from: "C7"."""
        return address(self.row - 1, self.columns[name]) if name in self.columns else f"{self.row}"


class Problems:
    """Collects problems up to a number a person can face, and counts the rest."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._kept: list[Problem] = []
        self._more = 0

    def add(self, problem: Problem) -> None:
        if len(self._kept) < MOST_PROBLEMS:
            self._kept.append(problem)
        else:
            self._more += 1

    def settle(self) -> None:
        """Raise everything found as one `InputError`; nothing found is silence."""
        if self._more:
            self._kept.append(Problem(self._where, "table_more_problems", str(self._more)))
        if self._kept:
            raise InputError(self._kept)


def data_rows(grid: Grid, header: Header, columns: Iterable[int]) -> Iterator[int]:
    """The rows (from zero) that hold data in `columns`: not empty, no total, no note."""
    wanted = tuple(columns)
    broken = {row for row, column in grid.faults if column in wanted}
    for number in range(header.bottom + 1, len(grid.cells)):
        row = grid.cells[number]
        if number not in broken and all(row[column] is None for column in wanted):
            continue
        first = next((cell for cell in row if cell is not None), None)
        if isinstance(first, str):
            if len(first) < 30 and fold(first) in _TOTALS:
                continue
            if _NOTE.match(first.strip()) and all(cell in (None, first) for cell in row):
                continue
        yield number


def cell_value(
    grid: Grid, header: Header, number: int, column: int, wanted: Field, problems: Problems
) -> object:
    """What the cell says, or ``None`` with its problems noted."""
    value = grid.cells[number][column]
    if value is not None:
        try:
            return wanted.parse(value, f"{address(number, column)} {_heading(header, column)}")
        except InputError as error:
            for problem in error.problems:
                problems.add(
                    replace(
                        problem,
                        value=problem.value or str(value),
                        row=number + 1,
                        column=header.title(column),
                    )
                )
            return None
    if (fault := grid.faults.get((number, column))) is not None:
        code, shown = fault
    elif wanted.required:
        code, shown = "empty", ""
    else:
        return None
    where = f"{address(number, column)} {_heading(header, column)}"
    problems.add(Problem(where, code, shown, number + 1, header.title(column)))
    return None


def _heading(header: Header, column: int) -> str:
    return "/".join(header.parts[column])


class Keys:
    """Refuses a second record with the same key, naming both rows."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names
        self._seen: dict[tuple[object, ...], str] = {}

    def add(self, record: Record, problems: Problems) -> None:
        key = tuple(record.values.get(name) for name in self._names)
        if not key or None in key:
            return
        place = record.place(self._names[-1])
        first = self._seen.setdefault(key, place)
        if first != place:
            shown = "｜".join(str(part) for part in key)
            problems.add(
                Problem(place, "table_duplicate_key", f"{shown} ({first})", record.row, place)
            )
