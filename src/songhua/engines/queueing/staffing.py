"""How many servers an offered load needs: exactly for M/M/s, or by the square-root rule.

Applied to the offered load of each interval (`offered_load.peak_load`) this is the
modified-offered-load method; applied to rate × service time it is the pointwise stationary one.
Source: Z. Feldman, A. Mandelbaum, W. Massey, W. Whitt, Staffing of Time-Varying Queues to Achieve
Time-Stable Performance, Management Science 54 (2008) 324-338.
"""

from __future__ import annotations

from math import erfc, exp, pi, sqrt
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, chances, positive, refuse
from songhua.engines.queueing.erlang import blocking_by_servers, waiting_from_blocking

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Integers


def servers_needed(
    load: ArrayLike, service_min: float, wait_min: float, late_share: float, service_cv: float = 1.0
) -> Integers:
    """Least servers, elementwise, with P(wait > `wait_min`) <= `late_share` at the load (erlangs).

    Exact for M/M/s. Another `service_cv` stretches the wait of those who wait by (1 + cv²) / 2,
    as Allen and Cunneen do for its mean. No load needs no server.

    >>> servers_needed([0, 2, 100], 20, 10, 0.1).tolist()
    [0, 4, 104]
    """
    offered = np.asarray(load, float)
    refuse(
        amounts(load=offered, wait_min=wait_min, service_cv=service_cv)
        + positive(service_min=service_min)
        + chances(late_share=late_share)
    )
    needed = np.zeros(offered.shape, np.int64)
    decay = wait_min / (service_min * (1 + service_cv**2) / 2)
    unmet = offered > 0
    for servers, blocking in enumerate(blocking_by_servers(offered)):
        waiting = waiting_from_blocking(servers, offered, blocking)
        late = waiting * np.exp(-np.maximum(servers - offered, 0) * decay)
        unmet &= (late > late_share) | (servers <= offered)
        if not unmet.any():
            break
        needed[unmet] = servers + 1
    return needed


def halfin_whitt(beta: float) -> float:
    """Chance of waiting in a large M/M/s with a + β √a servers: 1 / (1 + β Φ(β) / φ(β)).

    1 for β <= 0. Source: S. Halfin, W. Whitt, Operations Research 29 (1981) 567-588.

    >>> round(halfin_whitt(1.0), 4)
    0.2234
    """
    if beta <= 0:
        return 1.0
    density = exp(-(beta**2) / 2) / sqrt(2 * pi)
    return density / (density + beta * erfc(-beta / sqrt(2)) / 2)


def quality_of_service(waiting: float) -> float:
    """The β > 0 with ``halfin_whitt(β) == waiting``, by bisection to the last bit.

    >>> round(quality_of_service(0.5), 3)
    0.506
    """
    refuse(chances(waiting=waiting))
    low, high = 0.0, 1.0
    while halfin_whitt(high) > waiting:
        low, high = high, 2 * high
    while (middle := (low + high) / 2) not in (low, high):
        if halfin_whitt(middle) > waiting:
            low = middle
        else:
            high = middle
    return high


def square_root_staffing(load: ArrayLike, waiting: float) -> Integers:
    """About the least servers with P(wait > 0) <= `waiting`: ⌈a + β √a⌉, elementwise.

    >>> square_root_staffing([0, 100], 0.2).tolist()
    [0, 111]
    """
    offered = np.asarray(load, float)
    refuse(amounts(load=offered))
    servers = np.ceil(offered + quality_of_service(waiting) * np.sqrt(offered))
    return np.asarray(servers, np.int64)
