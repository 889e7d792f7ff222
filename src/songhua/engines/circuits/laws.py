"""What an element costs in pressure: one law for pipes, valves and pumps.

p_start - p_end = friction(m) + weight + r m|m| - boost. A pipe has friction and weight, a valve
r, a pump r and a boost. Where r m|m| is below 0.01 Pa a cubic joins it to a line through 0, as
friction turns laminar, so that Newton's method always has a slope.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

from songhua.engines.hydraulics.flows import lift, pressure_drop
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.hydraulics.network import Floats

_LAMINAR_PA = 0.01


def valve_resistance(kv_m3_per_h: ArrayLike, density_kg_per_m3: ArrayLike) -> Floats:
    """r of a valve, Pa·s²/kg²: Kv is its flow of water of 1,000 kg/m³ at 1 bar.

    Both broadcast; raises `InputError` unless both are greater than 0. Source: IEC 60534-2-1.

    >>> valve_resistance(3.6, 1000).item()  # 1 kg/s at 1 bar
    100000.0
    """
    kv, density = np.asarray(kv_m3_per_h, float), np.asarray(density_kg_per_m3, float)
    _positive(kv_m3_per_h=kv, density_kg_per_m3=density)
    return np.asarray(1.296e9 / (density * kv**2))


def pump_terms(
    shutoff_pa: ArrayLike, flow_kg_per_s: ArrayLike, pressure_pa: ArrayLike, speed: ArrayLike = 1.0
) -> tuple[Floats, Floats]:
    """`boost_pa` and `resistance` of a pump by its shut-off pressure and one point of its curve.

    The curve is a parabola; at another `speed` (1 is rated) the affinity laws scale it. Raises
    `InputError` where the curve does not fall.

    >>> boost, resistance = pump_terms(5e5, 10.0, 4e5, speed=0.5)
    >>> boost.item(), resistance.item()
    (125000.0, 1000.0)
    """
    shut, flow, pressure, turn = (
        np.asarray(values, float) for values in (shutoff_pa, flow_kg_per_s, pressure_pa, speed)
    )
    _positive(flow_kg_per_s=flow, shutoff_pa=shut - pressure, speed=turn)
    return np.asarray(shut * turn**2), np.asarray((shut - pressure) / flow**2)


def _positive(**named: Floats) -> None:
    problems = [
        Problem(where, "network_not_positive", f"{values[~(values > 0)].flat[0]:g}")
        for where, values in named.items()
        if not (np.isfinite(values) & (values > 0)).all()
    ]
    if problems:
        raise InputError(problems)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def element_pressure(pipes, resistance, boost, fluid, element, flow, temperature_c):  # type: ignore[no-untyped-def]
    """p_start - p_end and its derivative by the flow, Pa and Pa·s/kg."""
    pressure, slope = lift(pipes, fluid, element, temperature_c) - boost[element], 0.0
    if pipes.shape[element] > 0:
        friction, slope = pressure_drop(pipes, fluid, element, flow, temperature_c)
        pressure += friction
    square = resistance[element]
    if square > 0:
        size, least = abs(flow), np.sqrt(_LAMINAR_PA / square)
        if size >= least:
            pressure += square * flow * size
            slope += 2 * square * size
        else:
            pressure += square * flow * (least + flow * flow / least) / 2
            slope += square * (least + 3 * flow * flow / least) / 2
    return pressure, slope
