"""Boosted trees for what no formula explains."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.load_forecast.record import Floats

_ROWS = 12_000
_SETTINGS: dict[str, object] = {
    "objective": "l1",
    "num_leaves": 15,
    "min_data_in_leaf": 500,
    "feature_fraction": 0.5,
    "bagging_freq": 1,
    "lambda_l2": 10.0,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


class Trees(NamedTuple):
    """Fitted trees."""

    booster: Any

    def predict(self, features: Floats) -> Floats:
        """The fitted values of features of shape (…, columns); a feature may be NaN."""
        rows = features.reshape(-1, features.shape[-1])
        return np.asarray(self.booster.predict(rows, num_threads=1)).reshape(features.shape[:-1])


def fit_trees(features: Floats, values: Floats, rounds: int, learning_rate: float) -> Trees:
    """Trees that minimise the absolute error; `features` (rows, columns), `values` (rows,).

    Every tree sees at most half of the rows and `_ROWS`. The same rows give the same trees.
    Source: G. Ke et al., LightGBM, Advances in Neural Information Processing Systems 30 (2017).
    """
    import lightgbm

    share = min(0.5, _ROWS / values.size)
    settings = _SETTINGS | {"learning_rate": learning_rate, "bagging_fraction": share}
    data = lightgbm.Dataset(features, values)
    return Trees(lightgbm.train(settings, data, rounds))
