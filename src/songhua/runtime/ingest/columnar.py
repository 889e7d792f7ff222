"""Parquet tables: the declared columns cut into small row groups, however large those given are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from songhua.kit.errors import InputError, Problem
from songhua.runtime.ingest.headings import find
from songhua.runtime.ingest.pieces import FULL, LINE
from songhua.tables.grid import Grid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from songhua.kit.spec import Dataset
    from songhua.kit.terms import Term
    from songhua.runtime.ingest.headings import Headings

_FIRST_LINE = 2  # as if the table stood in a spreadsheet, under its headings
_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
_KEPT = (  # other kinds are read as text
    "BOOLEAN", "DATE", "TIMESTAMP", "DECIMAL", "FLOAT", "DOUBLE", "VARCHAR",
    *_INTEGERS, *(f"U{kind}" for kind in _INTEGERS),
)  # fmt: skip
_NESTED = ("STRUCT", "MAP", "UNION", "VARIANT")


class Columnar:
    """A Parquet file laid open in a work folder; every refusal is an `InputError`."""

    def __init__(self, source: Path, where: str, work: Path, memory_mb: int) -> None:
        self._where = where
        self._table = f"read_parquet({quoted(str(source))}, file_row_number=true)"
        self.connection = duckdb.connect(
            config={
                "threads": 1,
                "memory_limit": f"{memory_mb}MiB",
                "temp_directory": str(work / "spill"),
            }
        )
        # Without this the connection keeps no account of how far it has come.
        self.connection.execute("SET enable_progress_bar=true; SET enable_progress_bar_print=false")

    def layout(self, dataset: Dataset, terms: Mapping[str, Term]) -> Headings:
        """The headings of the file; lists, structures and maps cannot be columns."""
        described = self._run(f"DESCRIBE SELECT * EXCLUDE file_row_number FROM {self._table}")
        self._types = {name: kind for name, kind, *_ in described}
        found = find(Grid([list(self._types)], self._where), dataset, terms)
        nested = [
            Problem(self._where, "parquet_nested", f"{heading}: {kind[:80]}", column=heading)
            for heading, kind in ((found.heading(n), self._kind(found, n)) for n in found.position)
            if kind.endswith("]") or kind.startswith(_NESTED)
        ]
        if nested:
            raise InputError([*found.problems, *nested])
        return found

    def rows(self) -> int:
        """The number of rows that the file says it has."""
        return int(self._run(f"SELECT count(*) FROM {self._table}")[0][0])

    def cut(self, headings: Headings, part: Path) -> None:
        """Write the declared columns, with the numbers of the rows, as `part`. Rows in which all
        of them are empty are passed over."""
        columns, filled = [], []
        for name, at in headings.position.items():
            kind, column = self._kind(headings, name), named(list(self._types)[at])
            kept = kind.startswith(_KEPT)
            columns.append(f"{column if kept else f'CAST({column} AS VARCHAR)'} AS {named(name)}")
            filled.append(f"trim({column}) <> ''" if kind == "VARCHAR" else f"{column} IS NOT NULL")
        self._run(
            f"COPY (SELECT {', '.join(columns)}, file_row_number + {_FIRST_LINE} AS {named(LINE)}"
            f" FROM {self._table} WHERE {' OR '.join(filled)})"
            f" TO {quoted(str(part))} (FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE 100000)"
        )

    def share(self) -> float:
        """How much of the cutting is done (0 to 1)."""
        return max(0.0, float(self.connection.query_progress())) / 100

    def _kind(self, headings: Headings, name: str) -> str:
        return list(self._types.values())[headings.position[name]]

    def _run(self, sql: str) -> list[tuple[str, ...]]:
        try:
            return self.connection.execute(sql).fetchall()
        except duckdb.Error as error:
            if isinstance(error, duckdb.OutOfMemoryException) or FULL in str(error):
                raise  # not the fault of the file
            said = str(error).partition("\n")[0].rpartition("/")[2][:120]
            raise InputError(Problem(self._where, "parquet_damaged", said)) from error


def quoted(text: str) -> str:
    """A text constant of SQL."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'
