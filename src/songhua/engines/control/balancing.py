"""Valves set once so that every station gets its share: no room pays for another's warmth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats

_LEAST_RATIO, _MOST_RATIO = 0.5, 2.0  # in one visit


def balanced_opening(opening: Floats, excess_k: Floats, strength: float = 1.0) -> Floats:
    """The openings after another visit: less where the station is warmer than others.

    `excess_k` is of the secondary returns over the room, which answer in minutes, or of the rooms
    over the outdoors, which answer in days and know of the buildings. Each valve is turned by the
    ratio of the mean excess to its own, to the power `strength`, and all by one factor so that the
    widest is open. Repeat until nothing moves. Where it is unknown (NaN) the ratio is 1.

    >>> balanced_opening(np.array([1.0, 1.0]), np.array([30.0, 15.0])).round(3).tolist()
    [0.5, 1.0]
    """
    ratio = np.nan_to_num(imbalance(np.maximum(excess_k, 0.0)), nan=1.0)
    turned = opening / np.clip(ratio**strength, _LEAST_RATIO, _MOST_RATIO)
    return np.asarray(turned / max(float(turned.max(initial=0.0)), 1e-9))


def imbalance(excess_k: Floats) -> Floats:
    """Each station's excess over the mean of those known: 1 is just.

    >>> imbalance(np.array([30.0, 10.0])).tolist()
    [1.5, 0.5]
    """
    known = excess_k[np.isfinite(excess_k)]
    middle = float(known.mean()) if known.size else 0.0
    return np.asarray(excess_k / middle) if middle > 0 else np.full(excess_k.shape, np.nan)
