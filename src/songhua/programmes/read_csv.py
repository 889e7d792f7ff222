"""Strict reading of CSV: the columns are the fields of a model, no more and no less."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from songhua.kit.errors import Problem
from songhua.programmes.place import Raw, text_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from pydantic import BaseModel


def table(
    folder: Traversable, name: str, model: type[BaseModel], problems: list[Problem]
) -> list[Raw]:
    """The rows of a CSV whose columns are the fields of `model`; ``|`` parts the tuples."""
    text = text_of(folder, name, problems)
    if text is None:
        return []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    before = len(problems)
    rows: list[Raw] = []
    try:
        heading = [cell.strip() for cell in next(reader, [])]
        _heading(name, heading, model, problems)
        if len(problems) > before:
            return []
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(heading):
                values = {h: _cell(c, model, h) for h, c in zip(heading, cells, strict=True)}
                kept = {h: v for h, v in values.items() if v is not None}
                rows.append(Raw(name, line, kept, table=True))
            elif cells:
                where = f"{name}:{line}"
                problems.append(Problem(where, "programme_row_width", str(len(cells))))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(
            Problem(f"{name}:{reader.line_num}", "programme_file_unreadable", str(error))
        )
    if not rows and len(problems) == before:
        problems.append(Problem(f"{name}:1", "programme_file_empty"))
    return rows


def _heading(
    name: str, heading: list[str], model: type[BaseModel], problems: list[Problem]
) -> None:
    where, known = f"{name}:1", list(model.model_fields)
    problems += [Problem(where, "programme_column_missing", c) for c in known if c not in heading]
    for place, column in enumerate(heading):
        if column not in known:
            problems.append(Problem(f"{where} {column}", "programme_column_unknown", column))
        elif column in heading[:place]:
            problems.append(Problem(f"{where} {column}", "programme_column_twice", column))


def _cell(text: str, model: type[BaseModel], column: str) -> str | tuple[str, ...] | None:
    text = text.strip()
    if isinstance(model.model_fields[column].default, tuple) or column == "units":
        return tuple(part.strip() for part in text.split("|")) if text else ()
    return text or None
