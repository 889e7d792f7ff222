"""Valves set once so that every station gets its share: no room pays for another's warmth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats

_LEAST_RATIO, _MOST_RATIO = 0.5, 2.0  # in one visit


def balanced_opening(
    opening: Floats, return_c: Floats, room_c: float, strength: float = 1.0
) -> Floats:
    """The openings after another visit: less where the secondary return is warmer than others'.

    Stations under one curve share heat justly when the excess of their return over the room is the
    same. Each valve is turned by the ratio of the mean excess to its own, to the power `strength`,
    and all by one factor so that the widest is open. Repeat until nothing moves. A station whose
    return is unknown (NaN) or not above the room counts as having the least excess that turns.

    >>> balanced_opening(np.array([1.0, 1.0]), np.array([50.0, 35.0]), 20.0).tolist()
    [0.5, 1.0]
    """
    excess = np.where(np.isfinite(return_c), return_c, room_c) - room_c
    middle = max(float(np.mean(np.maximum(excess, 0.0))), 1e-9)
    ratio = np.clip(np.maximum(excess, 0.0) / middle, _LEAST_RATIO, _MOST_RATIO)
    turned = opening / ratio**strength
    return np.asarray(turned / max(float(turned.max(initial=0.0)), 1e-9))


def imbalance(return_c: Floats, room_c: float) -> Floats:
    """Each station's excess of the secondary return over the room, over the mean of all: 1 is just.

    >>> imbalance(np.array([50.0, 30.0]), 20.0).tolist()
    [1.5, 0.5]
    """
    excess = return_c - room_c
    return np.asarray(excess / np.nanmean(excess))
