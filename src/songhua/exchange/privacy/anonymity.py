"""How well a person hides among others: k-anonymity, l-diversity, t-closeness.

Rows that agree on all quasi-identifiers form a class; an empty cell is a value like any other.
Everything is computed on codes: `classes` and the sensitive `values` are int arrays (n,) counted
from 0.

Sources: Samarati 2001; Machanavajjhala et al. 2007; Li, Li & Venkatasubramanian 2007.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Codes = NDArray[np.int64]
    Floats = NDArray[np.float64]


def equivalence_classes(columns: Sequence[Codes], rows: int) -> Codes:
    """The class of each row, (rows,): equal where all columns are. No column makes one class.

    >>> equivalence_classes([np.array([0, 0, 1]), np.array([5, 5, 5])], 3)
    array([0, 0, 1])
    """
    classes, span = np.zeros(rows, dtype=np.int64), 1
    for column in columns:
        width = int(column.max(initial=0)) + 1
        if span * width >= 1 << 62:
            classes = np.unique(classes, return_inverse=True)[1]
            span = rows
        classes, span = classes * width + column, span * width
    return np.unique(classes, return_inverse=True)[1].astype(np.int64)


def distinct_diversity(classes: Codes, values: Codes) -> Codes:
    """How many different sensitive values each class holds (distinct l-diversity).

    >>> distinct_diversity(np.array([0, 0, 1, 1]), np.array([3, 4, 3, 3]))
    array([2, 1])
    """
    return np.bincount(_pairs(classes, values)[0])


def entropy_diversity(classes: Codes, values: Codes) -> Floats:
    """exp of the entropy of each class's sensitive values: the number of equally frequent values
    that would be as uncertain (entropy l-diversity).

    >>> entropy_diversity(np.array([0, 0, 1, 1]), np.array([3, 4, 3, 3])).tolist()
    [2.0, 1.0]
    """
    group, _, share = _pairs(classes, values)
    return np.asarray(np.exp(-np.bincount(group, share * np.log(share))))


def closeness(classes: Codes, values: Codes, ordered: bool) -> Floats:
    """The earth mover's distance, 0 to 1, of each class's sensitive values from the table's.

    Between unordered values every move costs 1; between ordered ones their difference in rank over
    the number of ranks less one (codes must follow the order).

    >>> closeness(np.array([0, 0, 1, 1]), np.array([0, 1, 2, 3]), ordered=False).tolist()
    [0.5, 0.5]
    """
    ranks = np.unique(values, return_inverse=True)[1].astype(np.int64)
    group, value, share = _pairs(classes, ranks)
    overall = np.bincount(ranks) / max(len(ranks), 1)
    if not ordered:  # what a class holds too much of, all of which has to be moved
        return np.asarray(np.bincount(group, np.maximum(share - overall[value], 0)))
    return _rank_distance(group, value, share, np.cumsum(overall))


def _rank_distance(group: Codes, value: Codes, share: Floats, table: Floats) -> Floats:
    """Sum over ranks of |cumulative share in the class - `table`, that of all|, by class.

    A class's cumulative share is a staircase: constant from each value it holds to the next. On
    such a step the table's, which only rises, crosses it once, so prefix sums give the area.
    """
    first = np.concatenate([[True], group[1:] != group[:-1]])[: len(group)]
    last = np.concatenate([first[1:], [True]])[: len(group)]
    rising = np.cumsum(share)
    height = rising - (rising - share)[first][group]
    stop = np.where(last, len(table), np.concatenate([value[1:], [0]])[: len(group)])
    prefix = np.concatenate([[0.0], np.cumsum(table)])
    middle = np.clip(np.searchsorted(table, height), value, stop)
    below = height * (middle - value) - (prefix[middle] - prefix[value])
    above = (prefix[stop] - prefix[middle]) - height * (stop - middle)
    before = np.where(first, prefix[value], 0.0)
    area = np.bincount(group, below + above + before)
    return np.asarray(area / max(len(table) - 1, 1))


def _pairs(classes: Codes, values: Codes) -> tuple[Codes, Codes, Floats]:
    """Each class with each value in it, in that order, and its share of the class's rows."""
    span = int(values.max(initial=0)) + 1
    pairs, rows = np.unique(classes * span + values, return_counts=True)
    group, value = pairs // span, pairs % span
    return group, value, rows / np.bincount(classes)[group]
