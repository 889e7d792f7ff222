"""Student's t distribution for a whole number of degrees of freedom, in closed form.

Source: Abramowitz & Stegun, Handbook of Mathematical Functions, 26.7.3 (odd) and 26.7.4 (even).
"""

from __future__ import annotations

from functools import cache
from math import atan, cos, inf, isinf, pi, sin, sqrt


def cdf(t: float, dof: int) -> float:
    """P(T <= t) for `dof` >= 1 degrees of freedom; dimensionless.

    With theta = atan(t / sqrt(dof)), A = P(|T| <= t) is, for odd dof,
    2/pi * (theta + sin(theta) * [cos + 2/3 cos^3 + ... + (2*4*...)/(1*3*...) cos^(dof-2)]) and for
    even dof sin(theta) * [1 + 1/2 cos^2 + (1*3)/(2*4) cos^4 + ... cos^(dof-2)].

    >>> round(cdf(2.228, 10), 4)
    0.975
    """
    if dof < 1:
        raise ValueError("dof must be at least 1")
    theta = pi / 2 if isinf(t) else atan(abs(t) / sqrt(dof))
    odd = dof % 2
    c = cos(theta)
    term = c if odd else 1.0
    total = 0.0
    for power in range(odd, dof - 1, 2):
        total += term
        term *= c * c * (power + 1) / (power + 2)
    between = sin(theta) * total
    if odd:
        between = (theta + between) * 2 / pi
    return 0.5 + between / 2 if t >= 0 else 0.5 - between / 2


@cache
def quantile(p: float, dof: int) -> float:
    """The t with ``cdf(t, dof) == p``, by bisection; -inf and inf at 0 and 1.

    >>> round(quantile(0.9, 4), 3)
    1.533
    """
    if not 0 <= p <= 1:
        raise ValueError("p must lie between 0 and 1")
    if p in (0, 1):
        return inf if p else -inf
    if p < 0.5:
        return -quantile(1 - p, dof)
    low, high = 0.0, 1.0
    while cdf(high, dof) < p:
        low, high = high, 2 * high
    while (middle := (low + high) / 2) not in (low, high):
        if cdf(middle, dof) < p:
            low = middle
        else:
            high = middle
    return high
