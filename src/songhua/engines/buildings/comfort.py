"""What rooms were like: how often warm enough, and how far from it. NaN is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.buildings.model import Floats


def share_within(indoor_c: Floats, least_c: float, most_c: float = np.inf) -> Floats:
    """Share of the known steps with a temperature from `least_c` to `most_c`, per room.

    `indoor_c` (steps, …); NaN where no step is known.

    >>> share_within(np.array([[19.0, np.nan], [21.0, np.nan]]), 20).tolist()
    [0.5, nan]
    """
    known = np.isfinite(indoor_c)
    count = known.sum(axis=0)
    within = (known & (indoor_c >= least_c) & (indoor_c <= most_c)).sum(axis=0)
    return np.where(count > 0, within / np.maximum(count, 1), np.nan)


def degree_hours_below(indoor_c: Floats, limit_c: float, step_h: float) -> Floats:
    """Sum of (limit - temperature) over the known steps below the limit, in K·h, per room; NaN
    where no step is known.

    >>> float(degree_hours_below(np.array([19.0, 21.0, 17.5]), 20, 0.5))
    1.75
    """
    short = np.where(np.isfinite(indoor_c), np.maximum(limit_c - indoor_c, 0), 0)
    known = np.isfinite(indoor_c).any(axis=0)
    return np.where(known, short.sum(axis=0) * step_h, np.nan)
