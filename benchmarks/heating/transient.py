"""Our side of the cases with `days`: water followed through a town in steps of five minutes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
from draw import GROUND_C, OUTLET_C, SUPPLY_C, Town

from songhua.engines.thermal.transient import HEAT_CAPACITY_J_PER_KG_K, Flows, fill, run

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import HeatNetwork

STEPS, STEP_S = 288, 300.0  # a day


def follow(case: dict, town: Town, network: HeatNetwork) -> dict:
    """CPU seconds of all days, flows given, and the share of the heat that the ledger misses."""
    rng = np.random.default_rng(case["seed"])
    water = fill(network, SUPPLY_C, OUTLET_C, GROUND_C)
    water = run(network, water, drawn_day(town, rng), STEP_S).filling  # compiled, and warmed up
    seconds = injected_j = unaccounted_j = 0.0
    for _ in range(case["days"]):
        flows = drawn_day(town, rng)
        begun = time.process_time()
        found = run(network, water, flows, STEP_S)
        seconds += time.process_time() - begun
        injected_j += found.ledger.injected_j
        unaccounted_j += found.ledger.unaccounted_j
        water = found.filling
    share = {"unaccounted share": unaccounted_j / injected_j}
    note = f"{1e3 * seconds / case['days'] / STEPS:.2f} ms a step"
    return {"seconds": seconds, "answer": share, "note": note}


def drawn_day(town: Town, rng: np.random.Generator) -> Flows:
    """Every house by the hour and its own chance; a plant that varies by some kelvin."""
    wave = np.cos(2 * np.pi * np.arange(STEPS) / STEPS)
    full = town.heat_w / (HEAT_CAPACITY_J_PER_KG_K * (SUPPLY_C - OUTLET_C))
    taken = (0.6 + 0.3 * wave)[:, None] * rng.uniform(0.9, 1.1, (STEPS, full.size)) * full
    beyond = np.zeros((STEPS, town.nodes))
    beyond[:, town.house] = taken
    for pipe in range(town.end.size - 1, -1, -1):  # children stand after their parents
        beyond[:, town.start[pipe]] += beyond[:, town.end[pipe]]
    supply_c = SUPPLY_C - 5 * wave + rng.uniform(-2, 2, STEPS)
    return Flows(beyond[:, town.end], taken, supply_c[:, None], np.full(taken.shape, OUTLET_C))
