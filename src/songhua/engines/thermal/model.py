"""A network made ready for many loads: its split, its equations' order, its friction and water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.factorisation import pattern
from songhua.engines.hydraulics.flows import pipes
from songhua.engines.hydraulics.friction import LAWS
from songhua.engines.hydraulics.topology import incidence, topology
from songhua.engines.hydraulics.water import WATER
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.hydraulics.factorisation import Pattern
    from songhua.engines.hydraulics.flows import Pipes
    from songhua.engines.hydraulics.friction import Law
    from songhua.engines.hydraulics.network import Flags, Floats, HeatNetwork, Integers
    from songhua.engines.hydraulics.topology import Topology
    from songhua.engines.hydraulics.water import Fluid


@dataclass(frozen=True)
class Model:
    """All that does not depend on the load. `around` is the pipes around each node."""

    network: HeatNetwork
    fluid: Fluid
    pipes: Pipes
    topology: Topology
    around: tuple[Integers, Integers]
    supply_pattern: Pattern
    return_pattern: Pattern
    loss_w_per_k: Floats


def prepare(network: HeatNetwork, law: Law = "colebrook", fluid: Fluid = WATER) -> Model:
    """The model of a network under a law of friction, with water or another fluid in it."""
    require(law in LAWS, "law", "param_choice", ", ".join(LAWS))
    split = topology(network)
    start, end = network.pipe_start, network.pipe_end

    def unknowns_beside(given: Flags) -> Pattern:
        free = np.setdiff1d(split.core_node, network.source_node[given])
        return pattern(start[split.core_pipe], end[split.core_pipe], free, network.height_m.size)

    supply = unknowns_beside(network.source_holds_pressure)
    same = np.array_equal(network.source_holds_pressure, split.reference)
    return Model(
        network, fluid, pipes(network, LAWS.index(law)), split,
        incidence(network.height_m.size, start, end), supply,
        supply if same else unknowns_beside(split.reference),
        network.loss_w_per_m_k * network.length_m,
    )  # fmt: skip
