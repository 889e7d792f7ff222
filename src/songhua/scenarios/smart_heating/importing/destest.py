"""DESTEST, common exercise 1: a street of like houses, followed by the water's way.

Source: IBPSA Project 1, DESTEST, Networks/CE_1 (pipe table, a house's heat by the time, published
heat injection every 15 minutes). The plant at node i sends water out at 50 °C, the ground has
12 °C, a house takes its heat at a drop of 20 K, as in the exercise's example model; the column
"U-value" holds the insulation's conductivity λ, so that a pipe loses 2πλ / ln((r + t)/r) W/(m·K)
with bore radius r and insulation t.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.network import HeatNetwork
from songhua.engines.thermal.transient import Flows, fill, run
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers

SUPPLY_C, DROP_K, GROUND_C = 50.0, 20.0, 12.0
DENSITY_KG_PER_M3, CAPACITY_J_PER_KG_K = 995.0, 4182.0
ROUGHNESS_M = 2.5e-5  # pressures are not asked for
PLANT, HOUSE = "i", "SimpleDistrict_"
_ENDS = ("Ending Node", "Beginning Node")
_PIPE = ("Length [m]", "Inner Diameter [m]", "Insulation Thickness [m]", "U-value [W/mK]")
_HEAT = ("Elapsed time [sec]", "Building heat demand [W]")


@dataclass(frozen=True)
class Inputs:
    """A tree with its houses, and the heat one house asks, linear between `time_s`."""

    network: HeatNetwork
    time_s: Floats
    heat_w: Floats


@dataclass(frozen=True)
class HeatSeries:
    """At each of `time_s`: heat the plant gives; over the whole run: what was lost, in J, and what
    the ledger cannot account for."""

    time_s: Floats
    injected_w: Floats
    lost_j: float
    unaccounted_j: float


def read_inputs(pipes_csv: str, heat_csv: str) -> Inputs:
    """The case from the texts of its two tables. Raises `InputError` with every cell at fault."""
    pipes, heat = (
        list(csv.DictReader(pipes_csv.splitlines())),
        list(csv.DictReader(heat_csv.splitlines())),
    )
    numbers, problems = _numbers(pipes, _PIPE, "pipes")
    demand, more = _numbers(heat, _HEAT, "heat")
    problems += more
    for row, pipe in enumerate(pipes, 2):
        problems += [Problem("pipes", "importing_no_cell", name, row, name)
                     for name in _ENDS if not pipe.get(name)]  # fmt: skip
    if problems:
        raise InputError(problems)
    start, end = ([pipe[name] for pipe in pipes] for name in _ENDS)
    names = sorted({PLANT, *start, *end})
    length, bore, insulation, conductivity = numbers.T
    houses = [name for name in names if name.startswith(HOUSE)]
    require(bool(houses), "pipes", "empty")
    require(len(pipes) == len(names) - 1, "pipes", "importing_not_a_tree")

    def at(those: list[str]) -> Integers:
        return np.searchsorted(names, those)

    network = HeatNetwork(
        np.zeros(len(names)), at(start), at(end),
        length, bore, np.full(length.size, ROUGHNESS_M),
        2 * np.pi * conductivity / np.log1p(2 * insulation / bore),
        at([PLANT]), np.array([True]), at(houses), np.full(len(houses), True),
    )  # fmt: skip
    return Inputs(network, demand[:, 0], demand[:, 1])


def simulate_network(
    inputs: Inputs, days: float = 7.0, step_s: float = 60.0, every_s: float = 900.0
) -> HeatSeries:
    """The heat the plant gives, every `every_s`, after a start at 50 °C in the supply and 30 °C in
    the return.

    A house's flow is its heat over the drop; the water it gives back is a drop colder than what
    arrived, though never colder than the ground.
    """
    steps, stride = round(days * 86400 / step_s), round(every_s / step_s)
    require(steps > 0 and stride > 0, "step_s", "out_of_range", step_s)
    network = inputs.network
    middle = (np.arange(steps) + 0.5) * step_s
    asked = np.interp(middle, inputs.time_s, inputs.heat_w) / (CAPACITY_J_PER_KG_K * DROP_K)
    taken = np.repeat(asked[:, None], network.consumer_node.size, 1)
    flows = Flows(_pipe_flows(network, taken), taken, np.full((steps, 1), SUPPLY_C),
                  np.full(taken.shape, SUPPLY_C - DROP_K))  # fmt: skip
    water = fill(network, SUPPLY_C, SUPPLY_C - DROP_K, GROUND_C,
                 density_kg_per_m3=DENSITY_KG_PER_M3,
                 capacity_j_per_kg_k=CAPACITY_J_PER_KG_K)  # fmt: skip
    # The supply does not depend on what the houses give back: one run tells what arrives.
    arriving = run(network, water, flows, step_s).consumer_supply_c
    outlet = np.maximum(arriving - DROP_K, GROUND_C)
    found = run(network, water, replace(flows, consumer_outlet_c=outlet), step_s)
    mean_w = found.source_heat_w[:, 0]
    at_ends = np.r_[mean_w[0], (mean_w[1:] + mean_w[:-1]) / 2, mean_w[-1]]
    return HeatSeries(np.arange(0.0, steps + 1, stride) * step_s, at_ends[::stride],
                      found.ledger.lost_j, found.ledger.unaccounted_j)  # fmt: skip


def deviation(simulated: Floats, published: Floats) -> tuple[float, float]:
    """CVRMSE and NMBE in percent of the published mean.

    >>> deviation(np.array([9.0, 13.0]), np.array([10.0, 10.0]))[1]
    10.0
    """
    error, mean = simulated - published, published.mean()
    return float(100 * np.sqrt((error**2).mean()) / mean), float(100 * error.mean() / mean)


def _pipe_flows(network: HeatNetwork, taken: Floats) -> Floats:
    """The flows in a tree's pipes, shape (steps, pipes), that bring consumers what they take."""
    nodes, pipes = network.height_m.size, np.arange(network.length_m.size)
    balance = np.zeros((nodes, pipes.size))
    balance[network.pipe_end, pipes] = 1
    balance[network.pipe_start, pipes] = -1
    wanted = np.zeros((nodes, len(taken)))
    wanted[network.consumer_node] = taken.T
    keep = np.arange(nodes) != network.source_node[0]
    try:
        return np.linalg.solve(balance[keep], wanted[keep]).T
    except np.linalg.LinAlgError:
        raise InputError(Problem("pipes", "importing_not_a_tree")) from None


def _numbers(
    rows: list[dict[str, str]], names: tuple[str, ...], table: str
) -> tuple[Floats, list[Problem]]:
    """The named columns as numbers, shape (rows, names), and what cannot be read."""
    if not rows:
        return np.zeros((0, len(names))), [Problem(table, "empty")]
    found, problems = np.full((len(rows), len(names)), np.nan), []
    for number, row in enumerate(rows):
        for at, name in enumerate(names):
            try:
                found[number, at] = float(row.get(name) or "")
            except ValueError:
                problems.append(Problem(table, "importing_not_a_number", row.get(name) or "",
                                        number + 2, name))  # fmt: skip
    return found, problems
