"""What somebody who knows the quasi-identifiers of a person can learn from a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.exchange.privacy.anonymity import (
    closeness,
    distinct_diversity,
    entropy_diversity,
    equivalence_classes,
)
from songhua.exchange.privacy.lattice import Sensitive

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from songhua.exchange.privacy.anonymity import Codes


@dataclass(frozen=True)
class Diversity:
    """The worst class of one sensitive column: fewest distinct values, least exp-entropy, greatest
    distance from the whole table."""

    distinct: int
    entropy: float
    t: float


@dataclass(frozen=True)
class Risk:
    """What the named quasi-identifiers leave: `k` is the smallest class, None for an empty table;
    `alone` counts rows without a double."""

    quasi_identifiers: tuple[str, ...]
    rows: int
    classes: int
    k: int | None
    alone: int
    diversity: Mapping[str, Diversity]

    @property
    def average(self) -> float | None:
        """The chance to pick the right row of a person known to be in the table."""
        return self.classes / self.rows if self.rows else None


def measure(
    frame: pl.DataFrame, quasi_identifiers: Sequence[str], sensitive: Sequence[str] = ()
) -> Risk:
    """k-anonymity, l-diversity and t-closeness of a table as it stands.

    >>> import polars as pl
    >>> table = pl.DataFrame({"age": [20, 20, 30, 30], "ill": ["a", "b", "c", "c"]})
    >>> found = measure(table, ["age"], ["ill"])
    >>> found.k, found.diversity["ill"].distinct
    (2, 1)
    """
    rows = frame.height
    classes = equivalence_classes([codes(frame[name]) for name in quasi_identifiers], rows)
    sizes = np.bincount(classes)
    worst = {name: _worst(classes, coded(frame[name])) for name in sensitive} if rows else {}
    k = int(sizes.min()) if rows else None
    return Risk(tuple(quasi_identifiers), rows, len(sizes), k, int((sizes == 1).sum()), worst)


def codes(column: pl.Series) -> Codes:
    """A number for each distinct value, in the values' order; an empty cell is 0."""
    import polars as pl

    if column.dtype.is_nested():
        column = pl.Series([str(each) for each in column.to_list()], dtype=pl.String)
    ranks = column.rank("dense").fill_null(0)
    return np.asarray(ranks.to_numpy(), dtype=np.int64)


def coded(column: pl.Series) -> Sensitive:
    """A sensitive column as the measures take it: numbers and times have an order, texts none."""
    return Sensitive(codes(column), column.dtype.is_numeric() or column.dtype.is_temporal())


def _worst(classes: Codes, column: Sensitive) -> Diversity:
    return Diversity(
        int(distinct_diversity(classes, column.codes).min()),
        float(entropy_diversity(classes, column.codes).min()),
        float(closeness(classes, column.codes, column.ordered).max()),
    )
