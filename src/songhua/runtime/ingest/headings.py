"""Which column of a file is which column of a dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import Problem
from songhua.tables.header import locate
from songhua.tables.rows import Field

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.kit.spec import Dataset
    from songhua.kit.terms import Term
    from songhua.tables.grid import Grid


@dataclass(frozen=True)
class Headings:
    """The columns of a file: `written` headings by position ("" where there is none), the
    `position` of every declared column found, and the row (from zero) under the headings."""

    written: tuple[str, ...]
    position: Mapping[str, int]
    first: int
    problems: tuple[Problem, ...] = ()

    @property
    def left_out(self) -> tuple[str, ...]:
        """The headings that the dataset does not declare."""
        taken = set(self.position.values())
        return tuple(h for at, h in enumerate(self.written) if h and at not in taken)

    @property
    def untitled(self) -> tuple[int, ...]:
        """The positions without a heading."""
        return tuple(at for at, heading in enumerate(self.written) if not heading)

    def heading(self, name: str) -> str:
        """The heading over a declared column as the file writes it, else its declared name."""
        return self.written[self.position[name]] if name in self.position else name


def find(grid: Grid, dataset: Dataset, terms: Mapping[str, Term]) -> Headings:
    """The headings within the first rows of `grid`, by code or by label in either language.

    A unit in brackets counts: 流量（m³/h） is not a column in kg/s. Raises `InputError` where no
    row holds a heading of the dataset.
    """
    header = locate(grid, [_field(column.name, terms) for column in dataset.columns])
    heads = grid.cells[header.top : header.bottom + 1]
    written = tuple(
        "/".join(dict.fromkeys(str(cell).strip() for cell in column if cell is not None))
        for column in zip(*heads, strict=True)
    )
    places: dict[str, list[int]] = {}
    for at, field in sorted(header.fields.items()):
        places.setdefault(field.name, []).append(at)
    twice = tuple(
        Problem(
            grid.name, "table_duplicate_columns", "、".join(header.title(at) for at in all_of),
            row=header.bottom + 1, column=written[all_of[0]],
        )
        for all_of in places.values()
        if len(all_of) > 1
    )  # fmt: skip
    position = {name: all_of[0] for name, all_of in places.items()}
    return Headings(written, position, header.bottom + 1, twice)


def _field(name: str, terms: Mapping[str, Term]) -> Field:
    term = terms.get(name)
    if term is None:
        return Field(name, (name,), _unread)
    # A title without its unit would answer to a heading with any other.
    code = f"{name} ({term.unit})" if term.unit not in ("", "1") else name
    return Field(name, (term.label("zh"), term.label("en"), code), _unread)


def _unread(cell: object, where: str) -> object:
    raise AssertionError("cells are read by conform")
