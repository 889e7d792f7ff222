"""A network as a person describes it: elements by name, in SI units, unknown where nobody said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.network import HeatNetwork

if TYPE_CHECKING:
    from songhua.kit.errors import Problem


@dataclass(frozen=True)
class Node:
    name: str
    x: float | None = None
    y: float | None = None
    height_m: float | None = None


@dataclass(frozen=True)
class Pipe:
    """A supply pipe; its return is its mirror."""

    name: str
    start: str
    end: str
    length_m: float
    diameter_m: float
    roughness_m: float | None = None
    loss_w_per_m_k: float | None = None


@dataclass(frozen=True)
class Source:
    """`pressure_pa`, above atmosphere, is the supply's; None where the source gives a flow."""

    name: str
    node: str
    supply_c: float | None = None
    pressure_pa: float | None = None


@dataclass(frozen=True)
class Consumer:
    """Takes `heat_w` or `flow_kg_per_s`, the other is None; negative where it feeds in."""

    name: str
    node: str
    heat_w: float | None = None
    flow_kg_per_s: float | None = None
    return_c: float | None = None


@dataclass(frozen=True)
class Description:
    """The network, and in `left_out` what stood in the file and is not here, element by element."""

    nodes: tuple[Node, ...]
    pipes: tuple[Pipe, ...]
    sources: tuple[Source, ...]
    consumers: tuple[Consumer, ...]
    left_out: tuple[Problem, ...] = ()

    def network(
        self, *, height_m: float = 0.0, roughness_m: float, loss_w_per_m_k: float
    ) -> HeatNetwork:
        """The engines' network, elements in the order they stand here. The arguments stand where
        the file says nothing. Where no source's pressure is known, the first holds it.
        """
        place = {node.name: number for number, node in enumerate(self.nodes)}

        def known(given: list[float | None], otherwise: float) -> np.ndarray:
            return np.array([otherwise if one is None else one for one in given], float)

        def at(names: list[str]) -> np.ndarray:
            return np.array([place[name] for name in names], np.int64)

        holds = np.array([source.pressure_pa is not None for source in self.sources], bool)
        if holds.size and not holds.any():
            holds[0] = True
        return HeatNetwork(
            known([node.height_m for node in self.nodes], height_m),
            at([pipe.start for pipe in self.pipes]),
            at([pipe.end for pipe in self.pipes]),
            np.array([pipe.length_m for pipe in self.pipes], float),
            np.array([pipe.diameter_m for pipe in self.pipes], float),
            known([pipe.roughness_m for pipe in self.pipes], roughness_m),
            known([pipe.loss_w_per_m_k for pipe in self.pipes], loss_w_per_m_k),
            at([source.node for source in self.sources]),
            holds,
            at([consumer.node for consumer in self.consumers]),
            np.array([consumer.heat_w is None for consumer in self.consumers], bool),
        )
