"""The steady state of a network, and the guess that a search for it starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.thermal.sweep import empty_side

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, HeatNetwork, Integers
    from songhua.engines.thermal.operation import Operation
    from songhua.engines.thermal.sweep import Side

_GUESSED_SPEED_M_PER_S = 0.5


@dataclass(frozen=True)
class SteadyState:
    """What flows where, how hot, and why not, where something is missing.

    `supply` and `back` hold the two sides' pressures, temperatures, flows and losses (`Side`; the
    return's pressures are `return_pa`). Consumers' flows are negative where they feed in, as is
    their heat; sources' flows are negative where supply water goes back unheated. Reasons are
    `Reason`. Pressures on an island are 0 and mean nothing. `converged` is false when the last of
    `rounds` still changed the flows: then nothing here may be relied on.
    """

    supply: Side
    back: Side
    consumer_flow_kg_per_s: Floats
    consumer_heat_w: Floats
    consumer_reason: Integers
    source_flow_kg_per_s: Floats
    source_heat_w: Floats
    source_reason: Integers
    node_reason: Integers
    converged: bool
    rounds: int

    @property
    def return_pa(self) -> Floats:
        """Pressures of the return, shape (nodes,)."""
        return np.asarray(-self.back.pressure_pa)

    @property
    def lost_w(self) -> float:
        """Heat lost to the ground by supply and return."""
        return float(self.supply.lost_w.sum() + self.back.lost_w.sum())

    @property
    def unaccounted_w(self) -> float:
        """Heat from the sources less what the consumers got and the ground took: rounding."""
        return float(self.source_heat_w.sum() - self.consumer_heat_w.sum() - self.lost_w)


def first_sides(
    network: HeatNetwork, operation: Operation, before: SteadyState | None
) -> tuple[Side, Side]:
    """Supply and return to start from: copies of those before, or one temperature and speed."""
    if before is not None:
        return tuple(type(side)(*(column.copy() for column in side))
                     for side in (before.supply, before.back))  # type: ignore[return-value]  # fmt: skip
    nodes, pipes = network.height_m.size, network.length_m.size
    speed = 1000 * np.pi / 4 * network.diameter_m**2 * _GUESSED_SPEED_M_PER_S
    supply_c = operation.source_supply_c.max(initial=float(operation.ground_c))
    outlet_c = operation.consumer_outlet_c.mean() if network.consumer_node.size else supply_c
    return (
        empty_side(nodes, pipes, float(supply_c), speed),
        empty_side(nodes, pipes, float(outlet_c), speed.copy()),
    )
