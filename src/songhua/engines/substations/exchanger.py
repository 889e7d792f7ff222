"""A plate heat exchanger in counter-flow by effectiveness and number of transfer units.

The heat that passes is ε C_min (T_hot,in - T_cold,in), with C the capacity rates of the two
streams, NTU = UA / C_min and C_r = C_min / C_max.
Source: W. M. Kays, A. L. London, Compact Heat Exchangers (1984), ch. 2; F. P. Incropera et al.,
Fundamentals of Heat and Mass Transfer (2007), table 11.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.float64]


def effectiveness(ntu: ArrayLike, capacity_ratio: ArrayLike) -> Floats:
    """ε = (1 - exp(-NTU (1 - C_r))) / (1 - C_r exp(-NTU (1 - C_r))), elementwise.

    1 - exp(-NTU) where one stream evaporates (C_r = 0), NTU / (1 + NTU) between equal streams.

    >>> effectiveness([1, 1, 3], [0, 1, 0.5]).round(4).tolist()
    [0.6321, 0.5, 0.8744]
    """
    units, ratio = np.asarray(ntu, float), np.asarray(capacity_ratio, float)
    exponent = units * (1 - ratio)
    mean = np.ones(np.broadcast(units, ratio).shape)  # of exp(-x) from 0 to the exponent
    np.divide(-np.expm1(-exponent), exponent, out=mean, where=exponent != 0)
    return np.asarray(units * mean / (1 + ratio * units * mean))


@dataclass(frozen=True)
class Exchangers:
    """Exchangers, shape (exchangers,). Raises `InputError` with all that is wrong.

    `design_w_per_k` is UA at the design flows `primary_kg_per_s` and `secondary_kg_per_s`. Each
    side holds half of the resistance there, and its film coefficient grows with its flow to the
    power `flow_exponent` (about 0.7 between plates; 0 for a constant UA).
    """

    design_w_per_k: Floats
    primary_kg_per_s: Floats
    secondary_kg_per_s: Floats
    flow_exponent: float = 0.7
    heat_capacity_j_per_kg_k: float = 4190.0

    def __post_init__(self) -> None:
        problems = []
        for name in ("design_w_per_k", "primary_kg_per_s", "secondary_kg_per_s"):
            values = np.atleast_1d(np.asarray(getattr(self, name), float))
            object.__setattr__(self, name, values)
            wrong = ~(np.isfinite(values) & (values > 0))
            problems += [
                Problem(name, "substation_not_positive", f"{value:g}")
                for value in values[wrong][:1]
            ]
        if problems:
            raise InputError(problems)

    def conductance_w_per_k(self, primary_kg_per_s: Floats, secondary_kg_per_s: Floats) -> Floats:
        """UA at these flows; 0 where a side stands still."""
        one = self._film(primary_kg_per_s, self.primary_kg_per_s)
        other = self._film(secondary_kg_per_s, self.secondary_kg_per_s)
        both = np.maximum(one + other, np.finfo(float).tiny)
        return np.asarray(self.design_w_per_k * 2 * one * other / both)

    def heat_w(
        self,
        primary_kg_per_s: Floats,
        primary_supply_c: Floats,
        secondary_kg_per_s: Floats,
        secondary_return_c: Floats,
    ) -> Floats:
        """Heat from primary to secondary; negative where the secondary is the warmer."""
        conductance, primary, secondary = np.broadcast_arrays(
            self.conductance_w_per_k(primary_kg_per_s, secondary_kg_per_s),
            self.heat_capacity_j_per_kg_k * np.asarray(primary_kg_per_s),
            self.heat_capacity_j_per_kg_k * np.asarray(secondary_kg_per_s),
        )
        least, most = np.minimum(primary, secondary), np.maximum(primary, secondary)
        ntu = np.divide(conductance, least, out=np.zeros(least.shape), where=least > 0)
        ratio = np.divide(least, most, out=np.zeros(least.shape), where=most > 0)
        drop = np.subtract(primary_supply_c, secondary_return_c)
        return np.asarray(effectiveness(ntu, ratio) * least * drop)

    def _film(self, flow_kg_per_s: Floats, design_kg_per_s: Floats) -> Floats:
        """A side's film coefficient over that of the design."""
        flow = np.maximum(flow_kg_per_s, 0)
        return np.where(flow > 0, (flow / design_kg_per_s) ** self.flow_exponent, 0.0)
