"""A building's parameters from its readings, with intervals that own up to correlated errors."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.buildings.model import Buildings, inputs, simulate
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from songhua.engines.buildings.model import Floats

_NORMAL_975 = 1.959964
_DAY_S = 86_400.0
_SLOWNESS_H = (15.0, 60.0, 240.0)  # of the mass: where the search starts
_WORST_CONDITION = 1e7


@dataclass(frozen=True)
class Fitted:
    """The likeliest building, its 95 % interval `low` to `high`, and the error it leaves."""

    building: Buildings
    low: Buildings
    high: Buildings
    rmse_k: float


def fit(
    indoor_c: Floats, outdoor_c: Floats, heat_w: Floats, solar_w_per_m2: Floats, step_s: float
) -> Fitted:
    """The building whose simulated air temperature is nearest, in least squares, to the readings.

    `indoor_c` (steps + 1,) is read before the first step and after each, NaN where unknown; the
    inputs (steps,) are constant through a step. The search is over the logarithms of the
    parameters and both temperatures at the start. The covariance is that of W. K. Newey, K. D.
    West, Econometrica 55 (1987) 703-708, with errors correlated for up to a day.

    Without sun in the record the aperture is 0 and unknown: its interval is 0 to 0. Raises
    `InputError` where sizes differ, inputs are not finite, or the parameters are undetermined.
    """
    from scipy.optimize import least_squares  # type: ignore[import-untyped, unused-ignore]

    outdoor, heat, solar = inputs(outdoor_c, np.asarray(heat_w, float)[:, None], solar_w_per_m2, 1)
    read = np.flatnonzero(np.isfinite(indoor_c))
    sunny = bool(solar.any())
    count = 5 if sunny else 4
    require(len(indoor_c) == outdoor.size + 1, "indoor_c", "building_size", outdoor.size + 1)
    require(read.size >= 10 * (count + 2), "indoor_c", "building_not_determined", read.size)

    def error(free: Floats) -> Floats:
        building, start = _building(free[:count]), free[None, count:]
        found = simulate(building, start, outdoor, heat, solar, step_s)
        return np.asarray(found[read, 0, 0] - indoor_c[read])

    tries = [
        least_squares(error, guess, method="trf", x_scale="jac", max_nfev=200)
        for guess in _guesses(indoor_c[read], outdoor, heat, sunny)
    ]
    best = min(tries, key=lambda found: float(found.cost))
    spread = _spread(best.jac, best.fun, lags=int(_DAY_S / step_s))[:count]
    sides = (best.x[:count] + side * _NORMAL_975 * spread for side in (0, -1, 1))
    middle, low, high = map(_building, sides)
    return Fitted(middle, low, high, float(np.sqrt(np.mean(best.fun**2))))


def _building(logarithms: Floats) -> Buildings:
    figures = np.zeros(len(fields(Buildings)))
    figures[: logarithms.size] = np.exp(np.clip(logarithms, -60, 60))
    return Buildings(*figures)


def _guesses(read_c: Floats, outdoor_c: Floats, heat_w: Floats, sunny: bool) -> list[Floats]:
    """Starts with the steady loss of the record, for masses from light to heavy."""
    warmer_k = max(float(np.mean(read_c) - np.mean(outdoor_c)), 1.0)
    resistance = warmer_k / max(float(np.mean(heat_w)), 1.0)
    guesses = []
    for slowness_h in _SLOWNESS_H:
        mass = slowness_h * 3600 / resistance
        figures = [0.1 * mass, mass, 0.1 * resistance, 0.9 * resistance]
        figures += [0.05 / resistance / 5] * sunny
        guesses.append(np.concatenate([np.log(figures), read_c[:1], read_c[:1]]))
    return guesses


def _spread(slope: Floats, error: Floats, lags: int) -> Floats:
    """Standard deviations of the estimates: (J'J)⁻¹ S (J'J)⁻¹, S summed over weighted lags."""
    size = np.linalg.norm(slope, axis=0)
    weak = not size.all() or np.linalg.cond(slope / size) > _WORST_CONDITION
    if weak:
        raise InputError(Problem("heat_w", "building_not_determined", str(error.size)))
    standard = slope / size
    score = standard * error[:, None]
    middle = score.T @ score
    for lag in range(1, min(lags, error.size // 4) + 1):
        crossed = score[lag:].T @ score[:-lag]
        middle += (1 - lag / (lags + 1)) * (crossed + crossed.T)
    outer = np.linalg.inv(standard.T @ standard)
    freedom = error.size / (error.size - slope.shape[1])
    return np.asarray(np.sqrt(freedom * np.diag(outer @ middle @ outer)) / size)
