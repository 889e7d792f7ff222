"""Buildings of two capacities and two resistances, stepped exactly.

C_air  dT_air/dt  = (T_mass - T_air) / R_in + heat + aperture · solar
C_mass dT_mass/dt = (T_air - T_mass) / R_in + (T_out - T_mass) / R_out
Source: P. Bacher, H. Madsen, Identifying suitable models for the heat dynamics of buildings,
Energy and Buildings 43 (2011) 1511-1522, model TiTe.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numba import njit
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Buildings:
    """Shape (buildings,), all above zero, the aperture also zero. Raises `InputError` else.

    Capacities of air (with furniture) and mass, resistances between air and mass and between mass
    and outdoors, and the `aperture_m2` through which the sun heats the air.
    """

    air_j_per_k: Floats
    mass_j_per_k: Floats
    inside_k_per_w: Floats
    outside_k_per_w: Floats
    aperture_m2: Floats

    def __post_init__(self) -> None:
        problems = []
        for field in fields(self):
            values = np.atleast_1d(np.asarray(getattr(self, field.name), float))
            object.__setattr__(self, field.name, values)
            least = 0 if field.name == "aperture_m2" else np.nextafter(0, 1)
            wrong = ~(np.isfinite(values) & (values >= least))
            problems += [
                Problem(field.name, "building_not_positive", f"{value:g}")
                for value in values[wrong][:1]
            ]
            if values.shape != self.air_j_per_k.shape:
                problems.append(Problem(field.name, "building_size", str(self.air_j_per_k.size)))
        if problems:
            raise InputError(problems)


def transition(buildings: Buildings, step_s: float) -> tuple[Floats, Floats]:
    """What a step of constant inputs does: temperatures after = F · before + G · inputs.

    F (buildings, 2, 2) is the matrix exponential; the states are air and mass. G (buildings, 2, 2)
    belongs to the outdoor temperature and the heat to the air (heat + aperture · solar).
    """
    air, mass = buildings.air_j_per_k, buildings.mass_j_per_k
    inside, outside = 1 / buildings.inside_k_per_w, 1 / buildings.outside_k_per_w
    rates = np.array(
        [[-inside / air, inside / air], [inside / mass, -(inside + outside) / mass]]
    ).transpose(2, 0, 1)
    slow, fast = _exponents(rates)
    grown_slow, grown_fast = np.exp(slow * step_s), np.exp(fast * step_s)
    slope = (grown_slow - grown_fast) / (slow - fast)
    level = grown_slow - slope * slow
    after = level[:, None, None] * np.eye(2) + slope[:, None, None] * rates
    settled = np.array(
        [[np.ones(air.size), 1 / inside + 1 / outside], [np.ones(air.size), 1 / outside]]
    ).transpose(2, 0, 1)
    return after, (np.eye(2) - after) @ settled


def time_constants_h(buildings: Buildings) -> Floats:
    """The slow and the fast time constant, shape (buildings, 2)."""
    after, _ = transition(buildings, 3600.0)
    return np.asarray(np.sort(-1 / np.log(np.linalg.eigvals(after).real), axis=-1)[:, ::-1])


def simulate(
    buildings: Buildings,
    start_c: ArrayLike,
    outdoor_c: ArrayLike,
    heat_w: ArrayLike,
    solar_w_per_m2: ArrayLike,
    step_s: float,
) -> Floats:
    """Temperatures of air and mass before the first step and after each, (steps + 1, buildings, 2).

    `start_c` (buildings, 2); `outdoor_c` and `solar_w_per_m2` (steps,); `heat_w` (steps,
    buildings), or one column for all. Inputs are constant through a step. Raises `InputError`
    where an input is not finite or of another size.
    """
    count = buildings.air_j_per_k.size
    start = np.asarray(start_c, float)
    if start.shape != (count, 2):
        raise InputError(Problem("start_c", "building_size", f"{count}×2"))
    outdoor, heat, solar = inputs(outdoor_c, heat_w, solar_w_per_m2, count)
    after, gain = transition(buildings, step_s)
    return np.asarray(_steps(after, gain, start, outdoor, heat, solar, buildings.aperture_m2))


def inputs(
    outdoor_c: ArrayLike, heat_w: ArrayLike, solar_w_per_m2: ArrayLike, count: int
) -> tuple[Floats, Floats, Floats]:
    """The inputs as arrays, the heat (steps, `count`). Raises `InputError` with all that is wrong
    with them."""
    outdoor, heat, solar = (np.asarray(x, float) for x in (outdoor_c, heat_w, solar_w_per_m2))
    problems = []
    if solar.shape != outdoor.shape:
        problems.append(Problem("solar_w_per_m2", "building_size", str(outdoor.size)))
    if heat.shape not in {(outdoor.size, 1), (outdoor.size, count)}:
        problems.append(Problem("heat_w", "building_size", f"{outdoor.size}×{count}"))
    for name, values in (("outdoor_c", outdoor), ("heat_w", heat), ("solar_w_per_m2", solar)):
        broken = np.argwhere(~np.isfinite(values))
        problems += [Problem(name, "building_unknown_input", str(row[0])) for row in broken[:1]]
    if problems:
        raise InputError(problems)
    return outdoor, np.broadcast_to(heat, (outdoor.size, count)), solar


def _exponents(rates: Floats) -> tuple[Floats, Floats]:
    """The two eigenvalues, both negative; the product over the larger avoids cancelling."""
    half = (rates[:, 0, 0] + rates[:, 1, 1]) / 2
    product = rates[:, 0, 0] * rates[:, 1, 1] - rates[:, 0, 1] * rates[:, 1, 0]
    difference = (rates[:, 0, 0] - rates[:, 1, 1]) / 2
    fast = half - np.sqrt(difference**2 + rates[:, 0, 1] * rates[:, 1, 0])
    return product / fast, fast


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _steps(after, gain, start, outdoor, heat, solar, aperture):  # type: ignore[no-untyped-def]
    steps, count = heat.shape
    found = np.empty((steps + 1, count, 2))
    found[0] = start
    for step in range(steps):
        for number in range(count):
            air, mass = found[step, number]
            warmth = heat[step, number] + aperture[number] * solar[step]
            for state in range(2):
                found[step + 1, number, state] = (
                    after[number, state, 0] * air
                    + after[number, state, 1] * mass
                    + gain[number, state, 0] * outdoor[step]
                    + gain[number, state, 1] * warmth
                )
    return found
