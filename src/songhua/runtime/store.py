"""Tables that no longer change, as Parquet files named by their content, read through DuckDB.

The ledger keeps each closed month here, so that a figure can be followed through time without
touching the live records, and another engine can read the same files.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import duckdb


@dataclass(frozen=True)
class Store:
    """A folder of Parquet files. Writing the same rows again changes nothing."""

    folder: Path

    def path(self, digest: str) -> Path:
        """Where the table with this digest lies."""
        return self.folder / f"{digest}.parquet"

    def put(self, columns: Mapping[str, str], rows: Iterable[Sequence[object]]) -> str:
        """Keep `rows` under `columns` (name → SQL type); the SHA-256 of the Parquet file.

        Rows are written in the order given; None is kept as NULL, never as 0 or "".
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.folder, prefix=".incoming-") as work:
            plain, packed = Path(work) / "rows.json", Path(work) / "rows.parquet"
            with plain.open("w", encoding="utf-8") as stream:
                for row in rows:
                    # Decimals and dates travel as text, so nothing passes through a float.
                    named = dict(zip(columns, row, strict=True))
                    stream.write(json.dumps(named, default=str, ensure_ascii=False) + "\n")
            with _connect() as connection:
                connection.execute(
                    f"COPY (SELECT * FROM read_json({_text(plain)}, columns={dict(columns)},"
                    " format='newline_delimited'))"
                    f" TO {_text(packed)} (FORMAT parquet, COMPRESSION zstd)"
                )
            return self.take(packed)

    def take(self, file: Path) -> str:
        """Move a Parquet file of the same disk into the store; its SHA-256."""
        digest = digest_of(file)
        with file.open("rb") as done:
            os.fsync(done.fileno())
        self.folder.mkdir(parents=True, exist_ok=True)
        file.replace(self.path(digest))
        return digest

    def digests(self) -> set[str]:
        """The digests of all tables kept."""
        return {path.stem for path in self.folder.glob("*.parquet")}

    def drop(self, digest: str) -> None:
        """Delete a table; nothing happens where it is gone."""
        self.path(digest).unlink(missing_ok=True)

    def query(self, sql: str, tables: Mapping[str, Sequence[str]]) -> list[tuple[Any, ...]]:
        """The rows of `sql`, in which each name of `tables` stands for its files together.

        The connection may read those files and nothing else.
        """
        with _connect() as connection:
            for name, digests in tables.items():
                paths = [str(self.path(digest)) for digest in digests]
                connection.execute(
                    f'CREATE TABLE "{name}" AS SELECT * FROM read_parquet(?)', [paths]
                )
            connection.execute("SET enable_external_access=false; SET lock_configuration=true")
            return connection.execute(sql).fetchall()


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _connect() -> duckdb.DuckDBPyConnection:
    import duckdb

    # One thread: the same rows then give the same bytes.
    return duckdb.connect(":memory:", config={"threads": 1})


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
