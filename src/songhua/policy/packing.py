"""Weighted set packing: the largest sum of weights no two of which conflict, and all its ties.

Sets are bit masks: bit i stands for the item with the i-th weight. Up to `ENUMERATED` items are
solved by branch and bound here, more by CP-SAT; both prove the optimum.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import Infeasible, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ortools.sat.python import cp_model

ENUMERATED = 25
DETERMINISTIC_SECONDS = 60.0  # CP-SAT's own clock: the same on every machine


@dataclass(frozen=True)
class PackingProblem:
    """Items to pack: `weights` ≥ 0, `foes[i]` the mask of items that exclude item i (symmetric),
    `limits` as (mask, how many of it may be taken). Heavy items first makes the search quick.
    """

    weights: Sequence[int]
    foes: Sequence[int]
    limits: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True)
class Packing:
    """The optimum, the optimal sets found, and whether these are all of them."""

    optimum: int
    sets: tuple[int, ...]
    complete: bool


def pack(problem: PackingProblem, most_sets: int) -> Packing:
    """The proven optimum and up to `most_sets` of its ties; raises `Infeasible` without a proof.

    >>> pack(PackingProblem([3, 2, 2], [0b110, 0b001, 0b001]), most_sets=10)
    Packing(optimum=4, sets=(6,), complete=True)
    """
    large = len(problem.weights) > ENUMERATED
    return (solve if large else enumerate_packings)(problem, most_sets)


def members(mask: int) -> list[int]:
    """The positions of the bits of `mask`, lowest first.

    >>> members(0b101)
    [0, 2]
    """
    found = []
    while mask:
        lowest = mask & -mask
        found.append(lowest.bit_length() - 1)
        mask ^= lowest
    return found


def enumerate_packings(problem: PackingProblem, most_sets: int) -> Packing:
    """Branch and bound: take the first item left or leave it; a branch ends when even everything
    left in it cannot reach the best sum so far.
    """
    weights, foes, limits = problem.weights, problem.foes, problem.limits
    best, found = 0, list[int]()
    limited = 0
    for mask, _ in limits:
        limited |= mask

    def surplus(taken: int, left: int) -> int:
        """The least weight of `left` that the limits forbid."""
        least = 0
        for mask, most in limits:
            excess = (left & mask).bit_count() + (taken & mask).bit_count() - most
            if excess > 0:
                forbidden = sorted(weights[i] for i in members(left & mask))[:excess]
                least = max(least, sum(forbidden))
        return least

    def descend(taken: int, left: int, possible: int) -> None:
        """`possible` is the weight of everything taken and left."""
        nonlocal best, found
        bound = possible - surplus(taken, left) if limits else possible
        if bound < best or (bound == best and len(found) > most_sets):
            return
        if not left:
            if possible > best:
                best, found = possible, []
            found.append(taken)
            return
        first = left & -left
        position = first.bit_length() - 1
        rest = left ^ first
        kept = rest & ~foes[position]
        for mask, most in limits:
            if first & mask and ((taken | first) & mask).bit_count() == most:
                kept &= ~mask
        lost = sum(weights[i] for i in members(rest ^ kept)) if kept != rest else 0
        descend(taken | first, kept, possible - lost)
        if kept != rest or first & limited or not weights[position]:
            descend(taken, rest, possible - weights[position])

    allowed = (1 << len(weights)) - 1
    for mask, most in limits:
        if most == 0:
            allowed &= ~mask
    descend(0, allowed, sum(weights[i] for i in members(allowed)))
    return Packing(best, tuple(found[:most_sets]), len(found) <= most_sets)


def solve(problem: PackingProblem, most_sets: int) -> Packing:
    """CP-SAT: first the optimum, then every set that reaches it. Raises `Infeasible` where the
    optimum is not proven.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in problem.weights]
    for i, mask in enumerate(problem.foes):
        for j in members(mask >> i << i):
            model.add_at_most_one(takes[i], takes[j])
    for mask, most in problem.limits:
        model.add(sum(takes[i] for i in members(mask)) <= most)
    total = cp_model.LinearExpr.weighted_sum(takes, problem.weights)
    model.maximize(total)
    solver = _sequential_solver()
    if solver.solve(model) != cp_model.OPTIMAL:
        raise Infeasible(Problem("awards", "portfolio_not_proven", str(len(takes))))
    optimum = solver.value(total)
    model.clear_objective()  # type: ignore[no-untyped-call]
    model.add(total == optimum)
    found: list[int] = []

    class Listed(cp_model.CpSolverSolutionCallback):
        def on_solution_callback(self) -> None:
            found.append(sum(self.value(take) << i for i, take in enumerate(takes)))
            if len(found) > most_sets:
                self.stop_search()

    solver = _sequential_solver()
    solver.parameters.enumerate_all_solutions = True
    status = solver.solve(model, Listed())
    if not found:
        raise Infeasible(Problem("awards", "portfolio_not_proven", str(len(takes))))
    complete = status == cp_model.OPTIMAL and len(found) <= most_sets
    return Packing(optimum, tuple(found[:most_sets]), complete)


def _sequential_solver() -> cp_model.CpSolver:
    """A CP-SAT solver that repeats itself: one worker, fixed seed, work counted and not timed.

    Presolve stays off: in OR-Tools 9.15 it has called a lesser answer optimal where whole numbers
    of the size of amounts in fen stand in a constraint.
    """
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.cp_model_presolve = False
    solver.parameters.max_deterministic_time = DETERMINISTIC_SECONDS
    return solver
