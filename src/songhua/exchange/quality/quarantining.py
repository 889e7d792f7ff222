"""Splits a delivered file into the rows that may be published and those to be mended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING

import numpy as np
import polars as pl

from songhua.exchange.quality.checking import LISTED, Check
from songhua.exchange.quality.defect_file import DEFECTS_FILE
from songhua.exchange.quality.reading import ROW
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date

    from songhua.exchange.quality.reading import Chunk
    from songhua.exchange.quality.report import Report
    from songhua.exchange.quality.rules import Rules


@dataclass(frozen=True)
class Quarantine:
    """The report of a file, and its rows in two files under the same headings, byte for byte."""

    report: Report
    clean: Path
    clean_rows: int
    quarantined: Path
    quarantined_rows: int


def quarantine(
    source: Path | str,
    rules: Rules,
    folder: Path,
    *,
    day: date | None = None,
    previous_rows: int | None = None,
    references: Mapping[str, Collection[str] | pl.Series] | None = None,
    listed: int = LISTED,
) -> Quarantine:
    """Put a text file's rows without errors into ``folder/clean.csv``, the others into
    ``folder/quarantined.csv`` and all defects into ``folder/defects.parquet``.

    `folder` appears whole, when all of it is written, or not at all. Every row keeps its bytes
    (encoding, quotes, line break), so the second file can be mended and checked again; empty lines
    are in neither. Of rows with the same key, the first is clean. Where the headings are wrong no
    row is clean. Whether the table is stale or has lost rows is for the report to say. The other
    arguments and the `InputError` are those of `check`; further, `folder` must not exist.
    """
    source, folder = Path(source), Path(folder)
    if folder.exists():
        raise InputError(Problem("folder", "out_not_empty", str(folder)))
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=".quarantine-") as outer:
        work = Path(outer) / "work"
        work.mkdir()
        check = Check(source, rules, day, previous_rows, references, listed)
        with (work / "clean.csv").open("wb") as clean, (work / "quarantined.csv").open("wb") as bad:
            split = _Split(clean, bad, check.source.head, nothing_clean=bool(check.flaws))
            report = check.run(work, split.add)
        work.rename(folder)
    return Quarantine(
        replace(report, defects=folder / DEFECTS_FILE),
        folder / "clean.csv", split.clean_rows, folder / "quarantined.csv", split.bad_rows,
    )  # fmt: skip


class _Split:
    """Two files that begin with the same headings."""

    def __init__(
        self, clean: IO[bytes], bad: IO[bytes], head: bytes, *, nothing_clean: bool
    ) -> None:
        self._clean, self._bad, self._nothing_clean = clean, bad, nothing_clean
        self.clean_rows = self.bad_rows = 0
        for stream in (clean, bad):
            stream.write(head)

    def add(self, chunk: Chunk, defects: pl.DataFrame) -> None:
        """Write each row of a chunk into one of the files, in order."""
        errors = defects.filter(pl.col("severity") == "error")["row"].unique()
        bad = np.ones(len(chunk.spans), bool)
        if not self._nothing_clean:
            bad[: chunk.frame.height] = chunk.frame[ROW].is_in(errors.implode()).to_numpy()
        order = np.argsort(chunk.spans[:, 0])
        spans, bad = chunk.spans[order], bad[order]
        self.bad_rows += int(bad.sum())
        self.clean_rows += int((~bad).sum())
        # Neighbours that go into the same file, with no empty line between, are written together.
        parted = (bad[1:] != bad[:-1]) | (spans[1:, 0] != spans[:-1, 1])
        bounds = (
            np.r_[0, np.flatnonzero(parted) + 1, len(spans)] if len(spans) else np.zeros(1, int)
        )
        for first, end in pairwise(bounds):
            stream = self._bad if bad[first] else self._clean
            stream.write(chunk.raw[spans[first, 0] : spans[end - 1, 1]].tobytes())
