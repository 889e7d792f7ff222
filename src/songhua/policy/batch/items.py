"""Items of a list fact: one long frame, brought together by applicant and summed exactly."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Items:
    """Typed items in runs, one for each applicant that has any, in the order of the applicants.

    Run ``i`` is the items from ``edges[i]`` up to ``edges[i + 1]``, of the applicant in row
    ``rows[i]`` of `height`; `edges` has one more than there are runs.
    """

    frame: pl.DataFrame
    edges: NDArray[np.int64]
    rows: NDArray[np.int64]
    height: int

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many items each run has."""
        return np.diff(self.edges)

    def part(self, first: int, height: int) -> Items:
        """The items of `height` applicants from row `first` on."""
        begin, end = np.searchsorted(self.rows, [first, first + height])
        edges = self.edges[begin : end + 1]
        frame = self.frame.slice(int(edges[0]), int(edges[-1] - edges[0]))
        return Items(frame, edges - edges[0], self.rows[begin:end] - first, height)

    def of_applicant(self, fact: NDArray[Any]) -> NDArray[Any]:
        """A whole number of each applicant, repeated for each of its items."""
        return np.repeat(fact[self.rows], self.lengths)

    def sums(self, each: NDArray[Any]) -> NDArray[Any]:
        """The sum of a whole number over each applicant's items, 0 where there are none."""
        total = np.zeros(self.height, dtype=each.dtype)
        sums = np.cumsum(each)[self.edges[1:] - 1]
        total[self.rows] = np.diff(sums, prepend=0)  # exact even if the running sum wraps
        return total


def gather(rows: pl.Series, edges: NDArray[np.int64], typed: pl.DataFrame, height: int) -> Items:
    """The `typed` items by applicant; `rows` and `edges` are those of the runs as they came."""
    if not (np.diff(rows.to_numpy()) > 0).all():  # not in the order of the applicants
        typed = typed.with_columns(of_item(rows, edges).alias("@row"))
        typed = typed.sort("@row", maintain_order=True)
        edges, rows = runs(typed["@row"])
    return Items(typed, edges, rows.to_numpy(), height)


def of_item(rows: pl.Series, edges: NDArray[np.int64]) -> pl.Series:
    """The applicant's row of each item."""
    return rows.gather(np.repeat(np.arange(len(rows)), np.diff(edges)))


def rows_of(keys: pl.Series, applicants: pl.Series) -> pl.Series:
    """The row of each key among the `applicants`, null where it is none of them."""
    if keys.equals(applicants):
        return pl.int_range(len(keys), eager=True)
    in_order = applicants.is_in(keys.implode()).arg_true()
    if applicants.gather(in_order).equals(keys):
        return in_order.cast(pl.Int64)
    table = pl.DataFrame({"key": applicants}).with_row_index("row")
    found = keys.to_frame("key").join(table, on="key", how="left", maintain_order="left")
    return found["row"].cast(pl.Int64)


def runs(keys: pl.Series) -> tuple[NDArray[np.int64], pl.Series]:
    """Where equal keys that stand together begin, and the end of all; the key of each run."""
    begins = np.ones(len(keys) + 1, dtype=np.bool_)
    if keys.dtype.is_integer() and not keys.null_count():
        whole = keys.to_numpy()
        np.not_equal(whole[1:], whole[:-1], out=begins[1:-1])
    elif len(keys):
        begins[1:-1] = keys.slice(1).ne_missing(keys.slice(0, len(keys) - 1)).to_numpy()
    return np.flatnonzero(begins), keys.filter(pl.Series(begins[:-1]))
