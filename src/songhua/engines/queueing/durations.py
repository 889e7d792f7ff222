"""How long a consultation, a scan or a person's patience lasts: three distributions, in minutes.

Each has a mean, a coefficient of variation, draws, and the mean of the duration cut off at x,
E[min(S, x)], which is what an offered load needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erf, log, log1p, sqrt
from typing import TYPE_CHECKING, Protocol

import numpy as np

from songhua.engines.queueing.checks import amounts, positive, refuse
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.queueing.checks import Floats


class Duration(Protocol):
    """What the rest of this package asks of a distribution of durations."""

    @property
    def mean_min(self) -> float: ...
    @property
    def cv(self) -> float: ...
    def draw(self, size: int, rng: np.random.Generator) -> Floats: ...
    def mean_up_to(self, limit_min: Floats) -> Floats: ...


@dataclass(frozen=True)
class Exponential:
    """Memoryless durations with the given mean (minutes)."""

    mean_min: float
    cv: float = 1.0

    def __post_init__(self) -> None:
        refuse(positive(mean_min=self.mean_min))

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """`size` independent durations, minutes."""
        return rng.exponential(self.mean_min, size)

    def mean_up_to(self, limit_min: Floats) -> Floats:
        """E[min(S, limit)], elementwise, minutes: mean × (1 - exp(-limit / mean))."""
        return self.mean_min * -np.expm1(-limit_min / self.mean_min)


@dataclass(frozen=True)
class LogNormal:
    """Durations whose logarithm is normal, by mean (minutes) and coefficient of variation > 0."""

    mean_min: float
    cv: float

    def __post_init__(self) -> None:
        refuse(positive(mean_min=self.mean_min, cv=self.cv))

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """`size` independent durations, minutes."""
        middle, spread = self._logarithm()
        return rng.lognormal(middle, spread, size)

    def mean_up_to(self, limit_min: Floats) -> Floats:
        """E[min(S, limit)], elementwise, minutes, by the normal distribution function."""
        middle, spread = self._logarithm()
        shown = np.where(limit_min > 0, limit_min, 1.0)
        score = (np.log(shown) - middle) / spread
        mean = self.mean_min * _normal(score - spread) + shown * _normal(-score)
        return np.where(limit_min > 0, mean, 0.0)

    def _logarithm(self) -> tuple[float, float]:
        variance = log1p(self.cv**2)
        return log(self.mean_min) - variance / 2, sqrt(variance)


@dataclass(frozen=True)
class Empirical:
    """Durations drawn with equal chance from those observed (minutes); one value is a constant."""

    observed_min: tuple[float, ...]

    def __post_init__(self) -> None:
        require(len(self.observed_min) > 0, "observed_min", "empty")
        refuse(amounts(observed_min=self.observed_min))
        require(self.mean_min > 0, "observed_min", "queue_not_positive", "0")

    @property
    def mean_min(self) -> float:
        """Mean of the observations."""
        return float(np.mean(self.observed_min))

    @property
    def cv(self) -> float:
        """Standard deviation of the observations over their mean."""
        return float(np.std(self.observed_min)) / self.mean_min

    def draw(self, size: int, rng: np.random.Generator) -> Floats:
        """`size` observations drawn with replacement, minutes."""
        return rng.choice(np.asarray(self.observed_min, float), size)

    def mean_up_to(self, limit_min: Floats) -> Floats:
        """E[min(S, limit)], elementwise, minutes: the mean of the observations cut at the limit."""
        ordered = np.sort(np.asarray(self.observed_min, float))
        below = np.concatenate([[0.0], np.cumsum(ordered)])
        rank = np.searchsorted(ordered, limit_min)
        return (below[rank] + limit_min * (len(ordered) - rank)) / len(ordered)


def _normal(score: Floats) -> Floats:
    """Standard normal distribution function, elementwise."""
    values = [0.5 + 0.5 * erf(x / sqrt(2)) for x in score.flat]
    return np.array(values).reshape(score.shape)
