"""From rows of cells to a description: units by the heading, and every cell at fault named."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from songhua.kit.errors import InputError, Problem
from songhua.scenarios.smart_heating.importing.description import (
    Consumer,
    Description,
    Node,
    Pipe,
    Source,
)
from songhua.scenarios.smart_heating.importing.units import KINDS, likelier, parted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Row(NamedTuple):
    """An element as a file has it: heading to cell, and its row in the file, if it has rows."""

    cells: Mapping[str, object]
    number: int | None = None


# Of each table: texts that must be there, figures that must, figures that may.
_TABLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "nodes": (("name",), (), ("x", "y", "height")),
    "pipes": (("name", "start", "end"), ("length", "diameter"), ("roughness", "loss")),
    "sources": (("name", "node"), (), ("supply", "pressure")),
    "consumers": (("name", "node"), (), ("heat", "flow", "return")),
}
_SI = {"height": "height_m", "length": "length_m", "diameter": "diameter_m",
       "roughness": "roughness_m", "loss": "loss_w_per_m_k", "supply": "supply_c",
       "return": "return_c", "pressure": "pressure_pa", "heat": "heat_w",
       "flow": "flow_kg_per_s"}  # fmt: skip


def describe(tables: Mapping[str, Sequence[Row]], left_out: Sequence[Problem] = ()) -> Description:
    """The network in tables called nodes, pipes, sources and consumers.

    A heading is a field and its unit (``pressure_mpa``, ``diameter_mm``). Raises `InputError` with
    every cell at fault: the element, its row and column, and the unit that may have been meant.
    Headings that mean nothing here are listed in the result's `left_out`.
    """
    problems: list[Problem] = []
    read = {table: _read(table, tables.get(table, ()), problems) for table in _TABLES}
    problems += [Problem(name, "importing_unknown_table") for name in set(tables) - set(_TABLES)]
    problems += [Problem(table, "empty") for table in ("nodes", "pipes", "sources")
                 if not tables.get(table)]  # fmt: skip
    _check_places(read, problems)
    if problems:
        raise InputError(problems)
    nodes, pipes, sources, consumers = (
        tuple(kind(**cells) for cells, _ in read[table])
        for table, kind in zip(_TABLES, (Node, Pipe, Source, Consumer), strict=True)
    )
    return Description(nodes, pipes, sources, consumers, (*left_out, *_unread(tables)))


def _read(
    table: str, rows: Sequence[Row], problems: list[Problem]
) -> list[tuple[dict[str, Any], Row]]:
    """The rows' cells by the fields of a description."""
    texts, needed, optional = _TABLES[table]
    found, seen = [], set()
    for place, row in enumerate(rows, 1):
        where = str(row.cells.get("name") or "") or f"{table} {place}"
        cells: dict[str, Any] = {}
        for name in texts:
            cells[name] = str(row.cells.get(name) or "").strip()
            if not cells[name]:
                problems.append(Problem(where, "importing_no_cell", name, row.number, name))
        for field in (*needed, *optional):
            cells[_SI.get(field, field)] = _figure(field, field in needed, row, where, problems)
        if cells["name"] in seen:
            problems.append(Problem(where, "importing_twice", where, row.number, "name"))
        seen.add(cells["name"])
        found.append((cells, row))
    return found


def _figure(
    field: str, needed: bool, row: Row, where: str, problems: list[Problem]
) -> float | None:
    """A cell in SI units, None where it is empty."""
    headings = _filled(row, field)
    if not headings:
        if needed:
            heading = f"{field}_{next(iter(KINDS[field].units))}"
            problems.append(Problem(where, "importing_no_cell", heading, row.number, heading))
        return None
    heading = headings[0]
    if len(headings) > 1:
        problems.append(Problem(where, "importing_two_units", ", ".join(headings), row.number))
        return None
    cell, (_, unit) = row.cells[heading], parted(heading)
    if unit not in KINDS[field].units:
        with_units = ", ".join(f"{field}_{name}" for name in KINDS[field].units)
        problems.append(Problem(where, "importing_no_unit", with_units, row.number, heading))
        return None
    try:
        figure = float(str(cell))
    except ValueError:
        figure = math.nan
    if not math.isfinite(figure):
        problems.append(Problem(where, "importing_not_a_number", str(cell), row.number, heading))
        return None
    factor, offset = KINDS[field].units[unit]
    value = figure * factor + offset
    if not KINDS[field].plausible(value):
        others = ", ".join(f"{field}_{name}" for name in likelier(field, figure, unit))
        code = "importing_perhaps_unit" if others else "importing_not_plausible"
        shown = f"{heading} = {cell}" + (f" → {others}" if others else "")
        problems.append(Problem(where, code, shown, row.number, heading))
    return value


def _filled(row: Row, *fields: str) -> list[str]:
    """The headings of these fields, in any unit, whose cells are not empty."""
    return [heading for heading, cell in row.cells.items()
            if parted(heading)[0] in fields and cell not in (None, "")]  # fmt: skip


def _check_places(
    read: Mapping[str, list[tuple[dict[str, Any], Row]]], problems: list[Problem]
) -> None:
    """Elements stand at nodes that are there; a consumer takes a heat or a flow."""
    nodes = {cells["name"] for cells, _ in read["nodes"]}
    for table, columns in (("pipes", ("start", "end")), ("sources", ("node",)),
                           ("consumers", ("node",))):  # fmt: skip
        for cells, row in read[table]:
            problems += [
                Problem(cells["name"], "importing_no_such_node", cells[column], row.number, column)
                for column in columns
                if cells[column] and cells[column] not in nodes
            ]
    for cells, row in read["pipes"]:
        if cells["start"] and cells["start"] == cells["end"]:
            problems.append(Problem(cells["name"], "importing_pipe_to_itself", cells["end"],
                                    row.number, "end"))  # fmt: skip
    for cells, row in read["consumers"]:
        given = _filled(row, "heat", "flow")
        if len(given) != 1:
            problems.append(Problem(cells["name"], "importing_heat_or_flow",
                                    ", ".join(given), row.number))  # fmt: skip


def _unread(tables: Mapping[str, Sequence[Row]]) -> list[Problem]:
    """A line for every heading that holds something and is not read."""
    return [
        Problem(table, "importing_column_left_out", heading)
        for table, fields in ((table, {*sum(fields, ())}) for table, fields in _TABLES.items())
        for heading in dict.fromkeys(
            heading
            for row in tables.get(table, ())
            for heading, cell in row.cells.items()
            if cell not in (None, "")
        )
        if parted(heading)[0] not in fields
    ]
