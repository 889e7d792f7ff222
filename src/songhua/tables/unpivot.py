"""The wide form: months across the top, each over the same few columns, as long records."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.tables.header import DEPTHS, SEARCHED, Header, Titles, check, stacked
from songhua.tables.rows import Field, Keys, Problems, Record, cell_value, data_rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from songhua.tables.grid import Grid
    from songhua.tables.header import Parts

_MONTH = re.compile(r"(\d{4})[-/.年](\d{1,2})月?份?")
Blocks = dict[date, dict[int, Field]]


def unpivot(
    grid: Grid,
    id_fields: Sequence[Field],
    month_fields: Sequence[Field],
    *,
    key: tuple[str, ...] = (),
    allow: Collection[str] = (),
) -> list[Record]:
    """One record per row and month, with "month" (its first day) among the values.

    Over each column of `month_fields` stands its month (2023年6月, merged or not); where there is
    a single such field the month may be the whole heading. A month in which a row says nothing
    gives no record: a missing report is not zero. "month" may be part of `key`.

    >>> from songhua.kit.figures import percent, plain
    >>> from songhua.tables.read import read_pasted
    >>> unit = Field("unit", ("单位",), lambda cell, where: plain(cell))
    >>> pair = [Field("planned", ("计划",), percent), Field("actual", ("实际",), percent)]
    >>> grid = read_pasted("单位\\t2023年6月\\t\\n\\t计划\\t实际\\n科技局\\t40\\t37.5")
    >>> [r.values["month"].month for r in unpivot(grid, [unit], pair)]
    [6]
    """
    header, blocks = _locate(grid, id_fields, month_fields)
    taken = {column for block in blocks.values() for column in block}
    check(grid, _without(header, taken), id_fields, allow)
    ids = sorted(header.fields.items())
    places = {
        month: {field.name: column for column, field in [*ids, *block.items()]}
        for month, block in blocks.items()
    }
    problems = Problems(grid.name)
    keys = Keys(key)
    records = []
    for number in data_rows(grid, header, [*header.fields, *taken]):
        row = grid.cells[number]
        same = {
            field.name: cell_value(grid, header, number, column, field, problems)
            for column, field in ids
        }
        for month, block in blocks.items():
            if all(row[c] is None and (number, c) not in grid.faults for c in block):
                continue
            values: dict[str, object] = {**same, "month": month}
            for column, field in block.items():
                values[field.name] = cell_value(grid, header, number, column, field, problems)
            record = Record(number + 1, values, places[month])
            keys.add(record, problems)
            records.append(record)
    problems.settle()
    return records


def _month(text: str) -> date | None:
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1900 <= int(found[1]) <= 2200:
        return None
    return date(int(found[1]), int(found[2]), 1)


def _block(parts: Parts, titles: Titles, fields: Sequence[Field]) -> tuple[date, Field] | None:
    """The month and the field that stand over a column, if they do."""
    for at, text in enumerate(parts):
        if (month := _month(text)) is not None:
            below = parts[at + 1 :]
            if not below:
                return (month, fields[0]) if len(fields) == 1 else None
            field = titles.find("/".join(below)) or titles.find(below[-1])
            return None if field is None else (month, field)
    return None


def _locate(
    grid: Grid, id_fields: Sequence[Field], month_fields: Sequence[Field]
) -> tuple[Header, Blocks]:
    ids, titles = Titles(id_fields), Titles(month_fields)
    best: tuple[tuple[int, int, int], Header, dict[int, tuple[date, Field]]] | None = None
    for top in range(min(SEARCHED, len(grid.cells))):
        for depth in DEPTHS:
            if top + depth > min(SEARCHED, len(grid.cells)):
                break
            parts = stacked(grid, top, depth)
            blocks = {
                column: found
                for column, over in enumerate(parts)
                if (found := _block(over, titles, month_fields)) is not None
            }
            if not blocks:
                continue
            owned = {c: f for c, f in ids.assign(parts).items() if c not in blocks}
            score = (len(owned) + len(blocks), -depth, -top)
            if best is None or score > best[0]:
                best = (score, Header(top, top + depth - 1, parts, owned), blocks)
    if best is None:
        expected = "、".join(field.titles[0] for field in [*id_fields, *month_fields])
        raise InputError(Problem(grid.name, "table_no_months", expected))
    return best[1], _months(grid, best[1], best[2], month_fields)


def _months(
    grid: Grid,
    header: Header,
    found: dict[int, tuple[date, Field]],
    fields: Sequence[Field],
) -> Blocks:
    """The columns by month; a month that lacks a required column or says one twice is refused."""
    blocks: Blocks = {}
    problems = []
    row = header.bottom + 1
    for column, (month, field) in found.items():
        block = blocks.setdefault(month, {})
        twice = [c for c, owner in block.items() if owner is field]
        if twice:
            value = f"{header.title(twice[0])}、{header.title(column)}"
            problems.append(Problem(grid.name, "table_duplicate_columns", value, row))
        block[column] = field
    for month, block in blocks.items():
        lacking = [f.titles[0] for f in fields if f.required and f not in block.values()]
        if lacking:
            value = f"{month:%Y-%m} {'、'.join(lacking)}"
            problems.append(Problem(grid.name, "table_missing_columns", value, row))
    if problems:
        raise InputError(problems)
    return blocks


def _without(header: Header, taken: set[int]) -> Header:
    """The header with the columns `taken` accounted for, so that the others can be checked."""
    stand_in = {column: Field("", ("",), lambda cell, where: cell) for column in taken}
    return Header(header.top, header.bottom, header.parts, {**header.fields, **stand_in})
