"""Supply and return through time: plug flow, without smear, every joule accounted for.

Each pipe is a queue of slugs (`transient_slugs`), mixed at nodes in the order of the flow
(`transient_nodes`), step after step (`transient_march`). Density and heat capacity stay the same
throughout, so that the ledger closes to rounding. Between two changes of a step a mixture is level;
in a step a node knows four pieces of water, the nearest alike of more are joined with their heat.
References: J. Benonysson, B. Bøhm, H. F. Ravn, Operational optimization in a district heating
system, Energy Conversion and Management 36 (1995), for the node method's idea of residence times.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.layout import incidence
from songhua.engines.hydraulics.network import not_finite
from songhua.engines.thermal.transient_march import RING, UNBALANCED, Found, Ground, Steps, march
from songhua.engines.thermal.transient_nodes import Graph, empty_nodes
from songhua.engines.thermal.transient_slugs import FRONT, MASS, Slugs, held
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, HeatNetwork

DENSITY_KG_PER_M3, HEAT_CAPACITY_J_PER_KG_K = 975.0, 4190.0  # water at some 75 °C


@dataclass(frozen=True)
class Filling:
    """The water in all pipes at one moment, `time_s` after it was filled in."""

    supply: Slugs
    back: Slugs
    time_s: float
    ground_c: float
    capacity_j_per_kg_k: float

    def heat_j(self) -> tuple[float, float]:
        """Heat above the ground's temperature that the pipes hold, and what it has lost to it."""
        sides = [held(side, self.time_s) for side in (self.supply, self.back)]
        holds, lost = (
            self.capacity_j_per_kg_k * sum(column) for column in zip(*sides, strict=True)
        )
        return holds, lost


@dataclass(frozen=True)
class Flows:
    """What happens in each step, arrays of shape (steps, pipes), (steps, sources) or (steps,
    consumers).

    `pipe_kg_per_s`, positive from start to end in the supply; the return mirrors it. A consumer
    takes `consumer_kg_per_s` and gives it back at `consumer_outlet_c`, or as it came if that is
    colder; one that feeds in has a negative flow. A source gives what its node's pipes take, at
    `source_supply_c`; where they bring water, that goes back unheated.
    """

    pipe_kg_per_s: Floats
    consumer_kg_per_s: Floats
    source_supply_c: Floats
    consumer_outlet_c: Floats


@dataclass(frozen=True)
class Ledger:
    """Heat in J: what sources gave is what consumers took (less what they fed in), what the ground
    took, and what the pipes now hold more than before."""

    injected_j: float
    delivered_j: float
    lost_j: float
    stored_j: float

    @property
    def unaccounted_j(self) -> float:
        """Rounding, and what the given flows do not balance."""
        return self.injected_j - self.delivered_j - self.lost_j - self.stored_j


@dataclass(frozen=True)
class Transient:
    """A row per step: means over the step at consumers (of the water that arrives) and sources (of
    the water that returns), the ground's temperature where nothing flows; the run's ledger; and the
    water at its end, from which the next run goes on."""

    consumer_supply_c: Floats
    consumer_heat_w: Floats
    source_flow_kg_per_s: Floats
    source_return_c: Floats
    source_heat_w: Floats
    ledger: Ledger
    filling: Filling

    def shortfall_w(self, asked_w: Floats) -> Floats:
        """What consumers lacked of the heat they asked for, shape (steps, consumers)."""
        return np.where(asked_w > 0, np.maximum(asked_w - self.consumer_heat_w, 0.0), 0.0)


def fill(
    network: HeatNetwork,
    supply_c: Floats | float,
    back_c: Floats | float,
    ground_c: float,
    *,
    density_kg_per_m3: float = DENSITY_KG_PER_M3,
    capacity_j_per_kg_k: float = HEAT_CAPACITY_J_PER_KG_K,
    slugs: int = 64,
) -> Filling:
    """Pipes filled with water of one temperature, or of each pipe's own, shape (pipes,).

    A pipe remembers at most `slugs` slugs on either side; a longer queue joins those most alike.
    """
    require(slugs >= 8, "slugs", "out_of_range", slugs)
    for name, number in (("density_kg_per_m3", density_kg_per_m3),
                         ("capacity_j_per_kg_k", capacity_j_per_kg_k)):  # fmt: skip
        require(np.isfinite(number) and number > 0, name, "network_not_positive", number)
    pipes = network.length_m.size
    temperatures = {
        name: np.asarray(given, float)
        for name, given in (("supply_c", supply_c), ("back_c", back_c), ("ground_c", ground_c))
    }
    problems = [*not_finite(**temperatures)]
    problems += [Problem(name, "thermal_size", f"{pipes}") for name, given in temperatures.items()
                 if given.shape not in ((), (pipes,))]  # fmt: skip
    if problems:
        raise InputError(problems)
    area = np.pi / 4 * network.diameter_m**2
    rate = network.loss_w_per_m_k / (density_kg_per_m3 * area * capacity_j_per_kg_k)
    mass = density_kg_per_m3 * area * network.length_m
    supply, back = (
        _one_slug(mass, temperatures[name] - ground_c, rate, facing, slugs)
        for name, facing in (("supply_c", 1.0), ("back_c", -1.0))
    )
    return Filling(supply, back, 0.0, float(ground_c), float(capacity_j_per_kg_k))


