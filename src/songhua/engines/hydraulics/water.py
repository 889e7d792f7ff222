"""Density, viscosity, heat capacity and enthalpy of liquid water by temperature.

A `Fluid` is a table in equal steps of temperature, read linearly in between; its enthalpy is the
exact integral of that heat capacity, so that energy balances close to rounding. `WATER` holds
0-180 °C at 0.8 MPa. It was drawn from IAPWS-IF97 region 1 (release R7-97, 2012) and the IAPWS
2008 viscosity (release R12-08) and is written here as Chebyshev series, which keep within 4e-5 of
them; between 0.1 and 1.6 MPa water differs from it by less than 0.1 % (viscosity 0.2 %).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit
from numpy.polynomial import chebyshev

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.hydraulics.network import Floats

_DENSITY = (
    954.98214, -57.782805, -11.020708, 1.0215744, -0.39247188, 0.084019299, -0.030204146,
    0.0094003335, -0.0033827511,
)  # fmt: skip
_LOG_VISCOSITY = (
    -7.8295156, -1.1768225, 0.2488956, -0.056500331, 0.014870924, -0.0047584003, 0.0015323744,
    -0.00048182845, 0.00014029662, -4.1413727e-05,
)  # fmt: skip
_HEAT_CAPACITY = (
    4252.989, 97.655601, 52.820728, -0.33843211, 4.0863252, -1.3944987, 1.0117866, -0.53544679,
    0.25532438, -0.099018368, 0.037198423,
)  # fmt: skip


class Fluid(NamedTuple):
    """Properties at `start_c`, `start_c` + `step_k`, …: arrays of shape (temperatures,).

    Beyond the table a property keeps its last value, and the enthalpy goes on accordingly.
    `per_step` is 1 / `step_k`.
    """

    start_c: float
    step_k: float
    density_kg_per_m3: Floats
    viscosity_pa_s: Floats
    heat_capacity_j_per_kg_k: Floats
    enthalpy_j_per_kg: Floats
    per_step: float


def fluid(
    start_c: float,
    step_k: float,
    density_kg_per_m3: ArrayLike,
    viscosity_pa_s: ArrayLike,
    heat_capacity_j_per_kg_k: ArrayLike,
) -> Fluid:
    """A `Fluid` from columns of at least two positive numbers; enthalpy is 0 at `start_c`.

    >>> constant = fluid(0, 100, [980, 980], [4e-4, 4e-4], [4190, 4190])
    >>> constant.enthalpy_j_per_kg.tolist()
    [0.0, 419000.0]
    """
    columns = {
        "density_kg_per_m3": np.array(density_kg_per_m3, float),
        "viscosity_pa_s": np.array(viscosity_pa_s, float),
        "heat_capacity_j_per_kg_k": np.array(heat_capacity_j_per_kg_k, float),
    }
    count = columns["density_kg_per_m3"].size
    problems = [
        Problem(name, "network_fluid_column", f"{column.size}")
        for name, column in columns.items()
        if column.shape != (count,) or count < 2 or not (np.isfinite(column) & (column > 0)).all()
    ]
    if not (np.isfinite(start_c) and np.isfinite(step_k) and step_k > 0):
        problems.append(Problem("step_k", "network_not_positive", str(step_k)))
    if problems:
        raise InputError(problems)
    capacity = columns["heat_capacity_j_per_kg_k"]
    enthalpy = np.zeros(count)
    np.cumsum(step_k * (capacity[1:] + capacity[:-1]) / 2, out=enthalpy[1:])
    return Fluid(
        float(start_c),
        float(step_k),
        columns["density_kg_per_m3"],
        columns["viscosity_pa_s"],
        capacity,
        enthalpy,
        1 / float(step_k),
    )


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _at(table, column, temperature_c):  # type: ignore[no-untyped-def]
    place = (temperature_c - table.start_c) * table.per_step
    row = min(max(int(place), 0), column.size - 2)
    share = min(max(place - row, 0.0), 1.0)
    return column[row] + share * (column[row + 1] - column[row])


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def density(table, temperature_c):  # type: ignore[no-untyped-def]
    """Density in kg/m³ at one temperature."""
    return _at(table, table.density_kg_per_m3, temperature_c)


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def viscosity(table, temperature_c):  # type: ignore[no-untyped-def]
    """Dynamic viscosity in Pa·s at one temperature."""
    return _at(table, table.viscosity_pa_s, temperature_c)


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def heat_capacity(table, temperature_c):  # type: ignore[no-untyped-def]
    """Isobaric heat capacity in J/(kg·K) at one temperature."""
    return _at(table, table.heat_capacity_j_per_kg_k, temperature_c)


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def capacity_slope(table, temperature_c):  # type: ignore[no-untyped-def]
    """The heat capacity's change per kelvin at one temperature, J/(kg·K²)."""
    column = table.heat_capacity_j_per_kg_k
    row = int((temperature_c - table.start_c) * table.per_step)
    if row < 0 or row > column.size - 2:
        return 0.0
    return (column[row + 1] - column[row]) * table.per_step


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def enthalpy(table, temperature_c):  # type: ignore[no-untyped-def]
    """Enthalpy in J/kg at one temperature, the integral of the heat capacity."""
    place = (temperature_c - table.start_c) * table.per_step
    row = min(max(int(place), 0), table.enthalpy_j_per_kg.size - 2)
    share = min(max(place - row, 0.0), 1.0)
    first = table.heat_capacity_j_per_kg_k[row]
    last = first + share * (table.heat_capacity_j_per_kg_k[row + 1] - first)
    beyond = place - row - share  # the heat capacity keeps its last value there
    return table.enthalpy_j_per_kg[row] + table.step_k * (
        share * (first + last) / 2 + beyond * last
    )


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def enthalpies(table, temperatures_c):  # type: ignore[no-untyped-def]
    """Enthalpy in J/kg, element by element."""
    found = np.empty(temperatures_c.size)
    for number in range(found.size):
        found[number] = enthalpy(table, temperatures_c[number])
    return found


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def temperature(table, enthalpy_j_per_kg, guess_c):  # type: ignore[no-untyped-def]
    """The temperature in °C of an enthalpy, exactly; found soonest from a guess in its step."""
    levels = table.enthalpy_j_per_kg
    row = min(max(int((guess_c - table.start_c) * table.per_step), 0), levels.size - 2)
    while row > 0 and enthalpy_j_per_kg < levels[row]:
        row -= 1
    while row < levels.size - 2 and enthalpy_j_per_kg > levels[row + 1]:
        row += 1
    first = table.heat_capacity_j_per_kg_k[row]
    last = table.heat_capacity_j_per_kg_k[row + 1]
    above = (enthalpy_j_per_kg - levels[row]) * table.per_step
    if above < 0:
        place = above / first
    elif enthalpy_j_per_kg > levels[row + 1]:
        place = 1 + (enthalpy_j_per_kg - levels[row + 1]) * table.per_step / last
    else:  # above = place · first + place²/2 · (last - first)
        place = 2 * above / (first + np.sqrt(first * first + 2 * (last - first) * above))
    return table.start_c + (row + place) * table.step_k


def _standard_water() -> Fluid:
    place = np.arange(181) / 90 - 1
    return fluid(
        0.0,
        1.0,
        chebyshev.chebval(place, _DENSITY),
        np.exp(chebyshev.chebval(place, _LOG_VISCOSITY)),
        chebyshev.chebval(place, _HEAT_CAPACITY),
    )


WATER = _standard_water()
