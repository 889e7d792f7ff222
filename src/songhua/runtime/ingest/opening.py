"""Looks at the content of a file and has it laid out as Parquet parts under declared names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import InputError, Problem
from songhua.runtime.ingest import delimited, worksheet
from songhua.runtime.ingest.columnar import Columnar
from songhua.runtime.ingest.encoding import detect
from songhua.runtime.ingest.pieces import LINE
from songhua.runtime.ingest.progress import watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from songhua.kit.spec import Dataset
    from songhua.kit.terms import Term
    from songhua.runtime.ingest.headings import Headings
    from songhua.runtime.ingest.pieces import Notes

MOST_ROWS = 100_000_000
_PARQUET = (b"PAR1", b"PARE")
_WORKBOOKS = (b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_OTHERS = (b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\x89PNG", b"\xff\xd8\xff")
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|\?xml|html|table|head|meta|body)", re.I)
_DETECTED = 0.1  # of the time that a text file takes to be laid out


@dataclass(frozen=True)
class Layout:
    """A file as Parquet parts: columns by declared name, and `LINE`, the row of each row."""

    parts: list[Path]
    headings: Headings
    rows: int
    encoding: str | None = None

    def frame(self) -> pl.LazyFrame:
        """All parts as one table."""
        return pl.scan_parquet(self.parts, glob=False)

    def lines(self, indices: Iterable[int]) -> dict[int, int]:
        """The spreadsheet rows of rows counted from zero."""
        found = (
            self.frame()
            .select(LINE)
            .with_row_index("index")
            .filter(pl.col("index").is_in(sorted(set(indices))))
            .collect(engine="streaming")
        )
        return dict(found.select("index", LINE).iter_rows())


@dataclass(frozen=True)
class Opening:
    """What it takes to lay a file out; `tell` hears of the share done."""

    source: Path
    where: str
    dataset: Dataset
    terms: Mapping[str, Term]
    work: Path
    notes: Notes
    tell: Callable[[float], None]
    memory_mb: int

    def layout(self) -> Layout:
        """The file laid out by what it holds, whatever it is called."""
        with self.source.open("rb") as stream:
            head = stream.read(4096)
        if head.startswith(_PARQUET):
            return self._parquet()
        if head.startswith(_WORKBOOKS):
            return self._workbook()
        refused = (
            "upload_empty" if not head
            else "upload_html" if _HTML.match(head)
            else "upload_not_text" if head.startswith(_OTHERS)
            else None
        )  # fmt: skip
        if refused:
            raise InputError(Problem(self.where, refused))
        return self._text()

    def _parquet(self) -> Layout:
        table = Columnar(self.source, self.where, self.work, self.memory_mb)
        with table.connection:
            headings = self._noted(table.layout(self.dataset, self.terms))
            self._count(table.rows())
            part = self.work / "part.parquet"
            watched(lambda: table.cut(headings, part), table.share, self.tell)
        rows = pl.scan_parquet(part, glob=False).select(pl.len()).collect().item()
        return Layout([part], headings, rows)

    def _workbook(self) -> Layout:
        grid = worksheet.opened(self.source, self.where)
        headings = self._noted(worksheet.layout(grid, self.where, self.dataset, self.terms))
        return self._kept(worksheet.pieces(grid, self.dataset, headings, self.notes), headings)

    def _text(self) -> Layout:
        size = self.source.stat().st_size
        encoding = detect(self.source, self.where, lambda read: self.tell(_DETECTED * read / size))
        headings, mark = delimited.layout(
            self.source, encoding, self.where, self.dataset, self.terms
        )
        text = delimited.Text(self.source, encoding, mark, self.where)
        pieces = text.pieces(
            self.dataset, self._noted(headings), self.memory_mb * 2**14, self.notes,
            lambda read: self.tell(_DETECTED + (1 - _DETECTED) * read / size),
        )  # fmt: skip
        return self._kept(pieces, headings, encoding)

    def _noted(self, headings: Headings) -> Headings:
        for problem in headings.problems:
            self.notes.add(problem)
        return headings

    def _count(self, rows: int) -> None:
        if rows > MOST_ROWS:
            raise InputError(Problem(self.where, "table_too_many_rows", str(MOST_ROWS)))

    def _kept(
        self, pieces: Iterable[pl.DataFrame], headings: Headings, encoding: str | None = None
    ) -> Layout:
        empty = pl.DataFrame(schema={**dict.fromkeys(headings.position, pl.String), LINE: pl.Int64})
        parts: list[Path] = []
        rows = 0
        labels = self._labels()
        for written in pieces:
            piece = written.with_columns(
                pl.col(name).str.strip_chars().replace(codes)
                for name, codes in labels.items()
                if name in headings.position
            )
            if piece.height:
                self._count(rows := rows + piece.height)
                parts.append(self.work / f"part-{len(parts):06}.parquet")
                piece.write_parquet(parts[-1], compression="lz4")
        if not parts:
            parts.append(self.work / "part.parquet")
            empty.write_parquet(parts[0])
        return Layout(parts, headings, rows, encoding)

    def _labels(self) -> dict[str, dict[str, str]]:
        """For each column with choices: what people call one (医生) → as it is kept (doctor)."""
        return {
            column.name: {
                label: code
                for code in column.choices
                if code in self.terms
                for label in (self.terms[code].zh, self.terms[code].en)
            }
            for column in self.dataset.columns
            if column.choices
        }
