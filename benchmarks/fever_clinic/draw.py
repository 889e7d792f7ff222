"""The patients of a case, drawn once for both sides, and the figures compared."""

from __future__ import annotations

import numpy as np

from songhua.engines.queueing.clinic import Demand, Patients, draw_patients
from songhua.engines.queueing.durations import Empirical, Exponential, LogNormal


def patients(case: dict) -> Patients:
    """The case's arrivals and durations, from its seed."""
    hourly = np.array(case["hourly"], float)
    rates = np.resize(hourly.T, (case["hours"], len(hourly))) / 60
    demand = Demand(
        arrivals_per_min=rates,
        interval_min=60.0,
        consultation=duration(case["consultation_min"], case["consultation_cv"]),
        scan_share=np.full(len(hourly), case.get("scan_share", 0.0)),
        scan=duration(case["scan_min"], case["scan_cv"]) if "scanners" in case else Empirical((1,)),
    )
    return draw_patients(demand, np.random.default_rng(case["seed"]))


def duration(mean_min: float, cv: float) -> Exponential | LogNormal:
    """Exponential where the variation is that of one."""
    return Exponential(mean_min) if cv == 1 else LogNormal(mean_min, cv)


def figures(
    drawn: Patients, doctor_wait_min: np.ndarray, scan_wait_min: np.ndarray
) -> dict[str, float]:
    """Number and waits (mean, 90th percentile, longest) by class; NaN is no scan."""
    answer = {}
    for name, wait in (("doctor", doctor_wait_min), ("scan", scan_wait_min)):
        for grade in np.unique(drawn.urgency):
            known = wait[(drawn.urgency == grade) & ~np.isnan(wait)]
            answer[f"{name} {grade} patients"] = float(known.size)
            if known.size:
                answer[f"{name} {grade} mean"] = float(known.mean())
                answer[f"{name} {grade} p90"] = float(np.quantile(known, 0.9))
                answer[f"{name} {grade} longest"] = float(known.max())
    return answer
