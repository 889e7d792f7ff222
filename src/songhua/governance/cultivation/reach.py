"""Who is within ten minutes of a service: the straight line times a detour, for want of roads.

The plan's 10分钟创业生态圈 (二(六)1) says neither on foot nor by car; without a road graph a road's
length is estimated. Detour and pace are 默认值(非文件规定) and are to be shown beside every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import require

if TYPE_CHECKING:
    from numpy.typing import NDArray

EARTH_METRES = 6_371_008.8  # mean radius, IUGG


@dataclass(frozen=True)
class Reach:
    """How far one gets: minutes, metres a minute, and road metres for a straight metre."""

    minutes: float = 10.0
    metres_a_minute: float = 80.0
    detour: float = 1.3


def road_metres(
    places: NDArray[np.float64], services: NDArray[np.float64], detour: float
) -> NDArray[np.float64]:
    """Estimated road metres, (places, services), between (n, 2) arrays of longitude and latitude
    in degrees (WGS 84, great circle). Raises `InputError` ``out_of_range`` for a detour below 1
    or a place that is not on the globe."""
    require(detour >= 1, "detour", "out_of_range", detour)
    for name, points in (("places", places), ("services", services)):
        fit = bool(np.all(np.abs(points) <= np.array([180.0, 90.0])))  # False for NaN too
        require(fit, name, "out_of_range", "")
    a, b = np.radians(places)[:, None, :], np.radians(services)[None, :, :]
    half = np.sin((b - a) / 2) ** 2
    chord = half[..., 1] + np.cos(a[..., 1]) * np.cos(b[..., 1]) * half[..., 0]
    distance: NDArray[np.float64] = (
        detour * 2 * EARTH_METRES * np.arcsin(np.sqrt(np.minimum(chord, 1)))
    )
    return distance


def reached(
    places: NDArray[np.float64], services: NDArray[np.float64], reach: Reach
) -> NDArray[np.bool_]:
    """Whether each place has at least one service within `reach`, the bound included."""
    limit = reach.minutes * reach.metres_a_minute
    within: NDArray[np.bool_] = np.any(road_metres(places, services, reach.detour) <= limit, axis=1)
    return within
