"""The pressure that a flow costs in each pipe: friction, and the weight of water between heights.

A pipe from `start` to `end` carrying m has p_start - p_end = Δp(m) + lift, where the lift is the
weight of its water between the two heights. Friction takes the water at the mean of the pipe's
ends; weight takes it at its mean along the pipe, which does not jump when the flow turns. The
return of a mirrored network obeys the same equations with pressures negated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.friction import friction_with, roughness_term
from songhua.engines.hydraulics.water import density, viscosity

if TYPE_CHECKING:
    from songhua.engines.hydraulics.layout import Layout
    from songhua.engines.hydraulics.network import Floats, HeatNetwork

GRAVITY_M_PER_S2 = 9.80665


class Pipes(NamedTuple):
    """The pipes of a layout: `shape` is L/D³, `rise_m` the end's height less the start's,
    `per_area` 4/(π D), `roughness` k/D, `term` its `roughness_term`, and `law` the place of the
    friction law."""

    shape: Floats
    rise_m: Floats
    per_area: Floats
    roughness: Floats
    term: Floats
    law: int


def pipes(network: HeatNetwork, order: Layout, law: int) -> Pipes:
    """The pipes of a network in their layout under a friction law."""
    bore, height = network.diameter_m[order.pipe], network.height_m
    rise = height[network.pipe_end[order.pipe]] - height[network.pipe_start[order.pipe]]
    roughness = network.roughness_m[order.pipe] / bore
    return Pipes(
        network.length_m[order.pipe] / bore**3, order.turn * rise, 4 / (np.pi * bore),
        roughness, _terms(roughness, law), law,
    )  # fmt: skip


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _terms(roughness, law):  # type: ignore[no-untyped-def]
    terms = np.empty(roughness.size)
    for pipe in range(roughness.size):
        terms[pipe] = roughness_term(roughness[pipe], law)
    return terms


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def pressure_drop(pipes, fluid, pipe, flow, temperature_c):  # type: ignore[no-untyped-def]
    """Δp(m) and dΔp/dm of one pipe, Pa and Pa·s/kg."""
    thickness = viscosity(fluid, temperature_c)
    per_flow = pipes.per_area[pipe] / thickness
    number, slope = friction_with(
        abs(flow) * per_flow, pipes.roughness[pipe], pipes.term[pipe], pipes.law
    )
    scale = thickness * thickness * pipes.shape[pipe] / (2 * density(fluid, temperature_c))
    return np.copysign(scale * number, flow), scale * slope * per_flow


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def lift(pipes, fluid, pipe, temperature_c):  # type: ignore[no-untyped-def]
    """The weight of a pipe's water between its two heights, Pa."""
    if pipes.rise_m[pipe] == 0:
        return 0.0
    return density(fluid, temperature_c) * GRAVITY_M_PER_S2 * pipes.rise_m[pipe]
