"""A plan on Parquet files: a connection that sees the columns the plan needs and nothing else."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, TypeVar

from songhua.exchange.enforcement.binding import confined
from songhua.exchange.enforcement.pool import Pool
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    import duckdb

    from songhua.exchange.enforcement.planning import Plan

T = TypeVar("T")
WATCH_SECONDS = 0.05
Batch = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Limits:
    """What one question may use: seconds of computing (waiting for the reader is not counted),
    memory, and the rows of a batch."""

    seconds: float = 30.0
    memory: str = "512MiB"
    batch_rows: int = 5000


def execute(
    plan: Plan,
    tables: Mapping[str, Sequence[Path]],
    limits: Limits | None = None,
    readers: Readers | None = None,
) -> Iterator[Batch]:
    """The plan's rows in batches, in the order of ``plan.columns``; the files of each of its
    datasets are in `tables`. With `readers`, a connection that is open on just these files and
    columns is used again.

    Raises `InputError` where the question fails, takes too long or too much memory, and
    `NotAllowed` before the batch that would pass ``plan.most_bytes``. None of them repeats the
    engine's words, which may quote a value.
    """
    import duckdb

    limits = limits or Limits()
    try:
        with (readers or Readers(0)).open(plan, tables, limits) as connection:
            yield from _bounded(_batches(connection, plan, limits), plan)
    except duckdb.InterruptException:
        raise InputError(Problem("query", "query_too_slow", f"{limits.seconds:g}")) from None
    except duckdb.OutOfMemoryException:
        raise InputError(Problem("query", "query_too_large")) from None
    except duckdb.Error:
        raise InputError(Problem("query", "query_failed")) from None


class Readers:
    """Connections that were opened and shut in by earlier plans, the `most` last used ones.

    Which columns of which files a connection shows is fixed when it is opened, and is the key
    under which it waits: it never sees more than the plan that takes it up. Files must not change
    under their names.
    """

    def __init__(self, most: int = 32) -> None:
        self._pool = Pool(most)

    def open(
        self, plan: Plan, tables: Mapping[str, Sequence[Path]], limits: Limits
    ) -> AbstractContextManager[duckdb.DuckDBPyConnection]:
        """A connection for one question."""

        def opened() -> duckdb.DuckDBPyConnection:
            connection = confined(limits.memory)
            _open(connection, plan, tables)
            return connection

        return self._pool.connection((limits.memory, _view_texts(plan, tables)), opened)


def _open(
    connection: duckdb.DuckDBPyConnection, plan: Plan, tables: Mapping[str, Sequence[Path]]
) -> None:
    """Show each dataset's needed columns as a view, then shut every other door."""
    paths = [_text(path) for name in plan.sources for path in tables[name]]
    connection.execute(f"SET TimeZone='UTC'; SET allowed_paths=[{', '.join(paths)}]")
    connection.execute("SET enable_external_access=false; SET lock_configuration=true")
    for text in _view_texts(plan, tables):
        connection.execute(text)


def _view_texts(plan: Plan, tables: Mapping[str, Sequence[Path]]) -> tuple[str, ...]:
    return tuple(_view_text(name, plan.sources[name], tables[name]) for name in plan.sources)


def _view_text(name: str, schema: Mapping[str, str], paths: Sequence[Path]) -> str:
    files = ", ".join(_text(path) for path in paths)
    value = 'CAST("{}" AS {})' if files else "CAST(NULL AS {1})"
    columns = [f'{value.format(*column)} AS "{column[0]}"' for column in schema.items()]
    rows = f"FROM read_parquet([{files}])" if files else "WHERE FALSE"
    return f'CREATE VIEW "{name}" AS SELECT {", ".join(columns) or "TRUE AS present"} {rows}'


def _batches(connection: duckdb.DuckDBPyConnection, plan: Plan, limits: Limits) -> Iterator[Batch]:
    left = limits.seconds

    def timed(work: Callable[[], T]) -> T:
        nonlocal left
        begun = time.monotonic()
        with _watch.over(connection, begun + left):
            found = work()
        left = max(0.0, left - (time.monotonic() - begun))
        return found

    timed(lambda: connection.execute(plan.sql, dict(plan.parameters)))
    while batch := timed(lambda: connection.fetchmany(limits.batch_rows)):
        yield batch


class _Watch:
    """One thread that interrupts the questions whose time is over."""

    def __init__(self) -> None:
        self._ends: dict[object, tuple[float, duckdb.DuckDBPyConnection]] = {}
        self._news = Condition()
        self._thread: Thread | None = None

    @contextmanager
    def over(self, connection: duckdb.DuckDBPyConnection, end: float) -> Iterator[None]:
        """Interrupt `connection` if this block is not left before the monotonic time `end`."""
        key = object()
        with self._news:
            self._ends[key] = (end, connection)
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._keep, daemon=True)
                self._thread.start()
            elif len(self._ends) == 1:
                self._news.notify()
        try:
            yield
        finally:
            with self._news:
                del self._ends[key]

    def _keep(self) -> None:
        while True:
            with self._news:
                if not self._ends:
                    self._news.wait()
                now = time.monotonic()
                for end, connection in self._ends.values():
                    if end <= now:
                        connection.interrupt()
            time.sleep(WATCH_SECONDS)


_watch = _Watch()


def _bounded(batches: Iterator[Batch], plan: Plan) -> Iterator[Batch]:
    delivered = 0
    for batch in batches:
        delivered += size(batch)
        if plan.most_bytes is not None and delivered > plan.most_bytes:
            names = ", ".join(plan.touched)
            raise NotAllowed(Problem("query", "query_volume_spent", names))
        yield batch


def size(batch: Batch) -> int:
    """The bytes of a batch's values as UTF-8 text, which is what the daily volume counts.

    >>> size([("道里", 12, None)])
    8
    """
    texts = [str(value) for row in batch for value in row if value is not None]
    return len("".join(texts).encode())


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
