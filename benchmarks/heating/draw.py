"""A town's network by seed: streets that branch at random, houses on them, loops if asked.

With n houses there are n/2 street nodes: 1.5 n nodes and as many pipes, in supply and return alike.
Bores give about 1 m/s at full load. Water's properties are one table for both sides: density and
viscosity of liquid water, and a heat capacity that rises in a straight line, for which the mean
value of one side and the integral of the other are the same number.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np

SUPPLY_C, OUTLET_C, GROUND_C = 90.0, 45.0, 8.0
SUPPLY_PA, RETURN_PA = 12e5, 3e5
TABLE_C = np.arange(0.0, 131.0, 1.0)
CAPACITY = (4170.0, 4250.0)  # J/(kg·K) at the ends of the table


@dataclass(frozen=True)
class Town:
    """Pipes from node to node (node 0 is the plant), and each house's node and heat in W."""

    nodes: int
    start: np.ndarray
    end: np.ndarray
    length_m: np.ndarray
    diameter_m: np.ndarray
    loss_w_per_m_k: np.ndarray
    house: np.ndarray
    heat_w: np.ndarray

    roughness_m = 1e-4


def drawn(case: dict) -> Town:
    """The town of a case: `houses`, `loops` (extra street pipes, as a share) and `seed`, to which
    the environment's ``SEED`` is added: other towns of the same kind."""
    rng = np.random.default_rng(case["seed"] + int(os.environ.get("SEED", "0")))
    houses = case["houses"]
    streets = houses // 2
    parent = np.array([0, *(int(rng.integers(max(0, k - 30), k)) for k in range(1, streets))])
    house = np.arange(streets, streets + houses)
    start = np.concatenate((parent[1:], rng.integers(1, streets, houses)))
    end = np.concatenate((np.arange(1, streets), house))
    heat = rng.uniform(5e3, 6e4, houses)
    beyond = np.zeros(streets + houses)
    beyond[house] = heat
    for pipe in range(end.size - 1, -1, -1):
        beyond[start[pipe]] += beyond[end[pipe]]
    carried = beyond[end]
    extra = round(case["loops"] * streets)
    one = rng.integers(30, streets, extra)
    start = np.concatenate((start, one))
    end = np.concatenate((end, one - rng.integers(1, 30, extra)))
    carried = np.concatenate((carried, np.full(extra, np.median(carried[: streets - 1]))))
    bore = np.maximum(np.sqrt(carried / (4190 * (SUPPLY_C - OUTLET_C)) * 4 / (np.pi * 970)), 0.02)
    length = np.where(np.arange(start.size) < streets - 1, 40.0, 15.0)
    return Town(
        streets + houses, start, end, length * rng.uniform(0.5, 1.5, start.size), bore,
        rng.uniform(0.1, 0.3, start.size), house, heat,
    )  # fmt: skip


def properties() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Density in kg/m³, viscosity in Pa·s and heat capacity in J/(kg·K) at `TABLE_C`.

    G. Kell, J. Chem. Eng. Data 20 (1975), and a Vogel equation: close to water, and on both sides
    the same, which is what matters here.
    """
    t = TABLE_C
    density = (999.83952 + 16.945176 * t - 7.9870401e-3 * t**2 - 46.170461e-6 * t**3
               + 105.56302e-9 * t**4 - 280.54253e-12 * t**5) / (1 + 16.879850e-3 * t)  # fmt: skip
    viscosity = 2.414e-5 * 10 ** (247.8 / (t + 133.15))
    return density, viscosity, np.interp(t, (t[0], t[-1]), CAPACITY)
