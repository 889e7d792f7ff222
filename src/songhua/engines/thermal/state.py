"""The steady state of a network, in the network's own numbering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.thermal.balance import State


class Water(NamedTuple):
    """Supply or return. Nodes: `pressure_pa`, 0 on an island, and `node_c`. Pipes:
    `flow_kg_per_s`, positive from start to end in the supply and from end to start in the return,
    `mean_c` of the two ends, and `lost_w`."""

    pressure_pa: Floats
    node_c: Floats
    flow_kg_per_s: Floats
    mean_c: Floats
    lost_w: Floats


@dataclass(frozen=True)
class SteadyState:
    """What flows where, how hot, and why not, where something is missing.

    Consumers' flows are negative where they feed in, as is their heat; sources' flows are negative
    where supply water goes back unheated. Reasons are `Reason`. `converged` is false when the last
    of `rounds` still changed the flows: then nothing here may be relied on. `found` is what a
    search for a state nearby starts from.
    """

    supply: Water
    back: Water
    consumer_flow_kg_per_s: Floats
    consumer_heat_w: Floats
    consumer_reason: Integers
    source_flow_kg_per_s: Floats
    source_heat_w: Floats
    source_reason: Integers
    node_reason: Integers
    converged: bool
    rounds: int
    found: State

    @property
    def lost_w(self) -> float:
        """Heat lost to the ground by supply and return."""
        return float(self.supply.lost_w.sum() + self.back.lost_w.sum())

    @property
    def unaccounted_w(self) -> float:
        """Heat from the sources less what the consumers got and the ground took: rounding."""
        return float(self.source_heat_w.sum() - self.consumer_heat_w.sum() - self.lost_w)

    @property
    def difference_pa(self) -> Floats:
        """Supply's pressure less the return's, shape (nodes,): what a consumer there may use up."""
        return np.asarray(self.supply.pressure_pa - self.back.pressure_pa)
