"""The servers' side of a simulated day: how long they were occupied, and how long past their hours.

`start_min` and `occupied_min`, shape (patients,), say when each patient took a server and for how
long (service and turnaround); those never served, with an infinite start, count for nothing. The
last interval of the plan goes on until everyone has gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, counts, positive, refuse

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats


def overlap_min(
    start_min: ArrayLike, length_min: ArrayLike, intervals: int, interval_min: float
) -> Floats:
    """Minutes of all the spans that fall into each interval, shape (intervals,).

    Of services it is the servers' busy time; of waits it is the patients' time in the queue.

    >>> overlap_min([50.0, 10.0], [20.0, 5.0], 2, 60).tolist()
    [15.0, 10.0]
    """
    start, length = np.asarray(start_min, float), np.asarray(length_min, float)
    refuse(amounts(length_min=length) + positive(interval_min=interval_min))
    begun = [np.clip(k * interval_min - start, 0, length).sum() for k in range(intervals)]
    return np.diff([*begun, length[np.isfinite(start)].sum()])


def overtime_min(
    start_min: ArrayLike, occupied_min: ArrayLike, servers: ArrayLike, interval_min: float
) -> Floats:
    """Minutes that servers beyond the plan were still finishing, by interval, (intervals,).

    >>> overtime_min([50.0], [20.0], [1, 0], 60).tolist()
    [0.0, 10.0]
    """
    plan, start = np.asarray(servers), np.asarray(start_min, float)
    refuse(counts(servers=plan) + amounts(occupied_min=occupied_min))
    begun = np.isfinite(start)
    start, end = start[begun], (start + occupied_min)[begun]
    turns = interval_min * np.arange(len(plan))
    times = np.concatenate([turns, start, end])
    steps = np.concatenate([np.zeros(len(plan)), np.ones(len(start)), -np.ones(len(end))])
    order = np.argsort(times)
    times, busy = times[order], np.cumsum(steps[order])
    interval = np.searchsorted(turns, times[:-1], side="right") - 1
    beyond = np.maximum(busy[:-1] - plan[interval], 0) * np.diff(times)
    return np.asarray(np.bincount(interval, beyond, minlength=len(plan)), float)
