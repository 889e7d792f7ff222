"""Quasi-steady series: a steady state for each step, each starting from the one before.

Nothing is stored in pipes between steps; for steps of an hour on a city's network that is the
usual simplification, and the transport delay is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.thermal.operation import Operation
from songhua.engines.thermal.steady import solve

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, Integers
    from songhua.engines.thermal.model import Model


@dataclass(frozen=True)
class Series:
    """A row per step: consumers' and sources' figures, total loss, and whether it converged."""

    consumer_flow_kg_per_s: Floats
    consumer_supply_c: Floats
    consumer_reason: Integers
    source_flow_kg_per_s: Floats
    source_heat_w: Floats
    source_return_c: Floats
    lost_w: Floats
    converged: Flags


def series(model: Model, operation: Operation) -> Series:
    """The states under an operation whose arrays have a leading axis of steps.

    Raises `InputError` as `steady` does, before the first step.
    """
    steps = np.size(operation.ground_c)
    operation.check(model.network, steps)
    homes, at = model.network.source_node, model.network.consumer_node
    found = Series(
        np.empty((steps, at.size)), np.empty((steps, at.size)), np.empty((steps, at.size), int),
        np.empty((steps, homes.size)), np.empty((steps, homes.size)),
        np.empty((steps, homes.size)), np.empty(steps), np.empty(steps, bool),
    )  # fmt: skip
    columns = {name: np.asarray(values, float) for name, values in vars(operation).items()}
    state = None
    for step in range(steps):
        now = Operation(**{name: column[step] for name, column in columns.items()})
        state = solve(model, now, state if state is not None and state.converged else None)
        found.consumer_flow_kg_per_s[step] = state.consumer_flow_kg_per_s
        found.consumer_supply_c[step] = state.supply.node_c[at]
        found.consumer_reason[step] = state.consumer_reason
        found.source_flow_kg_per_s[step] = state.source_flow_kg_per_s
        found.source_heat_w[step] = state.source_heat_w
        found.source_return_c[step] = state.back.node_c[homes]
        found.lost_w[step] = state.lost_w
        found.converged[step] = state.converged
    return found
