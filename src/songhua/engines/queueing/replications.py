"""Many simulated days of one plan, and what they tell about the next: means with confidence."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, nan, sqrt
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, chances, positive, refuse
from songhua.engines.queueing.clinic import draw_patients, visit
from songhua.engines.queueing.occupancy import overlap_min, overtime_min
from songhua.kit.student_t import quantile

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats
    from songhua.engines.queueing.clinic import Demand, Patients, Visits


@dataclass(frozen=True)
class Waits:
    """Waits at one station, each array (replications, classes + 1), the last column everyone.

    Mean, 90th percentile and longest wait in minutes, and the share within the limit. NaN where
    no patient of the class came; inf where somebody was never served.
    """

    mean_min: Floats
    p90_min: Floats
    longest_min: Floats
    share_within: Floats


@dataclass(frozen=True)
class Replications:
    """One row a simulated day. Busy (with cleaning) and overtime minutes are (days, intervals)."""

    doctor: Waits
    scan: Waits
    left_unseen: Floats
    doctor_busy_min: Floats
    doctor_overtime_min: Floats
    scanner_busy_min: Floats
    scanner_overtime_min: Floats


@dataclass(frozen=True)
class Interval:
    """A mean and the bounds of its confidence interval; NaN where too few figures are known."""

    mean: float
    low: float
    high: float


def replicate(
    demand: Demand,
    doctors: ArrayLike,
    scanners: ArrayLike,
    turnaround_min: float,
    within_min: float,
    replications: int,
    rng: np.random.Generator,
) -> Replications:
    """Draw and run independent days of the plan `doctors`, `scanners`, each (intervals,).

    `share_within` counts waits of at most `within_min`; who gave up or was never served and had
    waited longer counts against it.
    """
    refuse(amounts(within_min=within_min) + positive(replications=replications))
    rows = []
    for _ in range(replications):
        patients = draw_patients(demand, rng)
        seen = visit(patients, doctors, scanners, demand.interval_min, turnaround_min)
        rows.append(_day(demand, patients, seen, doctors, scanners, turnaround_min, within_min))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    doctor, scan = (Waits(*np.moveaxis(column, 1, 0)) for column in columns[:2])
    return Replications(doctor, scan, *columns[2:])


def confidence(values: ArrayLike, level: float = 0.95) -> Interval:
    """Mean of independent replications and Student's interval, unknown (NaN) ones left out.

    >>> found = confidence([1.0, 2.0, 3.0])
    >>> round(found.low, 3), found.mean, round(found.high, 3)
    (-0.484, 2.0, 4.484)
    """
    refuse(chances(level=level))
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    mean = float(known.mean()) if known.size else nan
    if known.size < 2 or not np.isfinite(known).all():
        return Interval(mean, nan, nan)
    half = quantile((1 + level) / 2, known.size - 1) * float(known.std(ddof=1)) / sqrt(known.size)
    return Interval(mean, mean - half, mean + half)


def _day(
    demand: Demand,
    patients: Patients,
    visits: Visits,
    doctors: ArrayLike,
    scanners: ArrayLike,
    turnaround_min: float,
    within_min: float,
) -> tuple[object, ...]:
    """The figures of one day, in the order of the fields of `Replications`."""
    classes = demand.arrivals_per_min.shape[1]
    sent = ~np.isnan(visits.scan_wait_min)
    scanned = visits.scan_start_min[sent], patients.scan_min[sent] + turnaround_min
    treated = visits.doctor_start_min, patients.consultation_min
    size, step = len(demand.arrivals_per_min), demand.interval_min
    return (
        _waits(visits.doctor_wait_min, patients.urgency, classes, within_min),
        _waits(visits.scan_wait_min[sent], patients.urgency[sent], classes, within_min),
        np.isinf(visits.doctor_start_min).sum(),
        overlap_min(*treated, size, step),
        overtime_min(*treated, doctors, step),
        overlap_min(*scanned, size, step),
        overtime_min(*scanned, scanners, step),
    )


def _waits(wait: Floats, urgency: ArrayLike, classes: int, within_min: float) -> Floats:
    """Mean, 90th percentile, longest, share within; shape (4, classes + 1)."""
    groups = [wait[urgency == grade] for grade in range(classes)]
    return np.array([_figures(np.sort(group), within_min) for group in (*groups, wait)]).T


def _figures(ordered: Floats, within_min: float) -> tuple[float, float, float, float]:
    if not ordered.size:
        return nan, nan, nan, nan
    # The least wait that nine patients in ten do not exceed: a wait somebody had.
    p90 = ordered[ceil(0.9 * ordered.size) - 1]
    return ordered.mean(), p90, ordered[-1], (ordered <= within_min).mean()
