"""OR-Tools CP-SAT on the clause itself: of the awards of this policy and of the city that cover a
matter, one at most. One optimal set; the sums of many applicants stand in one model.
"""

from __future__ import annotations

import time
from collections import defaultdict

from draw import applicants, figures
from ortools.sat.python import cp_model


def solve(case: dict) -> dict:
    """The best amount of each applicant."""
    drawn = applicants(case)
    size = case["together"]
    begun = time.perf_counter()
    amounts: list[int] = []
    for start in range(0, len(drawn), size):
        amounts += best(drawn[start : start + size])
    return {"seconds": time.perf_counter() - begun, "answer": figures(amounts)}


def best(some: list[list]) -> list[int]:
    """The best amounts of some applicants, in fen."""
    model = cp_model.CpModel()
    totals = []
    for awards in some:
        takes = [model.new_bool_var("") for _ in awards]
        covering = defaultdict(list)
        for take, (_, source, _, matters) in zip(takes, awards, strict=True):
            if source in ("this", "city"):
                for matter in matters:
                    covering[matter].append(take)
        for rivals in covering.values():
            model.add_at_most_one(rivals)
        totals.append(cp_model.LinearExpr.weighted_sum(takes, [award[2] for award in awards]))
    model.maximize(cp_model.LinearExpr.sum(totals))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    assert status == cp_model.OPTIMAL, solver.status_name(status)
    return [solver.value(total) for total in totals]
