"""Our side: the same towns through `songhua.engines.thermal`."""

from __future__ import annotations

import time

import numpy as np
from draw import GROUND_C, OUTLET_C, RETURN_PA, SUPPLY_C, SUPPLY_PA, Town, drawn, properties
from pandapipes_peer import figures
from transient import follow

from songhua.engines.hydraulics.network import HeatNetwork
from songhua.engines.hydraulics.water import fluid
from songhua.engines.thermal.model import prepare
from songhua.engines.thermal.operation import Operation
from songhua.engines.thermal.series import series
from songhua.engines.thermal.steady import steady


def solve(case: dict) -> dict:
    """CPU seconds of one solution from a cold start, and its figures; or of a whole year."""
    town = drawn(case)
    if "days" in case:
        return follow(case, town, network(town))
    begun = time.process_time()
    model = prepare(network(town), "nikuradse", fluid(0.0, 1.0, *properties()))
    note = f"prepared once in {1e3 * (time.process_time() - begun):.1f} ms"
    if "steps" in case:
        return year(case, model, town)
    operation = asked(town)
    state = steady(model, operation)
    taken = []
    for _ in range(20):
        begun = time.process_time()
        if case.get("warm"):
            steady(model, asked(town, 0.98), state)
        else:
            steady(model, operation)
        taken.append(time.process_time() - begun)
    if case.get("alone"):
        return {
            "seconds": min(taken),
            "answer": {"converged": float(state.converged)},
            "note": note,
        }
    answer = figures(state.supply.node_c, state.supply.pressure_pa / 1e5,
                     state.back.node_c, state.back.pressure_pa / 1e5, town)  # fmt: skip
    return {"seconds": min(taken), "answer": answer, "note": note}


def year(case: dict, model: object, town: Town) -> dict:
    """A quasi-steady year whose heat follows the day and the season, in parts of 730 steps."""
    hours = np.arange(case["steps"])
    share = 0.55 + 0.35 * np.cos(2 * np.pi * hours / 8760) + 0.1 * np.sin(2 * np.pi * hours / 24)
    seconds, found = 0.0, True
    for part in np.array_split(share, max(case["steps"] // 730, 1)):
        columns = {name: np.repeat(np.asarray(column)[None], part.size, axis=0)
                   for name, column in vars(asked(town)).items()}  # fmt: skip
        columns["consumer_heat_w"] = part[:, None] * town.heat_w
        begun = time.process_time()
        found &= bool(series(model, Operation(**columns)).converged.all())
        seconds += time.process_time() - begun
    return {"seconds": seconds, "answer": {"converged": float(found)}}


def network(town: Town) -> HeatNetwork:
    return HeatNetwork(
        np.zeros(town.nodes), town.start, town.end, town.length_m, town.diameter_m,
        np.full(town.start.size, town.roughness_m), town.loss_w_per_m_k, np.array([0]),
        np.array([True]), town.house, np.zeros(town.house.size, bool),
    )  # fmt: skip


def asked(town: Town, share: float = 1.0) -> Operation:
    count = town.house.size
    return Operation(
        np.array([SUPPLY_C]), np.array([SUPPLY_PA]), np.array([RETURN_PA]), np.zeros(1),
        share * town.heat_w, np.zeros(count), np.full(count, OUTLET_C), GROUND_C,
    )  # fmt: skip
