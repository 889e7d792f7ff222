"""Noise that hides a person: the discrete Laplace distribution, drawn by OpenDP.

Totals and noise are integers, so no bit of a float betrays the total (Mironov 2012). The draw comes
from the operating system's generator and never from a seed: who can repeat it can take it away.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal


@dataclass(frozen=True)
class Noise:
    """Discrete Laplace noise: P(x) falls by exp(-1/scale) with each step from 0."""

    scale: float

    @classmethod
    def hiding(cls, moved: int, epsilon: Decimal) -> Noise:
        """The least noise under which totals that one person moves by at most `moved` together lose
        no more than `epsilon` by OpenDP's own bound, whose rounding is always upwards."""
        noise = cls(float(Fraction(moved) / Fraction(epsilon)))
        while Fraction(noise.epsilon(moved)) > Fraction(epsilon):
            noise = cls(math.nextafter(noise.scale, math.inf))
        return noise

    def added_to(self, totals: Sequence[int]) -> list[int]:
        """The totals, each with noise of its own."""
        return [int(each) for each in self._mechanism()(list(totals))]

    def within(self, doubt: float) -> int:
        """What one draw stays within, but for a chance of `doubt`."""
        from opendp.accuracy import discrete_laplacian_scale_to_accuracy

        return math.ceil(float(discrete_laplacian_scale_to_accuracy(self.scale, doubt)))

    def epsilon(self, moved: int) -> float:
        """The privacy loss where one person moves the totals by at most `moved` together."""
        return float(self._mechanism().map(moved))

    def _mechanism(self) -> Any:
        import opendp.prelude as dp

        dp.enable_features("contrib")
        domain = dp.vector_domain(dp.atom_domain(T="i64"))
        return dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=self.scale)
