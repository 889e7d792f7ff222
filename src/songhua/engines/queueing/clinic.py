"""A fever clinic patient by patient: a doctor, then for many a CT scan with cleaning after each.

The doctors do not depend on the scanners, so the two stations are run one after the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, positive, refuse, same_shape
from songhua.engines.queueing.station import service_starts_min, waits_min
from songhua.kit.errors import Problem, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Flags, Floats, Integers
    from songhua.engines.queueing.durations import Duration


@dataclass(frozen=True)
class Patients:
    """What each patient brings, arrays of shape (patients,); times and durations in minutes.

    `urgency` 0 is the most urgent; `patience_min` is how long they wait for a doctor, often inf;
    `scan_min` counts only for those whom the doctor sends to a scan.
    """

    arrival_min: Floats
    urgency: Integers
    consultation_min: Floats
    patience_min: Floats
    needs_scan: Flags
    scan_min: Floats


@dataclass(frozen=True)
class Visits:
    """What becomes of each patient, arrays of shape (patients,), minutes.

    A start is inf for a service that never begins, a scan's figures NaN for those who need none
    or never see the doctor who would order it; `leave_min` is inf for those who wait for ever.
    """

    doctor_start_min: Floats
    doctor_wait_min: Floats
    scan_start_min: Floats
    scan_wait_min: Floats
    leave_min: Floats


def visit(
    patients: Patients,
    doctors: ArrayLike,
    scanners: ArrayLike,
    interval_min: float,
    turnaround_min: float,
) -> Visits:
    """Run a clinic whose plan is `doctors` and `scanners`, each (intervals,); see `station`.

    Those sent to a scan queue there in the order in which their consultations end, by urgency. A
    scanner is cleaned for `turnaround_min` after each scan, when its patient has already left.
    """
    p = patients
    refuse(
        same_shape(
            arrival_min=p.arrival_min, needs_scan=p.needs_scan, scan_min=p.scan_min
        )
    )  # fmt: skip
    start = service_starts_min(
        p.arrival_min, p.consultation_min, doctors, interval_min,
        urgency=p.urgency, patience_min=p.patience_min,
    )  # fmt: skip
    wait = waits_min(p.arrival_min, start, p.patience_min)
    seen = np.isfinite(start)
    leave = np.where(seen, start + p.consultation_min, p.arrival_min + wait)
    sent = seen & np.asarray(p.needs_scan, bool)
    scan_start, scan_wait = np.full(start.shape, np.nan), np.full(start.shape, np.nan)
    scan_start[sent] = service_starts_min(
        leave[sent], p.scan_min[sent], scanners, interval_min,
        urgency=p.urgency[sent], turnaround_min=turnaround_min,
    )  # fmt: skip
    scan_wait[sent] = waits_min(leave[sent], scan_start[sent])
    leave[sent] = scan_start[sent] + p.scan_min[sent]
    return Visits(start, wait, scan_start, scan_wait, leave)


@dataclass(frozen=True)
class Demand:
    """Who comes and what they need, by chance.

    `arrivals_per_min`, shape (intervals, classes), most urgent class first, is constant in each
    interval of `interval_min` minutes; `scan_share`, shape (classes,), is the share of each class
    sent to a scan. Without `patience` everyone waits for a doctor as long as it takes.
    """

    arrivals_per_min: Floats
    interval_min: float
    consultation: Duration
    scan_share: Floats
    scan: Duration
    patience: Duration | None = None

    def __post_init__(self) -> None:
        rates, share = np.asarray(self.arrivals_per_min), np.asarray(self.scan_share)
        require(rates.ndim == 2 and rates.size > 0, "arrivals_per_min", "empty")
        refuse(
            amounts(arrivals_per_min=rates, scan_share=share)
            + positive(interval_min=self.interval_min)
            + same_shape(scan_share=share, classes=rates[0])
            + [Problem("scan_share", "out_of_range", f"{x:g}") for x in share[share > 1]]
        )


def draw_patients(demand: Demand, rng: np.random.Generator) -> Patients:
    """One day's patients, in order of arrival: an exact draw of the Poisson process.

    Given how many come in an interval, their times are independent and uniform in it.
    """
    intervals, classes = demand.arrivals_per_min.shape
    number = rng.poisson(demand.arrivals_per_min * demand.interval_min)
    interval = np.repeat(np.repeat(np.arange(intervals), classes), number.ravel())
    urgency = np.repeat(np.tile(np.arange(classes), intervals), number.ravel())
    arrival = (interval + rng.random(interval.size)) * demand.interval_min
    order = np.argsort(arrival)
    size, urgency = order.size, urgency[order]
    patience = demand.patience.draw(size, rng) if demand.patience else np.full(size, np.inf)
    return Patients(
        arrival_min=arrival[order],
        urgency=urgency,
        consultation_min=demand.consultation.draw(size, rng),
        patience_min=patience,
        needs_scan=rng.random(size) < demand.scan_share[urgency],
        scan_min=demand.scan.draw(size, rng),
    )
