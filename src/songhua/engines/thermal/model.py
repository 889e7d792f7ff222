"""A network made ready for many loads: its layout, its equations' order, its friction and water."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from songhua.engines.hydraulics.factorisation import pattern
from songhua.engines.hydraulics.flows import pipes
from songhua.engines.hydraulics.friction import LAWS
from songhua.engines.hydraulics.layout import layout
from songhua.engines.hydraulics.water import WATER
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.hydraulics.factorisation import Pattern
    from songhua.engines.hydraulics.flows import Pipes
    from songhua.engines.hydraulics.friction import Law
    from songhua.engines.hydraulics.layout import Layout
    from songhua.engines.hydraulics.network import Floats, HeatNetwork, Integers
    from songhua.engines.hydraulics.water import Fluid


class Net(NamedTuple):
    """What compiled code needs of a network, in its layout; ``pipe_loss`` is in W/K."""

    order: Layout
    pattern: Pattern
    pipes: Pipes
    fluid: Fluid
    pipe_loss: Floats


@dataclass(frozen=True)
class Model:
    """All that does not depend on the load. `consumer` and `source`: their nodes' places in the
    layout, -1 on an island."""

    network: HeatNetwork
    net: Net
    consumer: Integers
    source: Integers


def prepare(network: HeatNetwork, law: Law = "colebrook", fluid: Fluid = WATER) -> Model:
    """The model of a network under a law of friction, with water or another fluid in it."""
    require(law in LAWS, "law", "param_choice", ", ".join(LAWS))
    order = layout(network)
    net = Net(
        order,
        pattern(order.start, order.end, order.cores),
        pipes(network, order, LAWS.index(law)),
        fluid,
        (network.loss_w_per_m_k * network.length_m)[order.pipe],
    )
    places = order.place[network.consumer_node], order.place[network.source_node]
    return Model(network, net, *places)
