"""Which files make up the store: a SQLite journal, so that a commit is there wholly or not at all.

A file counts from the transaction that names it, and no longer from the one that drops it. A
dropped file stays on disk for `GRACE`, for readers that still have its name. Readers never wait.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TYPE_CHECKING

from songhua.exchange.telemetry.files import EPOCH, READINGS, DataFile
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

MANIFEST = "manifest.sqlite"
GRACE = timedelta(minutes=30)
"""How long a reader may go on with the files that it was given."""
EXAMPLES = 200
"""Newest examples of refused readings that are kept."""
MICROSECOND = timedelta(microseconds=1)

_SCHEMA = """
create table if not exists files (
    path text primary key, metric text, day text, rows integer, first_us integer, last_us integer,
    seq integer, merged integer, dropped_us integer
) without rowid;
create index if not exists files_by_metric on files (metric, last_us);
create index if not exists files_by_seq on files (seq);
create table if not exists counts (name text primary key, n integer) without rowid;
create table if not exists examples (id integer primary key, place text, code text, value text);
"""
_FILE = "select path, metric, day, rows, first_us, last_us from files"


class Manifest:
    """The manifest of the store in `folder`. Only one process may open it to `write`,
    and only one thread may use it at a time."""

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.folder = folder
        path = folder / MANIFEST
        address = f"{path.absolute().as_uri()}?mode={'rwc' if write else 'ro'}"
        self._base = sqlite3.connect(
            address, uri=True, isolation_level=None, check_same_thread=False
        )
        if write:
            self._base.executescript("pragma journal_mode=wal; pragma synchronous=full;" + _SCHEMA)

    def close(self) -> None:
        """Let the file go."""
        self._base.close()

    @property
    def seq(self) -> int:
        """The number of the newest commit."""
        return self.counts().get("commits", 0)

    def files(
        self, metric: str | None = None, first_us: int | None = None, end_us: int | None = None
    ) -> list[DataFile]:
        """Files that may hold readings of `metric` (or any) from `first_us` and before `end_us`."""
        asked = {"metric = ?": metric, "last_us >= ?": first_us, "first_us < ?": end_us}
        given = {clause: value for clause, value in asked.items() if value is not None}
        clauses = " and ".join(["dropped_us is null", *given])
        found = self._base.execute(
            f"{_FILE} where {clauses} order by metric, day, path", tuple(given.values())
        )
        return list(map(_file, found))

    def since(self, seq: int, metric: str | None = None) -> tuple[int, list[DataFile]]:
        """The number of the newest commit, and the files of those after `seq`, merged since or not.

        Raises `Conflict` ``telemetry_cursor_expired`` where some are gone.
        """
        with self._transaction("deferred") as base:
            counts = self.counts()
            found = base.execute(
                f"{_FILE} where seq > ?1 and not merged and (?2 is null or metric = ?2)"
                " order by seq, path",
                (seq, metric),
            ).fetchall()
        if seq < counts.get("swept", 0):
            raise Conflict(Problem("cursor", "telemetry_cursor_expired", str(seq)))
        return counts.get("commits", 0), list(map(_file, found))

    def counts(self) -> dict[str, int]:
        """Totals since the store began: commits, and what they counted."""
        return dict(self._base.execute("select name, n from counts"))

    def examples(self) -> list[Problem]:
        """The newest refused readings, newest first."""
        found = self._base.execute("select place, code, value from examples order by id desc")
        return [Problem(place, code, value) for place, code, value in found]

    def publish(
        self, added: Sequence[DataFile], counts: Mapping[str, int], examples: Iterable[Problem]
    ) -> int:
        """Make a commit count, durably; its number."""
        with self._transaction() as base:
            _count(base, {**counts, "commits": 1})
            seq = self.seq
            _add(base, added, seq, merged=False)
            base.executemany(
                "insert into examples (place, code, value) values (?, ?, ?)",
                [(e.where, e.code, e.value) for e in examples],
            )
            base.execute(
                "delete from examples where id <= (select max(id) from examples) - ?", (EXAMPLES,)
            )
        return seq

    def replace(self, old: Iterable[DataFile], new: Sequence[DataFile], at: datetime) -> None:
        """Let `new` stand for `old` from now on."""
        with self._transaction() as base:
            base.executemany(
                "update files set dropped_us = ? where path = ?",
                [(microseconds(at), file.path) for file in old],
            )
            _add(base, new, self.seq, merged=True)

    def sweep(self, at: datetime) -> int:
        """Remove dropped files whose grace has ended; how many."""
        limit = (microseconds(at - GRACE),)
        with self._transaction() as base:
            ended = base.execute(
                "select path, seq, merged from files where dropped_us < ?", limit
            ).fetchall()
            base.execute("delete from files where dropped_us < ?", limit)
            last = max((seq for _, seq, merged in ended if not merged), default=0)
            _count(base, {"swept": max(0, last - self.counts().get("swept", 0))})
        for path, *_ in ended:
            (self.folder / path).unlink(missing_ok=True)
        return len(ended)

    def remove_strays(self) -> int:
        """Remove files of commits that broke off before they counted; how many."""
        known = {path for (path,) in self._base.execute("select path from files")}
        found = (self.folder / READINGS).glob("*/*.parquet")
        strays = [p for p in found if p.relative_to(self.folder).as_posix() not in known]
        for path in strays:
            path.unlink()
        return len(strays)

    @contextmanager
    def _transaction(self, kind: str = "immediate") -> Iterator[sqlite3.Connection]:
        """All that is done inside, or nothing."""
        self._base.execute(f"begin {kind}")
        try:
            yield self._base
            self._base.execute("commit")
        except BaseException:
            if self._base.in_transaction:
                self._base.execute("rollback")
            raise


def _add(base: sqlite3.Connection, files: Iterable[DataFile], seq: int, *, merged: bool) -> None:
    base.executemany(
        "insert into files values (?, ?, ?, ?, ?, ?, ?, ?, null)",
        [
            (f.path, f.metric, f.day.isoformat(), f.rows, f.first_us, f.last_us, seq, merged)
            for f in files
        ],
    )


def _count(base: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    base.executemany(
        "insert into counts values (?1, ?2) on conflict do update set n = n + ?2",
        [(name, n) for name, n in counts.items() if n],
    )


def _file(row: tuple[str, str, str, int, int, int]) -> DataFile:
    path, metric, day, *numbers = row
    return DataFile(path, metric, date.fromisoformat(day), *numbers)


def microseconds(at: datetime) -> int:
    """Whole microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND
