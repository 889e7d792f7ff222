"""What is asked of a network at one moment: by its sources, its consumers and the ground."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.network import not_finite
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, HeatNetwork

_LIQUID_C = (0.0, 180.0)


class Reason(IntEnum):
    """Why a node, consumer or source has the result it has."""

    NORMAL = 0
    ISLAND = 1  # no pipes lead to a source that holds its pressure: no flow, no heat
    STAGNANT = 2  # nothing flows through: the water has the ground's temperature
    NO_TEMPERATURE_SPREAD = 3  # the water that arrives cannot give or take the heat asked for
    BACKFLOW = 4  # a source that takes supply water and passes it to the return unheated


@dataclass(frozen=True)
class Operation:
    """Arrays of shape (sources,) or (consumers,), or (steps, …) with `ground_c` (steps,).

    A source sends water out at `source_supply_c`. Where it holds its pressure that is
    `source_supply_pa`; elsewhere it gives `source_flow_kg_per_s`, which is not read at the
    former. `source_return_pa` is read at the first source of each connected part that holds its
    pressure; the pumps of the others lift what the network asks. Pressures are above atmosphere.

    A consumer takes `consumer_heat_w`, or `consumer_flow_kg_per_s` where the network says so, and
    gives the water back at `consumer_outlet_c`. One with negative heat or flow feeds in: it takes
    water from the return and gives it to the supply at `consumer_outlet_c`.
    """

    source_supply_c: Floats
    source_supply_pa: Floats
    source_return_pa: Floats
    source_flow_kg_per_s: Floats
    consumer_heat_w: Floats
    consumer_flow_kg_per_s: Floats
    consumer_outlet_c: Floats
    ground_c: Floats | float

    def check(self, network: HeatNetwork, steps: int | None = None) -> None:
        """Raise `InputError` with everything that does not fit the network or its water."""
        lead = () if steps is None else (steps,)
        problems = []
        for name, values in vars(self).items():
            array = np.asarray(values, float)
            if name == "ground_c":
                shape = lead
            else:
                per = network.source_node if name.startswith("source") else network.consumer_node
                shape = (*lead, per.size)
            if array.shape != shape:
                wanted = "×".join(map(str, shape)) or "1"
                problems.append(Problem(name, "thermal_size", wanted))
                continue
            found = not_finite(**{name: array})
            if not found and name.endswith(("supply_c", "outlet_c")):
                outside = (array < _LIQUID_C[0]) | (array > _LIQUID_C[1])
                found = [Problem(name, "thermal_not_liquid", f"{array[outside][0]:g}")
                         for _ in range(bool(outside.any()))]  # fmt: skip
            problems += found
        if problems:
            raise InputError(problems)
