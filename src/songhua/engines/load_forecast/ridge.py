"""Ridge regression whose penalty is chosen by leaving out blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Floats, Integers

PENALTIES = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
_FOLDS = 5


@dataclass(frozen=True)
class Ridge:
    """y = `intercept` + x · `slope`."""

    intercept: float
    slope: Floats

    def predict(self, features: Floats) -> Floats:
        """The fitted values of features of shape (…, columns)."""
        return np.asarray(features @ self.slope + self.intercept)


def ridge(features: Floats, values: Floats, block: Integers) -> Ridge:
    """The slopes b that minimise |y - Z b|² + n p |b|², with Z the standardised columns.

    `features` (rows, columns), `values` and `block` (rows,). Rows of one block are left out
    together; the penalty p is the one of `PENALTIES` that forecasts left-out blocks best.
    Source: A. E. Hoerl, R. W. Kennard, Technometrics 12 (1970) 55-67.

    >>> x = np.arange(20.0)[:, None]
    >>> fitted = ridge(x, 3 + 2 * x[:, 0], np.arange(20))
    >>> [round(float(figure), 3) for figure in (fitted.intercept, *fitted.slope)]
    [3.0, 2.0]
    """
    centre, spread = features.mean(axis=0), features.std(axis=0)
    spread[spread < 1e-9 * (1 + np.abs(centre))] = np.inf  # a constant column explains nothing
    standard, mean = (features - centre) / spread, values.mean()
    left = values - mean
    grams, sides, squares = [], [], []
    for fold in range(_FOLDS):
        rows = block % _FOLDS == fold
        part, wanted = standard[rows], left[rows]
        grams.append(part.T @ part)
        sides.append(part.T @ wanted)
        squares.append(wanted @ wanted)
    gram, side = sum(grams), sum(sides)

    def slopes(gram: Floats, side: Floats, penalty: float) -> Floats:
        solved = np.linalg.solve(gram + penalty * values.size * np.eye(side.size), side)
        return np.asarray(solved, float)

    def left_out(penalty: float) -> float:
        total = 0.0
        for own, own_side, square in zip(grams, sides, squares, strict=True):
            slope = slopes(gram - own, side - own_side, penalty)
            total += float(square - 2 * slope @ own_side + slope @ own @ slope)
        return total

    slope = slopes(gram, side, min(PENALTIES, key=left_out)) / spread
    return Ridge(float(mean - centre @ slope), slope)
