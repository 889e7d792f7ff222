"""Many simulated days of the clinic, drawn once so that every roster meets the same patients.

A day begins at the hour with the fewest arrivals, when the clinic is emptiest, and goes on until
the last patient of its twenty-four hours has left.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.clinic import Demand, draw_patients, visit
from songhua.engines.queueing.occupancy import overtime_min
from songhua.kit.errors import Infeasible, Problem
from songhua.scenarios.fever_clinic.demand import HOURS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.random import Generator

    from songhua.engines.queueing.checks import Floats, Integers
    from songhua.engines.queueing.clinic import Patients, Visits
    from songhua.scenarios.fever_clinic.actions import WaitParams


@dataclass(frozen=True)
class Days:
    """Simulated days: their patients, the hour at which a day begins, and the clinic's ways."""

    patients: tuple[Patients, ...]
    first_hour: int
    turnaround_min: float
    wait_limit_min: float

    def turned(self, by_hour: Integers) -> Integers:
        """A plan by the hour of the clock as a plan by the hour of the clinic's day."""
        return np.roll(by_hour, -self.first_hour)


@dataclass(frozen=True)
class Figures:
    """What a roster gives. `daily`: measure → value of each day, shape (days,), NaN where no
    patient gives it; `by_hour`: column → value of each clock hour of arrival, shape (24,)."""

    daily: dict[str, Floats]
    by_hour: dict[str, Floats]

    def mean(self, measure: str) -> float:
        """The mean over the days that have a value."""
        known = self.daily[measure][~np.isnan(self.daily[measure])]
        return float(known.mean()) if known.size else float("nan")


def draw_days(demand: Demand, params: WaitParams, rng: Generator) -> Days:
    """The patients of `params.replications` independent days."""
    first = int(np.argmin(demand.arrivals_per_min.sum(axis=1)))
    turned = Demand(
        np.roll(demand.arrivals_per_min, -first, axis=0), demand.interval_min,
        demand.consultation, demand.scan_share, demand.scan,
    )  # fmt: skip
    patients = tuple(draw_patients(turned, rng) for _ in range(params.replications))
    return Days(patients, first, params.turnaround_min, params.wait_limit_min)


@dataclass(frozen=True)
class Seen:
    """All patients of all days under one roster, arrays of shape (patients,); waits in minutes.
    `visits` holds the same by day."""

    day: Integers
    hour: Integers  # of the clock
    doctor_wait: Floats
    scan_wait: Floats  # NaN for those who need none
    stay: Floats
    visits: tuple[Visits, ...]


def see(days: Days, duty: Mapping[str, Integers]) -> Seen:
    """Let the days pass under `duty`. Raises `Infeasible` where somebody is never served."""
    doctors, scanners = days.turned(duty["doctor"]), days.turned(duty["scanner"])
    rows, visits = [], []
    for number, patients in enumerate(days.patients):
        found = visit(patients, doctors, scanners, 60.0, days.turnaround_min)
        hour = ((patients.arrival_min // 60).astype(np.int64) + days.first_hour) % HOURS
        if not np.isfinite(found.leave_min).all():
            stuck = np.unique(hour[~np.isfinite(found.leave_min)])
            raise Infeasible([Problem("roster", "clinic_never_served", str(h)) for h in stuck])
        stay = found.leave_min - patients.arrival_min
        rows.append(
            (np.full(hour.size, number), hour, found.doctor_wait_min, found.scan_wait_min, stay)
        )
        visits.append(found)
    day, clock, doctor_wait, scan_wait, stays = map(np.concatenate, zip(*rows, strict=True))
    return Seen(day, clock, doctor_wait, scan_wait, stays, tuple(visits))


def figures(days: Days, duty: Mapping[str, Integers]) -> Figures:
    """What the roster `duty` gives on these days."""
    seen = see(days, duty)
    within = np.where(np.isnan(seen.scan_wait), np.nan, seen.scan_wait <= days.wait_limit_min)
    count = len(days.patients)
    daily = {
        "scan_wait_min": _means(seen.scan_wait, seen.day, count),
        "scan_wait_p90_min": _tenths(seen.scan_wait, seen.day, count),
        "within_limit_share": _means(within, seen.day, count),
        "doctor_wait_min": _means(seen.doctor_wait, seen.day, count),
        "stay_min": _means(seen.stay, seen.day, count),
        **_workload(days, duty, seen),
    }
    by_hour = {
        "hour": np.arange(HOURS, dtype=float),
        "patients_per_h": np.bincount(seen.hour, minlength=HOURS) / count,
        "scan_wait_min": _means(seen.scan_wait, seen.hour, HOURS),
        "scan_wait_p90_min": _tenths(seen.scan_wait, seen.hour, HOURS),
        "within_limit_share": _means(within, seen.hour, HOURS),
        "doctor_wait_min": _means(seen.doctor_wait, seen.hour, HOURS),
        "stay_min": _means(seen.stay, seen.hour, HOURS),
    }
    return Figures(daily, by_hour)


def _workload(days: Days, duty: Mapping[str, Integers], seen: Seen) -> dict[str, Floats]:
    """Each day's busy shares (NaN where nobody is on duty) and overtime."""
    plans = {who: days.turned(plan) for who, plan in duty.items()}
    busy: dict[str, list[float]] = {who: [] for who in plans}
    overtime = []
    for patients, found in zip(days.patients, seen.visits, strict=True):
        sent = ~np.isnan(found.scan_wait_min)
        spans = {
            "doctor": (found.doctor_start_min, patients.consultation_min),
            "scanner": (found.scan_start_min[sent], patients.scan_min[sent] + days.turnaround_min),
        }
        for who, (_, length) in spans.items():
            busy[who].append(float(length.sum()))
        overtime.append(
            sum(overtime_min(*span, plans[who], 60.0).sum() for who, span in spans.items())
        )
    on_duty = {who: 60.0 * plan.sum() or np.nan for who, plan in plans.items()}
    shares = {f"{who}_busy_share": np.array(busy[who]) / on_duty[who] for who in plans}
    return {**shares, "overtime_h": np.array(overtime) / 60}


def _means(values: Floats, group: Integers, groups: int) -> Floats:
    """Mean of the known values of each group; NaN where there are none."""
    known = ~np.isnan(values)
    number = np.bincount(group[known], minlength=groups).astype(float)
    total = np.bincount(group[known], values[known], minlength=groups)
    means = np.full(groups, np.nan)
    np.divide(total, number, out=means, where=number > 0)
    return means


def _tenths(values: Floats, group: Integers, groups: int) -> Floats:
    """The least value that nine tenths of each group do not exceed: one that somebody had."""
    found = np.full(groups, np.nan)
    known = ~np.isnan(values)
    for number in np.unique(group[known]):
        ordered = np.sort(values[known & (group == number)])
        found[number] = ordered[ceil(0.9 * ordered.size) - 1]
    return found
