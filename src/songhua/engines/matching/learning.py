"""What past decisions teach: logistic regression on the features of a match, drawn towards text
alone.

Minimises -Σ log P(decision | x) + strength/2 · |w - prior|² by Newton's method; strictly convex,
so there is one answer. Without decisions it is the prior, BM25
in which a concept of our lexicon counts three times a word (a default of ours).
Source: C. Bishop, Pattern Recognition and Machine Learning (2006), 4.3.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.matching.traits import FEATURES
from songhua.kit.errors import require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

STEPS, CLOSE = 100, 1e-10


@dataclass(frozen=True)
class Weights:
    """One weight per feature of `FEATURES`, the constant, and how many decisions they rest on."""

    features: tuple[float, ...]
    constant: float = 0.0
    decisions: int = 0


PRIOR = Weights((10.0, 30.0, 0.0, 0.0, 0.0, 0.0), -2.0)


def learn(features: ArrayLike, accepted: ArrayLike, *, strength: float = 1.0) -> Weights:
    """Weights from decided matches: `features` (n, 6) as `Match.features`, `accepted` (n,) true
    or false."""
    x = np.asarray(features, float).reshape(-1, len(FEATURES))
    y = np.asarray(accepted, float)
    sound = len(x) == len(y) and bool(np.isfinite(x).all() and np.isin(y, (0, 1)).all())
    require(sound and strength > 0, "decisions", "matching_labels", f"{len(x)}, {len(y)}")
    x = np.column_stack([x, np.ones(len(x))])
    prior = np.array([*PRIOR.features, PRIOR.constant])

    def loss(w: np.ndarray) -> float:
        margin = x @ w
        fit = np.logaddexp(0, margin) - y * margin
        return float(fit.sum() + strength / 2 * ((w - prior) ** 2).sum())

    w = prior.copy()
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(x @ w, -500, 500)))
        slope = x.T @ (chance - y) + strength * (w - prior)
        bend = (x.T * (chance * (1 - chance))) @ x + strength * np.eye(len(w))
        step = np.linalg.solve(bend, slope)
        while loss(w - step) > loss(w) + CLOSE:  # a full step may overshoot
            step /= 2
        w = w - step
        if np.abs(step).max() < CLOSE:
            break
    return Weights(tuple(map(float, w[:-1])), float(w[-1]), len(y))
