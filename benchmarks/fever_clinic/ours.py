"""Our side: the clinic simulated with `songhua.engines.queueing`."""

from __future__ import annotations

import time

from draw import figures, patients

from songhua.engines.queueing.clinic import visit


def solve(case: dict) -> dict:
    """Seconds to run the case's patients, their waits, and the number of services given."""
    drawn = patients(case)
    plan = [case["doctors"]], [case.get("scanners", 1)]
    begun = time.perf_counter()
    visits = visit(drawn, *plan, 60.0, case.get("turnaround_min", 0.0))
    seconds = time.perf_counter() - begun
    answer = figures(drawn, visits.doctor_wait_min, visits.scan_wait_min)
    return {"seconds": seconds, "answer": answer, "work": services(answer)}


def services(answer: dict[str, float]) -> float:
    """Consultations and scans."""
    return sum(value for name, value in answer.items() if name.endswith("patients"))
