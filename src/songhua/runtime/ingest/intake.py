"""From a file to a conformed Parquet file in bounded memory, whatever the format."""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from songhua.kit.conform import SHOWN, examine
from songhua.kit.errors import InputError, Problem
from songhua.runtime.ingest.opening import Opening
from songhua.runtime.ingest.pieces import FULL, Notes
from songhua.runtime.ingest.progress import Progress, watched
from songhua.runtime.store import digest_of
from songhua.tables.guard import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from songhua.kit.spec import Dataset
    from songhua.kit.terms import Term
    from songhua.runtime.ingest.opening import Layout

ROW_GROUP = 100_000
_LAID_OUT, _WRITTEN = 0.5, 0.98  # shares of the whole time after which a stage is over


@dataclass(frozen=True)
class Ingested:
    """The conformed table, or why there is none.

    `path` is the Parquet file (None where refused), `digest` its SHA-256 ("" where refused),
    `rows` the rows read, `columns_left_out` the headings that the dataset does not declare. A
    problem has the row as a spreadsheet counts (a Parquet table as if under one row of headings)
    and the heading as the file writes it. `encoding` is that of a text file.
    """

    path: Path | None
    digest: str
    rows: int
    columns_left_out: tuple[str, ...]
    problems: tuple[Problem, ...]
    encoding: str | None


def ingest(
    source: Path,
    filename: str,
    dataset: Dataset,
    terms: Mapping[str, Term],
    folder: Path,
    *,
    progress: Callable[[float], None] = lambda share: None,
    memory_mb: int = 512,
) -> Ingested:
    """Bring `source` into `folder` as ``<digest>.parquet``, or say everything wrong with it.

    Text (UTF-8, GB18030, UTF-16), Excel and Parquet are told apart by their content; the same
    rows give the same digest from each. `memory_mb` sets the size of the pieces in which the file
    is read. `OSError` (a full disk) passes; nothing is then left in `folder`.
    """
    where, notes, told = shown(filename), Notes(), Progress(progress)
    laid: Layout | None = None
    done: Path | None = None
    digest = ""
    with _disk(), TemporaryDirectory(dir=folder, prefix=".ingest-") as name:
        work = Path(name)
        try:
            laid = Opening(
                source, where, dataset, terms, work, notes, told.within(0, _LAID_OUT), memory_mb
            ).layout()
            written = _conformed(laid, dataset, work, notes, told.within(_LAID_OUT, _WRITTEN))
            if written:
                digest = digest_of(written)
                done = written.replace(folder / f"{digest}.parquet")
        except InputError as error:
            notes.problems += error.problems
    told.reach(1.0)
    return Ingested(
        done, digest, laid.rows if laid else 0, laid.headings.left_out if laid else (),
        _listed(notes, where), laid.encoding if laid else None,
    )  # fmt: skip


@contextmanager
def _disk() -> Iterator[None]:
    """A full disk is an `OSError`, whichever engine ran into it."""
    try:
        yield
    except (pl.exceptions.PolarsError, duckdb.Error) as error:
        if FULL in str(error):
            raise OSError(errno.ENOSPC, FULL) from error
        raise


def _conformed(
    laid: Layout, dataset: Dataset, work: Path, notes: Notes, tell: Callable[[float], None]
) -> Path | None:
    """The typed table as a file, or None with the problems noted."""
    seen, out = [0], work / "conformed.parquet"
    passes = 4 if dataset.key else 3  # counting, cells, keys, writing

    def counted(piece: pl.DataFrame) -> pl.DataFrame:
        seen[0] += piece.height
        return piece

    def work_through() -> bool:
        frame = laid.frame().map_batches(counted, streamable=True)
        found = examine(dataset, frame, first_row=0)
        notes.problems += _placed(found.problems, laid)
        if notes.problems:
            return False
        found.frame.sink_parquet(out, compression="zstd", row_group_size=ROW_GROUP)
        return True

    total = max(1, passes * laid.rows)
    return out if watched(work_through, lambda: seen[0] / total, tell) else None


def _placed(problems: tuple[Problem, ...], laid: Layout) -> list[Problem]:
    """The problems with rows and headings as the file has them."""
    lines = laid.lines(p.row for p in problems if p.row is not None)
    return [
        replace(
            p,
            row=None if p.row is None else lines[p.row],
            column=None if p.column is None else laid.headings.heading(p.column),
        )
        for p in problems
    ]


def _listed(notes: Notes, where: str) -> tuple[Problem, ...]:
    """The problems by row, and the number of those beyond `SHOWN`."""
    named = sorted(
        (p for p in notes.problems if p.code != "more_problems"), key=lambda p: p.row or 0
    )
    more = notes.more + sum(int(p.value) for p in notes.problems if p.code == "more_problems")
    if more := more + len(named[SHOWN:]):
        return *named[:SHOWN], Problem(where, "more_problems", str(more))
    return tuple(named)
