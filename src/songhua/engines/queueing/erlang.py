"""Steady queues with exponential service: Erlang's formulas for M/M/s.

The load a = arrival rate × mean service time (erlangs) is the mean number of servers busy. All
functions broadcast their arguments. At or above a = s the queue never settles: everyone waits,
and the mean wait is infinite.
Source: A. K. Erlang (1917); R. B. Cooper, Introduction to Queueing Theory (1981), ch. 3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, counts, positive, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats


def blocking_by_servers(load: Floats) -> Iterator[Floats]:
    """Erlang's B for 0, 1, 2, … servers: B(n) = a B(n-1) / (n + a B(n-1))."""
    blocking, servers = np.ones(load.shape), 0
    while True:
        yield blocking
        servers += 1
        blocking = load * blocking / (servers + load * blocking)


def waiting_from_blocking(servers: Floats | float, load: Floats, blocking: Floats) -> Floats:
    """Erlang's C from B: s B / (s - a (1 - B)), and 1 where the load is not below s."""
    idle = servers - load * (1 - blocking)
    waiting = np.ones(idle.shape)
    np.divide(servers * blocking, idle, out=waiting, where=load < servers)
    return waiting


def erlang_b(servers: ArrayLike, load: ArrayLike) -> Floats:
    """Chance that an arrival to M/G/s without a queue finds all `servers` busy.

    >>> round(float(erlang_b(2, 1)), 4)
    0.2
    """
    refuse(counts(servers=servers) + amounts(load=load))
    number, offered = np.broadcast_arrays(np.asarray(servers), np.asarray(load, float))
    result = np.ones(number.shape)
    for count, blocking in zip(
        range(int(number.max(initial=0)) + 1), blocking_by_servers(offered), strict=False
    ):
        np.copyto(result, blocking, where=number == count)
    return result


def erlang_c(servers: ArrayLike, load: ArrayLike) -> Floats:
    """Chance that an arrival to M/M/s has to wait; 1 where `load` >= `servers`.

    >>> round(float(erlang_c(2, 1)), 4)
    0.3333
    """
    blocking = erlang_b(servers, load)
    return waiting_from_blocking(np.asarray(servers, float), np.asarray(load, float), blocking)


def mean_wait_min(
    servers: ArrayLike, arrivals_per_min: ArrayLike, service_min: ArrayLike
) -> Floats:
    """Mean wait before service (minutes) in M/M/s: C(s, a) × service / (s - a); inf if a >= s.

    Three eye doctors, six patients an hour, twenty minutes each: nearly nine minutes.

    >>> round(float(mean_wait_min(3, 6 / 60, 20)), 2)
    8.89
    """
    spare, waiting = _spare_and_waiting(servers, arrivals_per_min, service_min)
    wait = np.full(waiting.shape, np.inf)
    np.divide(waiting * np.asarray(service_min, float), spare, out=wait, where=spare > 0)
    return wait


def wait_exceeds(
    servers: ArrayLike, arrivals_per_min: ArrayLike, service_min: ArrayLike, wait_min: ArrayLike
) -> Floats:
    """Chance of waiting longer than `wait_min` in M/M/s: C(s, a) exp(-(s - a) t / service).

    >>> round(float(wait_exceeds(2, 2 / 60, 20, 30)), 3)
    0.023
    """
    refuse(amounts(wait_min=wait_min))
    spare, waiting = _spare_and_waiting(servers, arrivals_per_min, service_min)
    waits = np.divide(wait_min, service_min, dtype=float)
    return np.asarray(waiting * np.exp(-np.maximum(spare, 0) * waits))


def _spare_and_waiting(
    servers: ArrayLike, arrivals_per_min: ArrayLike, service_min: ArrayLike
) -> tuple[Floats, Floats]:
    """Servers beyond the load, and Erlang's C."""
    refuse(amounts(arrivals_per_min=arrivals_per_min) + positive(service_min=service_min))
    load = np.multiply(arrivals_per_min, service_min, dtype=float)
    return np.asarray(servers - load), erlang_c(servers, load)
