"""How good an order is, by graded relevance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence


def ndcg(found: Sequence[float], all_grades: Sequence[float], at: int = 10) -> float:
    """Normalised discounted cumulative gain: Σ (2^g - 1) / log2(rank + 1) over the first `at`
    records found, by their grades, divided by that of the best order of all grades. NaN where
    nothing is relevant. Source: C. Burges et al., Learning to Rank (2005).

    >>> ndcg([3, 2, 0], [3, 2, 0, 0]), round(ndcg([0, 3], [3, 0]), 4)
    (1.0, 0.6309)
    """
    best = _gain(sorted(all_grades, reverse=True)[:at])
    return _gain(found[:at]) / best if best else float("nan")


def _gain(grades: Sequence[float]) -> float:
    ranks = np.arange(2, len(grades) + 2)
    return float(((2.0 ** np.asarray(grades, float) - 1) / np.log2(ranks)).sum())