def _one_slug(mass_kg: Floats, above_k: Floats, rate: Floats, facing: float, most: int) -> Slugs:
    """Every pipe filled with one slug."""
    slug = np.zeros((mass_kg.size, most, 5))
    slug[:, 0, MASS], slug[:, 0, FRONT] = mass_kg, above_k
    pipes = mass_kg.size
    return Slugs(slug, np.zeros(pipes, np.int64), np.ones(pipes, np.int64), np.full(pipes, facing),
                 rate)  # fmt: skip


def run(network: HeatNetwork, filling: Filling, flows: Flows, step_s: float) -> Transient:
    """Move the water of `filling` (which stays as it is) through the steps of `flows`.

    Raises `InputError` for arrays that do not fit, flows that do not balance at a node without a
    source to 1e-9 of the largest, and flows that go round in a ring.
    """
    steps = _checked(network, flows)
    require(np.isfinite(step_s) and step_s > 0, "step_s", "network_not_positive", step_s)
    supply, back = deepcopy(filling.supply), deepcopy(filling.back)
    count, sources = len(steps.pipe), network.source_node.size
    users, ends = (count, network.consumer_node.size), (count, sources)
    found = Found(np.zeros(users), np.zeros(users), np.zeros(ends), np.zeros(ends), np.zeros(ends),
                  np.zeros(count))  # fmt: skip
    nodes, most = network.height_m.size, supply.slug.shape[1]
    around = incidence(nodes, network.pipe_start, network.pipe_end)
    graph = Graph(nodes, network.length_m.size, network.pipe_start, network.pipe_end, *around)
    place = Ground(graph, network.source_node, network.consumer_node, filling.ground_c,
                   filling.capacity_j_per_kg_k)  # fmt: skip
    wrong, step = march(place, steps, filling.time_s, float(step_s), supply, back,
                        empty_nodes(nodes, most), empty_nodes(nodes, most), found)  # fmt: skip
    require(wrong != UNBALANCED, "pipe_kg_per_s", "thermal_flows_unbalanced", step)
    require(wrong != RING, "pipe_kg_per_s", "thermal_flows_in_a_ring", step)
    after = replace(filling, supply=supply, back=back, time_s=filling.time_s + count * step_s)
    (was_j, lost_before_j), (is_j, lost_since_j) = filling.heat_j(), after.heat_j()
    lost_j = filling.capacity_j_per_kg_k * found.lost.sum() + lost_since_j - lost_before_j
    ledger = Ledger(float(found.source_w.sum() * step_s), float(found.consumer_w.sum() * step_s),
                    float(lost_j), is_j - was_j)  # fmt: skip
    return Transient(found.consumer_c, found.consumer_w, found.source_flow, found.return_c,
                     found.source_w, ledger, after)  # fmt: skip


def _checked(network: HeatNetwork, flows: Flows) -> Steps:
    """The inputs as compiled code takes them, or `InputError` with all that is wrong with them."""
    columns = {name: np.ascontiguousarray(given, float) for name, given in vars(flows).items()}
    count = len(columns["pipe_kg_per_s"])
    sizes = (network.length_m.size, network.consumer_node.size, network.source_node.size,
             network.consumer_node.size)  # fmt: skip
    problems = []
    for (name, column), size in zip(columns.items(), sizes, strict=True):
        if column.shape != (count, size):
            problems.append(Problem(name, "thermal_size", f"{count}×{size}"))
        problems += not_finite(**{name: column})
    if problems:
        raise InputError(problems)
    return Steps(*columns.values())
