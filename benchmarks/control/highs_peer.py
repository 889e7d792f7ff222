"""The peer: HiGHS on the full program, through scipy."""

from __future__ import annotations

import time

from draw import drawn
from full_program import least_cost


def solve(case: dict) -> dict:
    """CPU seconds of one solution with its matrix, and its cost."""
    horizon = drawn(case)
    begun = time.process_time()
    cost = least_cost(horizon)
    return {"seconds": time.process_time() - begun, "answer": {"cost": cost}}
