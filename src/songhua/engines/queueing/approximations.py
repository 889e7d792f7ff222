"""Mean waits beyond M/M/s: general service times, irregular arrivals, priorities. In minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, positive, refuse
from songhua.engines.queueing.erlang import erlang_c, mean_wait_min

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats


def pollaczek_khinchine_wait_min(
    arrivals_per_min: ArrayLike, service_min: ArrayLike, service_cv: ArrayLike
) -> Floats:
    """Mean wait in M/G/1, exactly: a / (1 - a) × service × (1 + cv²) / 2; inf where a >= 1.

    `service_cv` is the standard deviation of the service time over its mean.

    >>> float(pollaczek_khinchine_wait_min(1 / 20, 10, 0))
    5.0
    """
    return allen_cunneen_wait_min(1, arrivals_per_min, service_min, 1, service_cv)


def allen_cunneen_wait_min(
    servers: ArrayLike,
    arrivals_per_min: ArrayLike,
    service_min: ArrayLike,
    arrival_cv: ArrayLike,
    service_cv: ArrayLike,
) -> Floats:
    """Mean wait in G/G/s, approximately: that of M/M/s × (arrival_cv² + service_cv²) / 2.

    Exact for M/M/s and for M/G/1. Source: A. O. Allen, Probability, Statistics, and Queueing
    Theory (1990), section 5.3.5; with one server it is Kingman's formula (1961).
    """
    refuse(amounts(arrival_cv=arrival_cv, service_cv=service_cv))
    factor = (np.square(arrival_cv, dtype=float) + np.square(service_cv, dtype=float)) / 2
    wait = mean_wait_min(servers, arrivals_per_min, service_min)
    # Above capacity even the most regular queue grows without end: inf × 0 is inf here.
    return np.asarray(np.where(np.isinf(wait), wait, np.where(np.isinf(wait), 0, wait) * factor))


def cobham_wait_min(
    servers: int, arrivals_per_min: ArrayLike, service_min: float, service_cv: float = 1.0
) -> Floats:
    """Mean wait of each class, most urgent first, in a queue with non-preemptive priorities.

    `arrivals_per_min` has one rate per class, shape (classes,), and so has the result. With
    r(k) the load of classes 0 to k, the wait is C(s, a) service / s / (1 - r(k-1)/s) /
    (1 - r(k)/s), times (1 + cv²) / 2: exact for M/M/s and for M/G/1, approximate otherwise; inf
    for the classes that the servers cannot keep up with.
    Source: A. Cobham, Operations Research 2 (1954) 70-76.

    >>> cobham_wait_min(1, [0.2, 0.6, 1.2], 1 / 3).round(3).tolist()
    [0.238, 0.325, 0.909]
    """
    rates = np.asarray(arrivals_per_min, float)
    refuse(
        amounts(arrivals_per_min=rates, service_cv=service_cv)
        + positive(servers=servers, service_min=service_min)
    )
    loads = np.cumsum(rates) * service_min
    spare = 1 - np.concatenate([[0.0], loads]) / servers
    busy = erlang_c(servers, loads[-1])
    residual = busy * service_min / servers * (1 + service_cv**2) / 2
    wait = np.full(rates.shape, np.inf)
    np.divide(residual, spare[:-1] * spare[1:], out=wait, where=spare[1:] > 0)
    return wait
