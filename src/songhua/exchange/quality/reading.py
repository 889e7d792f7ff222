"""A table as chunks of text cells, each row under the number it has in a spreadsheet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from songhua.exchange.quality.encoding import GB18030, LOST, UTF8, detect, to_utf8
from songhua.exchange.quality.report import SHOWN, Defect
from songhua.exchange.quality.scanning import BLANK, GOOD, LONGEST_ROW, QUOTE, gather, scan
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

CHUNK = 16 * 1024 * 1024
ROW = "row"
MOST_COLUMNS = 4096
_MARKS = b",;\t"
_DAMAGES = ("\0", LOST)
_CELLS = 2**21  # cells of a chunk
_BATCH = 100_000  # rows of a chunk of a table that is no file
_SEARCHED = 20  # rows among which the headings are looked for
_REFUSED = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"\xff\xfe", b"\xfe\xff", b"%PDF", b"\x1f\x8b")


@dataclass(frozen=True)
class Chunk:
    """Some rows of a table. `frame` holds those that have a cell under every heading: `ROW` and
    the cells as text, by position ("0", "1", …). `broken` tells what is wrong with the others.
    `spans` cuts `raw` into the text of the rows: first those of `frame`, then those of `broken`;
    empty lines are in neither. In the columns of `sound` there is neither a NUL nor `LOST`; in
    those of `plain`, which are sound, nothing but ASCII and no blank at either end of a cell."""

    frame: pl.DataFrame
    broken: list[Defect]
    raw: NDArray[np.uint8]
    spans: NDArray[np.int64]
    plain: frozenset[int] = frozenset()
    sound: frozenset[int] = frozenset()


class Delimited:
    """A text file under one row of headings, read in chunks.

    `headings` are stripped of outer blanks, `encoding` is ``utf-8`` or ``gb18030``, `head` the
    bytes before the first row of data. Raises `InputError` for what is not a text table.
    """

    def __init__(self, path: Path, wanted: Collection[str]) -> None:
        self.path, self.encoding = path, detect(path)
        with path.open("rb") as stream:
            first = stream.read(LONGEST_ROW)
        if first.startswith(_REFUSED):
            raise InputError(Problem(path.name, "quality_not_text"))
        tried = [_heading(first, mark, self.encoding) for mark in _MARKS]
        known = [sum(name in wanted for name in headings) for headings, _, _ in tried]
        best = max(range(len(_MARKS)), key=lambda i: (known[i], len(tried[i][0])))
        self.mark = _MARKS[best]
        self.headings, end, self._skipped = tried[best]
        self.head = first[:end]

    def chunks(self) -> Iterator[Chunk]:
        """The rows under the headings."""
        width = len(self.headings)
        rows = _Rows.empty(max(1, _CELLS // width) if width else 1, width)
        number, rest, final = self._skipped + 2, b"", False
        with self.path.open("rb") as stream:
            stream.seek(len(self.head))
            while rest or not final:
                wanted = max(0, CHUNK - len(rest))
                read = stream.read(wanted)
                final = final or len(read) < wanted
                raw = np.frombuffer(rest + read, np.uint8)
                found = rows.scanned(raw, self.mark, final)
                if not found.kinds.size and raw.size:
                    raise InputError(Problem(self.path.name, "csv_line_too_long", str(CHUNK)))
                yield self._chunk(raw, number, found)
                number += found.kinds.size
                rest = raw[found.starts[-1] :].tobytes()

    def _chunk(self, raw: NDArray[np.uint8], number: int, rows: _Rows) -> Chunk:
        width = len(self.headings)
        fits = (rows.kinds == GOOD) & (rows.widths == width)
        good, broken = np.flatnonzero(fits), np.flatnonzero(~fits & (rows.kinds != BLANK))
        damaged = self.encoding == UTF8 and not _decodes(raw)
        columns = [
            _column(raw, rows.begins[at, good], rows.ends[at, good], self.encoding, damaged)
            for at in range(width)
        ]
        frame = pl.DataFrame(
            [pl.Series(ROW, good + number, pl.Int64)]
            + [column.alias(str(at)) for at, (column, *_) in enumerate(columns)]
        )
        plain, sound = (
            frozenset(at for at, column in enumerate(columns) if column[which]) for which in (1, 2)
        )
        placed = np.concatenate([good, broken])
        spans = np.column_stack([rows.starts[placed], rows.starts[placed + 1]])
        faults = [self._fault(raw, rows, r, number) for r in broken]
        return Chunk(frame, faults, raw, spans, plain, sound)

    def _fault(self, raw: NDArray[np.uint8], rows: _Rows, row: np.intp, number: int) -> Defect:
        if rows.kinds[row] == GOOD:
            seen = f"{rows.widths[row]} / {len(self.headings)}"
            return Defect(number + int(row), None, "csv_ragged", seen)
        text = raw[rows.starts[row] : rows.starts[row + 1]].tobytes()
        at = rows.widths[row] - 1
        column = self.headings[at] if at < len(self.headings) else None
        shown = text.decode(self.encoding, errors="replace").rstrip("\r\n")[:SHOWN]
        return Defect(number + int(row), column, "quality_quotes", shown)


@dataclass(frozen=True)
class _Rows:
    """What `scan` finds, one entry a row."""

    starts: NDArray[np.int64]
    kinds: NDArray[np.int8]
    widths: NDArray[np.int32]
    begins: NDArray[np.int32]
    ends: NDArray[np.int32]

    @classmethod
    def empty(cls, most: int, width: int) -> _Rows:
        cells = (width, most)
        return cls(
            np.zeros(most + 1, np.int64), np.empty(most, np.int8), np.empty(most, np.int32),
            np.empty(cells, np.int32), np.empty(cells, np.int32),
        )  # fmt: skip

    def scanned(self, raw: NDArray[np.uint8], mark: int, final: bool) -> _Rows:
        n = scan(
            raw, mark, final, self.starts, self.kinds, self.widths, self.begins, self.ends
        )  # fmt: skip
        return _Rows(
            self.starts[: n + 1],
            self.kinds[:n],
            self.widths[:n],
            self.begins[:, :n],
            self.ends[:, :n],
        )


def _heading(first: bytes, mark: int, encoding: str) -> tuple[list[str], int, int]:
    """The cells of the first row that is not blank, where it ends, and the blank rows before it."""
    raw = np.frombuffer(first, np.uint8)
    rows = _Rows.empty(_SEARCHED, MOST_COLUMNS).scanned(raw, mark, True)
    for number in np.flatnonzero(rows.kinds != BLANK)[:1]:
        if rows.kinds[number] == QUOTE:
            raise InputError(Problem(str(number + 1), "quality_quotes", row=int(number) + 1))
        width = min(rows.widths[number], MOST_COLUMNS)
        texts = [
            first[b : abs(e)].decode(encoding, errors="replace").replace('""', '"')
            for b, e in zip(rows.begins[:width, number], rows.ends[:width, number], strict=True)
        ]
        texts[0] = texts[0].removeprefix("\ufeff")
        return [text.strip() for text in texts], int(rows.starts[number + 1]), int(number)
    return [], len(first), 0


def _decodes(raw: NDArray[np.uint8]) -> bool:
    try:
        raw.tobytes().decode(UTF8)
    except UnicodeDecodeError:
        return False
    return True


def _column(
    raw: NDArray[np.uint8],
    begins: NDArray[np.int32],
    ends: NDArray[np.int32],
    encoding: str,
    damaged: bool,
) -> tuple[pl.Series, bool, bool]:
    """The cells of one column, and whether it is plain and sound as `Chunk` says."""
    import pyarrow as pa

    data = np.empty(int((np.abs(ends) - begins).sum()), np.uint8)
    offsets = np.zeros(begins.size + 1, np.int64)
    plain = bool(gather(raw, begins, ends, data, offsets))
    if encoding == GB18030 and not plain:
        data, offsets = to_utf8(data, offsets)
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(data)]
    if damaged:
        cells = pa.Array.from_buffers(pa.large_binary(), begins.size, buffers).to_pylist()
        texts = [cell.decode(UTF8, errors="replace") for cell in cells]
        return pl.Series(texts, dtype=pl.String), plain, False
    column = pl.Series(pa.Array.from_buffers(pa.large_string(), begins.size, buffers))
    held = b"" if plain else data.tobytes()
    return column, plain, not any(sign.encode() in held for sign in _DAMAGES)


class Framed:
    """A polars table, its rows numbered as if under one row of headings."""

    encoding = None
    head = b""

    def __init__(self, frame: pl.LazyFrame) -> None:
        schema = frame.collect_schema()
        self.headings = schema.names()
        nested = [name for name, kind in schema.items() if kind.is_nested() or kind == pl.Binary]
        if nested:
            raise InputError([Problem(name, "parquet_nested", name) for name in nested])
        self._frame = frame

    def chunks(self) -> Iterator[Chunk]:
        """The rows in batches, every value as its text."""
        number = 2
        for batch in self._frame.collect_batches(chunk_size=_BATCH, maintain_order=True):
            cells = batch.select(
                pl.col(name).cast(pl.String).alias(str(at)) for at, name in enumerate(batch.columns)
            )
            frame = cells.with_row_index(ROW, number).with_columns(pl.col(ROW).cast(pl.Int64))
            yield Chunk(frame, [], np.empty(0, np.uint8), np.empty((0, 2), np.int64))
            number += batch.height
