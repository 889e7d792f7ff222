"""One queue before one group of servers, patient by patient: who starts when.

The most urgent waiting patient is next, the earliest among equals; nobody is interrupted. A
server that has finished is held for the turnaround (cleaning) and then free. When fewer servers
are planned than are busy, those finish their patient and the first to finish go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, counts, positive, refuse, same_shape
from songhua.kit.errors import Problem, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats


def service_starts_min(
    arrival_min: ArrayLike,
    service_min: ArrayLike,
    servers: ArrayLike,
    interval_min: float,
    *,
    urgency: ArrayLike = 0,
    turnaround_min: ArrayLike = 0.0,
    patience_min: ArrayLike = np.inf,
) -> Floats:
    """The time each patient's service starts, shape (patients,); inf for those never served.

    `servers`, shape (intervals,), is the plan for intervals of `interval_min` minutes from time
    0; its last number stays until everyone has gone. `urgency` is a whole number, 0 the most
    urgent. A patient still waiting after `patience_min` leaves. The last three may be one number
    for all. Patients may come in any order; those who arrive at the same instant with the same
    urgency go by that order.

    >>> service_starts_min([0, 1, 2], [5, 5, 5], [1], 60, urgency=[1, 1, 0]).tolist()
    [0.0, 10.0, 5.0]
    """
    arrival, service = np.asarray(arrival_min, float), np.asarray(service_min, float)
    plan = np.asarray(servers)
    grade, turnaround, patience = (
        np.broadcast_to(np.asarray(given), arrival.shape)
        if np.ndim(given) == 0
        else np.asarray(given)
        for given in (urgency, turnaround_min, patience_min)
    )
    refuse(
        amounts(arrival_min=arrival, service_min=service, turnaround_min=turnaround)
        + counts(servers=plan, urgency=grade)
        + positive(interval_min=interval_min)
        + _patience_problems(patience)
        + same_shape(arrival_min=arrival, service_min=service, urgency=grade,
                     turnaround_min=turnaround, patience_min=patience)
    )  # fmt: skip
    require(plan.size > 0, "servers", "empty")
    from songhua.engines.queueing.dispatch import start_times

    order = np.argsort(arrival, kind="stable")
    classes, ranks = np.unique(grade, return_inverse=True)
    starts = np.empty(arrival.shape)
    starts[order] = start_times(
        arrival[order], ranks[order].astype(np.int64), (service + turnaround)[order],
        patience[order].astype(float), len(classes), plan.astype(np.int64), float(interval_min),
    )  # fmt: skip
    return starts


def waits_min(arrival_min: Floats, start_min: Floats, patience_min: ArrayLike = np.inf) -> Floats:
    """Time each patient spent waiting, until service or until giving up; inf for neither."""
    return np.minimum(start_min - arrival_min, patience_min)


def _patience_problems(patience: Floats) -> list[Problem]:
    """Patience may be infinite, but not unknown and not negative."""
    return amounts(patience_min=np.where(patience == np.inf, 0, patience))
