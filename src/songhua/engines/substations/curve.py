"""What a secondary network should be supplied with: the weather curve, and the rooms' say."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.substations.exchanger import Floats


@dataclass(frozen=True)
class Curve:
    """Quality regulation: constant flow, and temperatures that give each load its heat.

    With the load q = (t_room - t_out) / (t_room - t_out,design), the mean of radiators above the
    room grows as q^(1 / (1 + b)) and the spread between supply and return as q:
    t = t_room + (t_s + t_r - 2 t_room) / 2 · q^(1 / (1 + b)) ± (t_s - t_r) / 2 · q.
    `radiator_exponent` b is about 0.3 for radiators and 0 to 0.1 for floor heating.
    Source: 贺平等, 供热工程 (2009), chapter on regulation.
    """

    supply_c: float
    return_c: float
    room_c: float
    outdoor_c: float
    radiator_exponent: float = 0.3

    def __post_init__(self) -> None:
        design = (self.supply_c, self.return_c, self.room_c, self.outdoor_c)
        falling = all(high > low for high, low in pairwise(design))
        require(falling, "curve", "substation_curve_order", ", ".join(map(str, design)))

    def temperatures_c(self, outdoor_c: Floats) -> tuple[Floats, Floats]:
        """Supply and return at outdoor temperatures; the room's where it is warmer outside.

        >>> curve = Curve(75, 50, 20, -24.2)
        >>> [float(t.round(1)) for t in curve.temperatures_c(np.array(-24.2))]
        [75.0, 50.0]
        """
        load = np.maximum(self.room_c - outdoor_c, 0) / (self.room_c - self.outdoor_c)
        above = (self.supply_c + self.return_c) / 2 - self.room_c
        mean = self.room_c + above * load ** (1 / (1 + self.radiator_exponent))
        half = (self.supply_c - self.return_c) / 2 * load
        return mean + half, mean - half


def trim(
    trim_k: Floats, room_c: Floats, wanted_c: float, gain_per_h: float, step_h: float,
    limit_k: float,
) -> Floats:  # fmt: skip
    """The correction of the supply after another step: its integral of the rooms' want.

    trim + gain (wanted - room) step, kept within ± `limit_k`. A station whose room temperature is
    unknown (NaN) keeps its correction. Shape (stations,).

    >>> trim(np.array([0.0, 2.9, 1.0]), np.array([19.0, 18.0, np.nan]), 20, 0.5, 1, 3).tolist()
    [0.5, 3.0, 1.0]
    """
    missing_k = np.where(np.isfinite(room_c), wanted_c - room_c, 0.0)
    return np.clip(trim_k + gain_per_h * step_h * missing_k, -limit_k, limit_k)
