"""Text tables: cells between commas, semicolons or tabs, in pieces of bounded size."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, replace
from io import TextIOWrapper
from itertools import islice
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import InputError, Problem
from songhua.runtime.ingest.headings import find
from songhua.runtime.ingest.pieces import LINE, piece
from songhua.tables.grid import Grid
from songhua.tables.header import SEARCHED
from songhua.tables.safe import bare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from songhua.kit.spec import Dataset
    from songhua.kit.terms import Term
    from songhua.runtime.ingest.headings import Headings
    from songhua.runtime.ingest.pieces import Notes, Row

MARKS = (",", ";", "\t")
_LONGEST_LINE = 1024 * 1024
_STEP = 100  # rows between two looks at the size of a piece
_TOLD = re.compile(r"sep=[,;\t]\s*")  # Excel's own first line; it never shows it


class Lines:
    """The lines of a text file with their breaks; `characters` counts those handed out."""

    def __init__(self, source: Path, codec: str, where: str) -> None:
        self._bytes = source.open("rb")
        self._stream = TextIOWrapper(self._bytes, encoding=codec, newline="")
        self._where = where
        self.characters = 0

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def __iter__(self) -> Iterator[str]:
        take = self._stream.readline
        line = take(_LONGEST_LINE).removeprefix("\ufeff")
        if _TOLD.fullmatch(line):
            line = take(_LONGEST_LINE)
        while line:
            if len(line) == _LONGEST_LINE:
                raise InputError(Problem(self._where, "csv_line_too_long", str(_LONGEST_LINE)))
            self.characters += len(line)
            yield line
            line = take(_LONGEST_LINE)

    def bytes_read(self) -> int:
        """How far into the file the reading has come."""
        return self._bytes.tell()


def layout(
    source: Path, codec: str, where: str, dataset: Dataset, terms: Mapping[str, Term]
) -> tuple[Headings, str]:
    """The headings of a text table and the mark between its columns: of comma, semicolon and
    tab, the one under which most headings are found."""
    best: tuple[Headings, str] | None = None
    refusals = []
    for mark in MARKS:
        try:
            rows = _head(source, codec, where, mark)
            found = _trimmed(find(_grid(rows, where), dataset, terms), rows)
        except InputError as error:
            refusals.append(error)
            continue
        if best is None or len(found.position) > len(best[0].position):
            best = found, mark
    if best is None:
        raise refusals[0]
    return best


def _head(source: Path, codec: str, where: str, mark: str) -> list[list[str]]:
    """The rows among which the headings are looked for."""
    rows: list[list[str]] = []
    with Lines(source, codec, where) as lines:
        try:
            rows.extend(islice(csv.reader(lines, delimiter=mark, strict=True), SEARCHED))
        except csv.Error as error:
            if not rows:  # a later one is met again, and named, when the rows are read
                raise _quotes(where, 1, error) from error
    return rows


def _grid(rows: list[list[str]], where: str) -> Grid:
    width = max(map(len, rows), default=0)
    filled = ([*row, *[""] * (width - len(row))] for row in rows)
    return Grid([[cell if cell.strip() else None for cell in row] for row in filled], where)


def _trimmed(headings: Headings, rows: list[list[str]]) -> Headings:
    """The headings as wide as their own row, however wide the rows around it."""
    width = max(len(rows[headings.first - 1]), *(at + 1 for at in headings.position.values()))
    return replace(headings, written=headings.written[:width])


@dataclass(frozen=True)
class Text:
    """A text file whose encoding and column mark are known."""

    source: Path
    codec: str
    mark: str
    where: str

    def pieces(
        self,
        dataset: Dataset,
        headings: Headings,
        size: int,
        notes: Notes,
        tick: Callable[[int], None],
    ) -> Iterator[pl.DataFrame]:
        """The rows under the headings in pieces of about `size` characters.

        A row with more or fewer cells than there are headings is noted and kept, cut or filled
        up. `tick` hears of the bytes read.
        """
        with Lines(self.source, self.codec, self.where) as lines:
            reader = csv.reader(lines, delimiter=self.mark, strict=True)
            number = 1
            rows: list[Row] = []
            try:
                number += sum(1 for _ in islice(reader, headings.first))
                while True:
                    lines.characters, rows = 0, []
                    while lines.characters < size and (some := list(islice(reader, _STEP))):
                        rows += some
                    if not rows:
                        return
                    _fit(rows, len(headings.written), number, self.where, notes)
                    yield _bare(piece(dataset, headings, rows, number, notes))
                    number += len(rows)
                    tick(lines.bytes_read())
            except csv.Error as error:
                raise _quotes(self.where, number + len(rows), error) from error


def _quotes(where: str, row: int, error: csv.Error) -> InputError:
    return InputError(Problem(f"{where} {row}", "table_csv_quotes", str(error), row=row))


def _fit(rows: list[Row], width: int, number: int, where: str, notes: Notes) -> None:
    if set(map(len, rows)) == {width}:
        return
    for at, row in enumerate(rows, start=number):
        if len(row) != width:
            if any(cell and cell.strip() for cell in row):
                notes.add(Problem(where, "csv_ragged", f"{len(row)} / {width}", row=at))
            row[width:] = [""] * (width - len(row))


def _bare(frame: pl.DataFrame) -> pl.DataFrame:
    """Text as it was before an export kept spreadsheets from running it."""
    quoted = pl.exclude(LINE).str.starts_with("'").any()
    changed = [name for name, found in frame.select(quoted).row(0, named=True).items() if found]
    return frame.with_columns(
        pl.Series(name, [bare(text) if text else text for text in frame[name]], pl.String)
        for name in changed
    )
