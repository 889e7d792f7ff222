"""The primary flow that makes a wanted secondary supply temperature."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from songhua.engines.substations.exchanger import Exchangers, Floats

_HALVINGS = 60  # of the widest flow: past the last bit

Reasons: TypeAlias = NDArray[np.int8]


class Reason(IntEnum):
    """Why a station has the primary flow it has."""

    NORMAL = 0
    NO_DEMAND = 1  # the secondary stands still or returns warm enough: the valve is shut
    TOO_COLD = 2  # the primary supply is no warmer than what is wanted: the valve is wide open
    TOO_SMALL = 3  # plates or greatest flow do not suffice: the valve is wide open


@dataclass(frozen=True)
class Operation:
    """Of every station, shape (exchangers,): flow, the temperatures it gives, heat and reason."""

    primary_kg_per_s: Floats
    primary_return_c: Floats
    secondary_supply_c: Floats
    heat_w: Floats
    reason: Reasons


def primary_flow(
    exchangers: Exchangers,
    primary_supply_c: Floats,
    secondary_kg_per_s: Floats,
    secondary_return_c: Floats,
    wanted_c: Floats,
    greatest_kg_per_s: Floats,
) -> Operation:
    """Least primary flow, up to the greatest, whose secondary supply is `wanted_c`.

    All of shape (exchangers,). The supply rises with the flow, so halving finds it. Where nothing
    flows on the primary its return has the temperature of the secondary return.
    """
    given = {
        "primary_supply_c": primary_supply_c, "secondary_kg_per_s": secondary_kg_per_s,
        "secondary_return_c": secondary_return_c, "wanted_c": wanted_c,
        "greatest_kg_per_s": greatest_kg_per_s,
    }  # fmt: skip
    problems = [
        Problem(name, "substation_not_finite")
        for name, values in given.items()
        if not np.isfinite(values).all()
    ]
    if problems:
        raise InputError(problems)
    supply, moving, back, wanted, widest = np.broadcast_arrays(
        *(np.atleast_1d(np.asarray(values, float)) for values in given.values())
    )
    rate = exchangers.heat_capacity_j_per_kg_k
    wanted_w = rate * moving * (wanted - back)

    def heat(flow: Floats) -> Floats:
        return exchangers.heat_w(flow, supply, moving, back)

    idle = (moving <= 0) | (wanted <= back)
    short = ~idle & (heat(widest) < wanted_w)
    low, high = np.zeros(supply.shape), widest.copy()
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        enough = heat(middle) >= wanted_w
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    flow = np.where(idle, 0.0, high)
    given_w = heat(flow)
    reason = np.full(flow.shape, Reason.NORMAL, np.int8)
    reason[short] = Reason.TOO_SMALL
    reason[short & (supply <= wanted)] = Reason.TOO_COLD
    reason[idle] = Reason.NO_DEMAND
    fallen = np.divide(given_w, rate * flow, out=supply - back, where=flow > 0)
    risen = np.divide(given_w, rate * moving, out=np.zeros(flow.shape), where=moving > 0)
    return Operation(flow, supply - fallen, back + risen, given_w, reason)
