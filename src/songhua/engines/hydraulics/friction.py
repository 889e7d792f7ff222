"""The pressure that friction costs in a pipe, as a smooth and rising function of the flow.

Darcy-Weisbach: Δp = λ (L/D) ρ v²/2. With Re = ρ v D/μ this is Δp = [λ Re²] μ² L/(2 ρ D³), and
the bracket is all that the laws below differ in. Laminar flow (Re < 2,000) has λ = 64/Re; between
2,000 and 4,000 a cubic in Re joins it to the turbulent law in value and slope, so that Newton's
method never meets a step. Turbulent laws, with r = k/D:

- colebrook: 1/√λ = -2 log10(r/3.7 + 2.51/(Re √λ)) [C. Colebrook, J. Inst. Civ. Eng. 11 (1939)];
- haaland: 1/√λ = -1.8 log10((r/3.7)^1.11 + 6.9/Re) [S. Haaland, J. Fluids Eng. 105 (1983)];
- swamee_jain: 1/√λ = -2 log10(r/3.7 + 5.74/Re^0.9) [P. Swamee, A. Jain, J. Hydr. Div. 102 (1976)];
- nikuradse: λ = 64/Re + (2 log10(3.71/r))⁻² at every Re, as some network programs have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import numpy as np
from numba import njit, vectorize

from songhua.kit.errors import require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.hydraulics.network import Floats

Law = Literal["colebrook", "haaland", "swamee_jain", "nikuradse"]
LAWS: tuple[str, ...] = get_args(Law)

_LAMINAR, _TURBULENT = 2000.0, 4000.0
_PER_LOG10 = 1 / np.log(10)


def friction_factor(reynolds: ArrayLike, relative_roughness: ArrayLike, law: Law) -> Floats:
    """Darcy's λ for Re > 0 and roughness over diameter, arrays that broadcast.

    >>> friction_factor([1000.0, 1e5], 0.001, "colebrook").round(5).tolist()
    [0.064, 0.02217]
    """
    require(law in LAWS, "law", "param_choice", ", ".join(LAWS))
    number = np.asarray(reynolds, float)
    return np.asarray(_factor(number, np.asarray(relative_roughness, float), LAWS.index(law)))


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def roughness_term(roughness, law):  # type: ignore[no-untyped-def]
    """The part of a law that the relative roughness alone decides, worked out once a pipe."""
    if law < 3:
        return (roughness / 3.7) ** 1.11
    return (2 * _PER_LOG10 * (np.log(3.71) - np.log(roughness))) ** -2 if roughness > 0 else 0.0


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _turbulent(reynolds, roughness, term, law):  # type: ignore[no-untyped-def]
    """λ Re² and its derivative by Re, for a turbulent law."""
    if law == 1:
        inside = term + 6.9 / reynolds
        root = -1.8 * _PER_LOG10 * np.log(inside)
        slope = 1.8 * _PER_LOG10 * 6.9 / (reynolds * reynolds * inside)
    elif law == 2:
        rise = 5.74 / reynolds**0.9
        inside = roughness / 3.7 + rise
        root = -2 * _PER_LOG10 * np.log(inside)
        slope = 2 * _PER_LOG10 * 0.9 * rise / (reynolds * inside)
    else:
        per_root = 2.51 / reynolds
        root = -1.8 * _PER_LOG10 * np.log(term + 6.9 / reynolds)
        while True:
            inside = roughness / 3.7 + per_root * root
            damp = 1 + 2 * _PER_LOG10 * per_root / inside
            step = (root + 2 * _PER_LOG10 * np.log(inside)) / damp
            root -= step
            if abs(step) < 1e-7 * root:  # the next step would be its square
                break
        slope = 2 * _PER_LOG10 * per_root * root / (reynolds * inside * damp)
    value = (reynolds / root) ** 2
    return value, 2 * value * (1 / reynolds - slope / root)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def friction_number(reynolds, roughness, law):  # type: ignore[no-untyped-def]
    """λ Re² and its derivative by Re, for Re ≥ 0, relative roughness and the law's index."""
    return friction_with(reynolds, roughness, roughness_term(roughness, law), law)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def friction_with(reynolds, roughness, term, law):  # type: ignore[no-untyped-def]
    """`friction_number` where the `roughness_term` is known."""
    if law == 3:
        return (64 + term * reynolds) * reynolds, 64 + 2 * term * reynolds
    if reynolds <= _LAMINAR:
        return 64 * reynolds, 64.0
    if reynolds >= _TURBULENT:
        return _turbulent(reynolds, roughness, term, law)
    width = _TURBULENT - _LAMINAR
    place = (reynolds - _LAMINAR) / width
    low, low_slope = 64 * _LAMINAR, 64 * width
    high, high_slope = _turbulent(_TURBULENT, roughness, term, law)
    high_slope *= width
    rise = high - low
    square = 3 * rise - 2 * low_slope - high_slope
    cube = low_slope + high_slope - 2 * rise
    value = low + place * (low_slope + place * (square + place * cube))
    return value, (low_slope + place * (2 * square + place * 3 * cube)) / width


@vectorize(cache=True)  # type: ignore[untyped-decorator, no-untyped-call, unused-ignore]
def _factor(reynolds, roughness, law):  # type: ignore[no-untyped-def]
    return friction_number(reynolds, roughness, law)[0] / (reynolds * reynolds)
