"""Erlang-A: a steady M/M/s queue whose patients leave when their patience ends.

Source: C. Palm (1957); O. Garnett, A. Mandelbaum, M. Reiman, Designing a Call Center with
Impatient Customers, Manufacturing & Service Operations Management 4 (2002) 208-227.
"""

from __future__ import annotations

from dataclasses import dataclass

from songhua.engines.queueing.checks import amounts, counts, positive, refuse

_NEGLIGIBLE = 1e-20  # beside a sum of order one


@dataclass(frozen=True)
class ErlangA:
    """Chances of waiting and of leaving unserved, and the mean wait (minutes) of all patients."""

    waiting: float
    abandoning: float
    mean_wait_min: float


def erlang_a(
    servers: int, arrivals_per_min: float, service_min: float, patience_min: float
) -> ErlangA:
    """M/M/s+M with mean service and mean patience in minutes; stable at any load.

    The number present is a birth-death chain: births at the arrival rate, deaths at
    min(n, s) / service + max(n - s, 0) / patience. Its chances are summed outwards from the
    likeliest number, so that nothing overflows and nothing cancels.

    >>> round(erlang_a(50, 48, 1, 2).abandoning, 3)
    0.031
    """
    refuse(
        counts(servers=servers)
        + amounts(arrivals_per_min=arrivals_per_min)
        + positive(service_min=service_min, patience_min=patience_min)
    )

    def deaths(present: int) -> float:
        return min(present, servers) / service_min + max(present - servers, 0) / patience_min

    capacity_per_min = servers / service_min
    if arrivals_per_min < capacity_per_min:
        likeliest = int(arrivals_per_min * service_min)
    else:
        likeliest = servers + int((arrivals_per_min - capacity_per_min) * patience_min)
    total = waiting = queue = 0.0
    weight, present = 1.0, likeliest
    while present >= 0 and weight > _NEGLIGIBLE:
        total += weight
        waiting += weight * (present >= servers)
        queue += weight * max(present - servers, 0)
        if present:
            weight *= deaths(present) / arrivals_per_min
        present -= 1
    weight, present = arrivals_per_min / deaths(likeliest + 1), likeliest + 1
    while present <= servers or weight > _NEGLIGIBLE * waiting:
        total += weight
        waiting += weight * (present >= servers)
        queue += weight * max(present - servers, 0)
        present += 1
        weight *= arrivals_per_min / deaths(present)
    mean_queue = queue / total
    wait = mean_queue / arrivals_per_min if arrivals_per_min else 0.0
    return ErlangA(waiting / total, wait / patience_min, wait)
