"""Our side: the plan by stations and prices, with the gap that it proves."""

from __future__ import annotations

import time

from draw import drawn

from songhua.engines.control.planning import plan


def solve(case: dict) -> dict:
    """CPU seconds of one plan, and its cost."""
    horizon = drawn(case)
    begun = time.process_time()
    found = plan(horizon)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "answer": {"cost": found.cost},
            "note": f"gap proven {found.gap:.1e}"}  # fmt: skip
