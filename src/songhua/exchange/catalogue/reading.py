"""A workbook filled in by an office, read whole: the catalogue, or every cell to be mended."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.catalogue import Catalogue, Code, CodeTable
from songhua.exchange.catalogue.cells import read_cells
from songhua.exchange.catalogue.codes import is_code
from songhua.exchange.catalogue.columns import SHEETS
from songhua.exchange.catalogue.fields import Field
from songhua.exchange.catalogue.resource import Resource, Tier
from songhua.exchange.catalogue.rows import read_rows
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from songhua.exchange.catalogue.rows import Row

_INSTEAD = {"tier": Tier.UNCONDITIONAL}
"""What stands for an unreadable cell while the rest of its row is checked; else an empty text."""
_UNSURE = {"catalogue_no_fields", "catalogue_key_unknown", "catalogue_open_without_field"}
"""What may only seem wrong with a resource while its code or a field of it cannot be read."""


def read_catalogue(data: bytes) -> Catalogue:
    """The catalogue in an xlsx workbook made from the template.

    Forgiven: titles above the headings, headings in either language, blank rows, merged cells,
    full-width digits, dates as text. Raises `InputError` with every problem, each at its cell
    (`where` "目录!D7", `row` 7, `column` the heading).
    """
    grids = read_cells(data)
    problems: list[Problem] = []
    sheets = {name: read_rows(name, grids, problems) for name in SHEETS}
    tables = _code_tables(sheets["codes"], problems)
    made = _resources(sheets["resources"], sheets["fields"], problems)
    try:
        catalogue = Catalogue(
            tuple(entry.record for entry in made), tuple(entry.record for entry in tables)
        )
    except InputError as error:
        # What is referred to may stand in a row that cannot be read yet; a repetition is certain.
        sure = [p for p in error.problems if not problems or p.code.endswith("_twice")]
        problems += [_placed(problem, made, tables) for problem in sure]
    if problems:
        raise InputError(problems)
    return catalogue


@dataclass(frozen=True)
class _Entry:
    """A record and the rows that it was read from: its own, and those of its fields."""

    record: Any
    row: Row
    fields: list[_Entry]


def _build(make: Any, row: Row, **given: Any) -> tuple[Any, list[Problem]]:
    """The record of a row, or None and what is wrong besides the cells known to be unreadable."""
    values = {f.name: row.values[f.name] for f in fields(make) if f.name in row.values} | given
    for one in fields(make):
        if one.default is MISSING and one.name not in values:
            values[one.name] = _INSTEAD.get(one.name, "")
    try:
        record = make(**values)
    except InputError as error:
        return None, [p for p in error.problems if p.where not in row.failed]
    return None if row.failed else record, []


def _resources(rows: list[Row], field_rows: list[Row], problems: list[Problem]) -> list[_Entry]:
    members: dict[str, list[_Entry]] = {row["code"]: [] for row in rows}
    torn = {code for code in members if not is_code(code)}
    certain = not torn and bool(rows or not problems)
    for row in field_rows:
        record, found = _build(Field, row)
        problems += [row.at(problem, problem.where) for problem in found]
        if row["resource"] in members and record is not None:
            members[row["resource"]].append(_Entry(record, row, []))
        elif row["resource"] in members:
            torn.add(row["resource"])
        elif certain and "resource" not in row.failed:
            problem = Problem("resource", "catalogue_field_orphan", row["resource"])
            problems.append(row.at(problem, "resource"))
    made = []
    for row in rows:
        parts = members[row["code"]]
        record, found = _build(Resource, row, fields=tuple(part.record for part in parts))
        for problem in found:
            if row["code"] not in torn or problem.code not in _UNSURE:
                problems.append(_placed_in(problem, problem.where, _Entry(None, row, parts)))
        if record is not None:
            made.append(_Entry(record, row, parts))
    return made


def _code_tables(rows: list[Row], problems: list[Problem]) -> list[_Entry]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["table"], []).append(row)
    made = []
    for name, members in grouped.items():
        codes = tuple(Code(row["value"], row["zh"], row["en"]) for row in members)
        try:
            made.append(_Entry(CodeTable(name, codes), members[0], []))
        except InputError as error:
            for problem in error.problems:
                *path, attribute = problem.where.split(".")
                row = members[int(path[1])] if path else members[0]
                if attribute not in row.failed and (path or "table" not in row.failed):
                    problems.append(row.at(problem, attribute if path else "table"))
    return made


def _placed(problem: Problem, resources: list[_Entry], tables: list[_Entry]) -> Problem:
    """A problem of the catalogue ("resources.2.fields.0.reference") at its cell."""
    group, number, rest = problem.where.split(".", 2)
    if group == "code_tables":
        return tables[int(number)].row.at(problem, "table")
    return _placed_in(problem, rest, resources[int(number)])


def _placed_in(problem: Problem, where: str, entry: _Entry) -> Problem:
    """A problem of a resource ("tier", "fields.0.name") at its cell."""
    *path, attribute = where.split(".")
    return (entry.fields[int(path[1])] if path else entry).row.at(problem, attribute)
