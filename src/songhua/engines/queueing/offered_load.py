"""The load over a day whose arrivals rise and fall: the patients an unlimited staff would be with.

With arrivals at rate λ(u) from time 0 on an empty clinic, m(t) = ∫ λ(u) P(S > t - u) du. It lags
behind the arrivals, by about a service time, which a staff planned on λ(t) E[S] forgets.
Source: S. Eick, W. Massey, W. Whitt, The Physics of the Mt/G/∞ Queue, Operations Research 41
(1993) 731-742; O. Jennings, A. Mandelbaum, W. Massey, W. Whitt, Server Staffing to Meet
Time-Varying Demand, Management Science 42 (1996) 1383-1394.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import amounts, positive, refuse
from songhua.kit.errors import require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Floats
    from songhua.engines.queueing.durations import Duration

_INSTANTS = 12  # looked at in each interval, besides its start: every five minutes of an hour


def offered_load(
    arrivals_per_min: ArrayLike, interval_min: float, service: Duration, at_min: ArrayLike
) -> Floats:
    """Mean number being served (erlangs) at the times `at_min`, shape (times,), exactly.

    `arrivals_per_min`, shape (intervals,), is constant in each interval of `interval_min`
    minutes; before and after there are no arrivals.

    >>> from songhua.engines.queueing.durations import Empirical
    >>> offered_load([1.0, 0.0], 60, Empirical((30.0,)), [0, 15, 60, 75, 90]).tolist()
    [0.0, 15.0, 30.0, 15.0, 0.0]
    """
    rates, times = np.asarray(arrivals_per_min, float), np.asarray(at_min, float)
    refuse(amounts(arrivals_per_min=rates, at_min=times) + positive(interval_min=interval_min))
    edges = interval_min * np.arange(len(rates) + 1)
    since = np.maximum(times[:, None] - edges, 0)
    served = service.mean_up_to(since)
    return np.asarray((served[:, :-1] - served[:, 1:]) @ rates)


def peak_load(arrivals_per_min: ArrayLike, interval_min: float, service: Duration) -> Floats:
    """The largest offered load in each interval (erlangs), shape (intervals,).

    It is looked for at the interval's start and at twelve equal steps to its end.
    """
    count = len(np.asarray(arrivals_per_min))
    require(count > 0, "arrivals_per_min", "empty")
    steps = np.arange(count * _INSTANTS + 1)
    load = offered_load(arrivals_per_min, interval_min, service, steps * interval_min / _INSTANTS)
    within = np.lib.stride_tricks.sliding_window_view(load, _INSTANTS + 1)[::_INSTANTS]
    return np.asarray(within.max(axis=1))


def departures_per_min(
    arrivals_per_min: ArrayLike, interval_min: float, service: Duration
) -> Floats:
    """Mean rate at which an unlimited staff finishes patients in each interval, (intervals,).

    Those who arrived less the growth in those present: the arrivals of the next station.
    """
    rates = np.asarray(arrivals_per_min, float)
    edges = interval_min * np.arange(len(rates) + 1)
    growth = np.diff(offered_load(rates, interval_min, service, edges))
    return np.maximum(rates - growth / interval_min, 0)
