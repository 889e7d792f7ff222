"""Quasi-steady series: a steady state for each step, each starting from the one before.

Nothing is stored in pipes between steps; for steps of an hour on a city's network that is the
usual simplification, and the transport delay is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit

from songhua.engines.hydraulics.water import enthalpy
from songhua.engines.thermal.balance import Now, balance
from songhua.engines.thermal.operation import Reason
from songhua.engines.thermal.steady import as_plant, at_once, blank

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers
    from songhua.engines.thermal.model import Model
    from songhua.engines.thermal.operation import Operation

_ISLAND, _COLD = int(Reason.ISLAND), int(Reason.NO_TEMPERATURE_SPREAD)


@dataclass(frozen=True)
class Series:
    """A row per step: consumers' and sources' figures, the total loss, the least difference of
    pressure between supply and return at any consumer, and whether the step converged."""

    consumer_flow_kg_per_s: Floats
    consumer_supply_c: Floats
    consumer_reason: Integers
    source_flow_kg_per_s: Floats
    source_heat_w: Floats
    source_return_c: Floats
    lost_w: Floats
    least_difference_pa: Floats
    converged: Flags


def series(model: Model, operation: Operation) -> Series:
    """The states under an operation whose arrays have a leading axis of steps.

    Raises `InputError` as `steady` does, before the first step.
    """
    steps = np.size(operation.ground_c)
    operation.check(model.network, steps)
    sources, consumers = model.source.size, model.consumer.size
    found = (
        np.zeros((steps, consumers)), np.zeros((steps, consumers)),
        np.zeros((steps, consumers), np.int64), np.zeros((steps, sources)),
        np.zeros((steps, sources)), np.zeros((steps, sources)), np.zeros(steps), np.zeros(steps),
        np.zeros(steps, bool),
    )  # fmt: skip
    columns: dict[str, Any] = {
        name: np.ascontiguousarray(column, float) for name, column in vars(operation).items()
    }
    if steps:
        first = at_once(type(operation)(**{name: column[0] for name, column in columns.items()}))
        _march(as_plant(model), Now(**columns), blank(model, first), found)
    return Series(*found)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _march(plant, columns, state, found):  # type: ignore[no-untyped-def]
    """Step after step, each row into the columns of a `Series`."""
    net, warm = plant.net, False
    flows, arriving, reasons, brought, heats, returns, lost, least, converged = found
    for step in range(lost.size):
        now = Now(
            columns.source_supply_c[step], columns.source_supply_pa[step],
            columns.source_return_pa[step], columns.source_flow_kg_per_s[step],
            columns.consumer_heat_w[step], columns.consumer_flow_kg_per_s[step],
            columns.consumer_outlet_c[step], columns.ground_c[step],
        )  # fmt: skip
        converged[step], _ = balance(plant, now, state, warm)
        warm = converged[step]
        flows[step], brought[step] = state.consumer_flow, state.source_flow
        lost[step] = state.supply.lost_w.sum() + state.back.lost_w.sum()
        least[step] = np.inf
        for number, node in enumerate(plant.consumer):
            if node < 0:
                arriving[step, number], reasons[step, number] = now.ground_c, _ISLAND
                continue
            arriving[step, number] = state.supply.node_c[node]
            reasons[step, number] = _COLD if state.hopeless[number] else 0
            pressure = state.supply.pressure_pa[node] + state.back.pressure_pa[node]
            least[step] = min(least[step], pressure)
        for source, node in enumerate(plant.source):
            returns[step, source] = state.back.node_c[node] if node >= 0 else now.ground_c
            lifted = enthalpy(net.fluid, now.source_supply_c[source])
            lifted -= enthalpy(net.fluid, returns[step, source])
            heats[step, source] = max(brought[step, source], 0.0) * lifted
