"""A mark in the least figures of a table that tells to whom it was given."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.exchange.privacy.units import Code, Mark, check_marks, ticks

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl
    from numpy.typing import NDArray

    from songhua.exchange.privacy.units import Ints


@dataclass(frozen=True)
class Marked:
    """The table for one recipient; `units` is how many independent places carry its mark. A
    hundred of them left in a leak are enough to name who leaked it."""

    frame: pl.DataFrame
    units: int
    changed_cells: int


def watermark(
    frame: pl.DataFrame,
    marks: Sequence[Mark],
    secret: bytes,
    recipient: str,
    keys: Sequence[str] = (),
) -> Marked:
    """The table with the mark of `recipient` in the columns of `marks`.

    No figure moves by more than its step, none leaves its type, its range or zero, empty cells stay
    empty, and the same delivery twice is the same. `keys` names the columns that must not change:
    keys, and quasi-identifiers whose classes were counted. Raises ``watermark_column``.

    >>> import polars as pl
    >>> table = pl.DataFrame({"home": range(1000), "use": [100.0 + n / 10 for n in range(1000)]})
    >>> marked = watermark(table, [Mark("use", Decimal("0.1"))], bytes(32), "tax bureau", ["home"])
    >>> float((marked.frame["use"] - table["use"]).abs().max().__round__(6)), marked.units
    (0.1, 500)
    """
    check_marks(marks, frame, keys)
    code, units, changed = Code(secret), 0, 0
    for mark in marks:
        column, steps, found = _marked(frame[mark.column], mark, code, recipient)
        frame = frame.with_columns(column)
        units += found
        changed += int(np.count_nonzero(steps))
    return Marked(frame, units, changed)


def _marked(
    column: pl.Series, mark: Mark, code: Code, recipient: str
) -> tuple[pl.Series, Ints, int]:
    """The column with its mark, by how many steps each figure moved, and how many units it has."""
    counted, usable = ticks(column, mark)
    usable &= _within(counted >> 1, mark, column)
    units, place = np.unique(counted[usable] >> 1, return_inverse=True)
    steps = np.zeros(len(column), dtype=np.int64)
    bits = code.bits(recipient, mark.column, units, code.probabilities(mark.column, units))
    steps[usable] = bits[place] - (counted[usable] & 1)
    return _moved(column, steps, mark), steps, len(units)


def _within(units: Ints, mark: Mark, column: pl.Series) -> NDArray[np.bool_]:
    """Where both neighbours of the pair, with what a figure has beyond whole steps, lie in the
    range that is declared and that the type holds."""
    low, high = mark.low, mark.high
    if column.dtype.is_integer():
        least, most = _limits(column)
        low = max(Decimal(least), mark.low) if mark.low is not None else Decimal(least)
        high = min(Decimal(most), mark.high) if mark.high is not None else Decimal(most)
    within = np.ones(len(units), dtype=np.bool_)
    if low is not None:
        within &= 2 * units - 1 >= np.ceil(float(low / mark.step))
    if high is not None:
        within &= 2 * units + 2 <= np.floor(float(high / mark.step))
    return within


def _limits(column: pl.Series) -> tuple[int, int]:
    import polars as pl

    kind: Any = column.dtype
    ends = pl.select(kind.min().alias("low"), kind.max().alias("high"))
    return int(ends["low"][0]), int(ends["high"][0])


def _moved(column: pl.Series, steps: Ints, mark: Mark) -> pl.Series:
    """The figures moved by whole steps, in their own type; those that stay are not touched."""
    import polars as pl

    move = pl.Series(steps)
    if column.dtype.is_integer():
        moved = column.cast(pl.Int64, strict=False) + move * int(mark.step)
    elif column.dtype.is_decimal():
        moved = column + move.cast(column.dtype) * mark.step
    else:
        moved = (column + move * float(mark.step)).round(mark.decimals + 6)
    moved = moved.cast(column.dtype).alias(column.name)
    return column.zip_with(pl.Series(steps == 0), moved)
