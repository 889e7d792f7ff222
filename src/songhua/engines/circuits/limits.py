"""What the pressures mean: boiling and bursting, the water-pressure profile, the bottleneck."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.circuits.solving import Reason
from songhua.engines.hydraulics.flows import GRAVITY_M_PER_S2

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from songhua.engines.circuits.circuit import Circuit
    from songhua.engines.circuits.solving import State
    from songhua.engines.hydraulics.network import Floats, Integers

ATMOSPHERE_PA = 101_325.0

_REGION_4 = (
    1167.0521452767, -724213.16703206, -17.073846940092, 12020.82470247, -3232555.0322333,
    14.91510861353, -4823.2657361591, 405113.40542057, -0.23855557567849, 650.17534844798,
)  # fmt: skip


class Limit(IntEnum):
    """How a node's pressure stands to its limits."""

    WITHIN = 0
    UNKNOWN = 1  # an island
    BOILS = 2  # absolute pressure not above saturation at the local temperature
    OVERPRESSURE = 3


def saturation_pressure(temperature_c: ArrayLike) -> Floats:
    """Absolute pressure at which water boils, Pa, 0-370 °C. Source: IAPWS-IF97 region 4, eq. 30.

    >>> saturation_pressure([26.85, 226.85]).round(1).tolist()
    [3536.6, 2638897.8]
    """
    kelvin = np.asarray(temperature_c, float) + 273.15
    n = _REGION_4
    place = kelvin + n[8] / (kelvin - n[9])
    a = place**2 + n[0] * place + n[1]
    b = n[2] * place**2 + n[3] * place + n[4]
    c = n[5] * place**2 + n[6] * place + n[7]
    return np.asarray(1e6 * (2 * c / (-b + np.sqrt(b * b - 4 * a * c))) ** 4)


def pressure_limits(
    state: State, temperature_c: ArrayLike, highest_pa: Floats | float, margin_pa: float = 0.0
) -> NDArray[np.int8]:
    """A `Limit` for each node by gauge pressures; `margin_pa` is kept above boiling."""
    boiling = saturation_pressure(temperature_c) - ATMOSPHERE_PA + margin_pa
    found = np.full(state.pressure_pa.shape, Limit.WITHIN, np.int8)
    found[state.pressure_pa > highest_pa] = Limit.OVERPRESSURE
    found[state.pressure_pa <= boiling] = Limit.BOILS
    found[state.node_reason == Reason.ISLAND] = Limit.UNKNOWN
    return found


@dataclass(frozen=True)
class Profile:
    """Along a path, shape (nodes of the path,): `distance_m` from its first node, `height_m`, and
    the head p/(ρ g) + height of this line; an island's pressure counts as 0."""

    distance_m: Floats
    height_m: Floats
    head_m: Floats


def profile(
    circuit: Circuit, state: State, path: Integers, density_kg_per_m3: float = 1000.0
) -> Profile:
    """The water-pressure profile (水压图) along elements `path`, one after the other.

    Call it for the supply and for the return. Elements may be walked from end to start.
    """
    nodes = _nodes(circuit, path)
    distance = np.concatenate([[0.0], np.cumsum(circuit.length_m[path])])
    height = circuit.height_m[nodes]
    return Profile(
        distance, height, height + state.pressure_pa[nodes] / (density_kg_per_m3 * GRAVITY_M_PER_S2)
    )


def _nodes(circuit: Circuit, path: Integers) -> Integers:
    ends = np.stack([circuit.start[path], circuit.end[path]], axis=1)
    node = ends[0, 0] if len(path) < 2 or ends[0, 1] in ends[1] else ends[0, 1]
    nodes = [node]
    for one, other in ends:
        node = other if node == one else one
        nodes.append(node)
    return np.array(nodes)


@dataclass(frozen=True)
class Shortfall:
    """The worst station: its element, the pressure it lacks, and the pipe on its way from and to
    the source that costs most a metre (-1 where no pipe carries water to it)."""

    station: int
    missing_pa: float
    bottleneck: int


def shortfall(
    circuit: Circuit, state: State, station: Integers, needed_pa: ArrayLike
) -> Shortfall | None:
    """The worst of the station elements that lack the pressure difference `needed_pa`, or None.

    `needed_pa` is one number or of shape (stations,). An island has no pressure difference.
    """
    given = state.pressure_pa[circuit.start[station]] - state.pressure_pa[circuit.end[station]]
    unknown = (state.node_reason[circuit.start[station]] == Reason.ISLAND) | (
        state.node_reason[circuit.end[station]] == Reason.ISLAND
    )
    missing = np.broadcast_to(needed_pa, given.shape) - np.where(unknown, 0.0, given)
    if not missing.size or missing.max() <= 0:
        return None
    worst = int(missing.argmax())
    element = int(station[worst])
    return Shortfall(element, float(missing[worst]), _bottleneck(circuit, state, element))


def _bottleneck(circuit: Circuit, state: State, station: int) -> int:
    """The steepest pipe on the way of most water, before the station and after it."""
    into: dict[int, list[int]] = {}
    out: dict[int, list[int]] = {}
    for pipe in np.flatnonzero((circuit.length_m > 0) & (state.flow_kg_per_s != 0)).tolist():
        ends = int(circuit.start[pipe]), int(circuit.end[pipe])
        first, last = ends if state.flow_kg_per_s[pipe] > 0 else ends[::-1]
        into.setdefault(last, []).append(pipe)
        out.setdefault(first, []).append(pipe)
    flow = np.abs(state.flow_kg_per_s)
    way: list[int] = []
    for node, pipes in ((int(circuit.start[station]), into), (int(circuit.end[station]), out)):
        while node in pipes:
            pipe = max(pipes.pop(node), key=lambda one: flow[one])
            way.append(pipe)
            node = int(circuit.start[pipe] + circuit.end[pipe]) - node
    if not way:
        return -1
    chosen = np.array(way)
    rise = circuit.height_m[circuit.end[chosen]] - circuit.height_m[circuit.start[chosen]]
    drop = state.pressure_pa[circuit.start[chosen]] - state.pressure_pa[circuit.end[chosen]]
    friction = np.abs(drop - 1000 * GRAVITY_M_PER_S2 * rise) / circuit.length_m[chosen]
    return int(chosen[friction.argmax()])
