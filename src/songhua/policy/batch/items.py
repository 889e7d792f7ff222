"""Items of a list fact: one long frame, brought together by applicant and summed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Items:
    """Typed items in runs, one for each applicant that has any.

    `starts` (runs) is the first item of each run, `rows` (runs) its applicant's row of `height`.
    """

    frame: pl.DataFrame
    starts: NDArray[np.int64]
    rows: NDArray[np.int64]
    height: int

    @property
    def lengths(self) -> NDArray[np.int64]:
        """How many items each run has."""
        return np.diff(self.starts, append=self.frame.height)

    @property
    def longest(self) -> int:
        return int(self.lengths.max(initial=0))

    def of_applicant(self, fact: pl.Series) -> pl.Series:
        """A whole number of each applicant (no nulls), repeated for each of its items."""
        return pl.Series(np.repeat(fact.to_numpy()[self.rows], self.lengths))

    def sums(self, of: pl.Expr, beside: list[pl.Series]) -> pl.Series:
        """The sum of a whole number over each applicant's items, 0 where there are none.

        `beside` are further columns (items) that `of` may name.
        """
        values = self.frame.with_columns(beside).with_columns(of.fill_null(0).alias("@"))["@"]
        wide = values.dtype == pl.Int128
        exact: NDArray[Any] = (
            np.array(values.to_list(), dtype=object) if wide else values.to_numpy()
        )
        ends = (
            np.append(self.starts[1:], self.frame.height) - 1 if self.starts.size else self.starts
        )
        total = np.zeros(self.height, dtype=exact.dtype)
        total[self.rows] = np.diff(np.cumsum(exact)[ends], prepend=0)  # exact even if it wraps
        return pl.Series(total.tolist() if wide else total, dtype=values.dtype)


def gather(rows: pl.Series, starts: NDArray[np.int64], typed: pl.DataFrame, height: int) -> Items:
    """The `typed` items by applicant; `rows` and `starts` are those of the runs as they came."""
    if rows.n_unique() < len(rows):  # items of one applicant stand apart: bring them together
        typed = typed.with_columns(of_item(rows, starts, typed.height).alias("@row"))
        typed = typed.sort("@row", maintain_order=True)
        starts = runs(typed["@row"])
        rows = typed["@row"].gather(starts)
    return Items(typed, starts, rows.to_numpy(), height)


def of_item(rows: pl.Series, starts: NDArray[np.int64], items: int) -> pl.Series:
    """The applicant's row of each item."""
    return rows.gather(np.repeat(np.arange(len(rows)), np.diff(starts, append=items)))


def rows_of(keys: pl.Series, applicants: pl.Series) -> pl.Series:
    """The row of each key among the `applicants`, null where it is none of them."""
    in_order = applicants.is_in(keys.implode()).arg_true()
    if applicants.gather(in_order).equals(keys):
        return in_order.cast(pl.Int64).set_sorted()
    table = pl.DataFrame({"key": applicants}).with_row_index("row")
    found = keys.to_frame("key").join(table, on="key", how="left", maintain_order="left")
    return found["row"].cast(pl.Int64)


def runs(keys: pl.Series) -> NDArray[np.int64]:
    """Where a new run begins."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    changed = keys.slice(1).ne_missing(keys.slice(0, len(keys) - 1)).to_numpy()
    return np.concatenate([[0], np.flatnonzero(changed) + 1])
