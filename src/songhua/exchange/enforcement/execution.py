"""A plan on Parquet files: a connection that sees the columns the plan needs and nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass
from threading import Timer
from typing import TYPE_CHECKING, Any, TypeVar

from songhua.exchange.enforcement.binding import confined
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import duckdb

    from songhua.exchange.enforcement.planning import Plan

T = TypeVar("T")
Batch = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Limits:
    """What one question may use: seconds of computing (waiting for the reader is not counted),
    memory, and the rows of a batch."""

    seconds: float = 30.0
    memory: str = "512MiB"
    batch_rows: int = 5000


def execute(
    plan: Plan, tables: Mapping[str, Sequence[Path]], limits: Limits | None = None
) -> Iterator[Batch]:
    """The plan's rows in batches, in the order of ``plan.columns``; the files of each of its
    datasets are in `tables`.

    Raises `InputError` where the question fails, takes too long or too much memory, and
    `NotAllowed` before the batch that would pass ``plan.most_bytes``. None of them repeats the
    engine's words, which may quote a value.
    """
    import duckdb

    limits = limits or Limits()
    try:
        with confined(limits.memory) as connection:
            _open(connection, plan, tables)
            yield from _bounded(_batches(connection, plan, limits), plan)
    except duckdb.InterruptException:
        raise InputError(Problem("query", "query_too_slow", f"{limits.seconds:g}")) from None
    except duckdb.OutOfMemoryException:
        raise InputError(Problem("query", "query_too_large")) from None
    except duckdb.Error:
        raise InputError(Problem("query", "query_failed")) from None


def _open(
    connection: duckdb.DuckDBPyConnection, plan: Plan, tables: Mapping[str, Sequence[Path]]
) -> None:
    """Show each dataset's needed columns as a view, then shut every other door."""
    paths = [_text(path) for name in plan.sources for path in tables[name]]
    connection.execute(f"SET TimeZone='UTC'; SET allowed_paths=[{', '.join(paths)}]")
    connection.execute("SET enable_external_access=false; SET lock_configuration=true")
    for name, schema in plan.sources.items():
        files = ", ".join(_text(path) for path in tables[name])
        value = 'CAST("{}" AS {})' if files else "CAST(NULL AS {1})"
        columns = [f'{value.format(*column)} AS "{column[0]}"' for column in schema.items()]
        rows = f"FROM read_parquet([{files}])" if files else "WHERE FALSE"
        connection.execute(
            f'CREATE VIEW "{name}" AS SELECT {", ".join(columns) or "TRUE AS present"} {rows}'
        )


def _batches(connection: duckdb.DuckDBPyConnection, plan: Plan, limits: Limits) -> Iterator[Batch]:
    left = limits.seconds

    def timed(work: Callable[[], T]) -> T:
        nonlocal left
        alarm, begun = Timer(left, connection.interrupt), time.monotonic()
        alarm.start()
        try:
            return work()
        finally:
            alarm.cancel()
            left = max(0.0, left - (time.monotonic() - begun))

    timed(lambda: connection.execute(plan.sql, dict(plan.parameters)))
    while batch := timed(lambda: connection.fetchmany(limits.batch_rows)):
        yield batch


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
    return sum(len(str(value).encode()) for row in batch for value in row if value is not None)


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
