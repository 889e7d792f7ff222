"""The roster that keeps the promise with nobody to spare.

First guess: the servers that the modified offered load asks for in each hour, covered by shifts.
Then the simulated days decide: while some hour breaks the promise, that hour is asked for one
more; when none does, everybody is sent home on trial, and stays at home if the promise still
holds. So no single person of the result can be spared on these days; a roster with fewer people
on quite different shifts is not excluded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.durations import Empirical
from songhua.engines.queueing.offered_load import departures_per_min, peak_load
from songhua.engines.queueing.shifts import least_staff, shift_matrix
from songhua.engines.queueing.staffing import servers_needed
from songhua.kit.errors import Infeasible, Problem
from songhua.scenarios.fever_clinic.days import see
from songhua.scenarios.fever_clinic.demand import HOURS, RESOURCES

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from songhua.engines.queueing.checks import Floats, Integers
    from songhua.engines.queueing.clinic import Demand
    from songhua.scenarios.fever_clinic.actions import PlanParams
    from songhua.scenarios.fever_clinic.days import Days

Duty = dict[str, "Integers"]


def least_roster(
    demand: Demand,
    days: Days,
    shifts: pl.DataFrame,
    params: PlanParams,
    progress: Callable[[float], None],
) -> Duty:
    """On duty in each hour of the day by resource, arrays of shape (24,)."""
    works = {who: _matrix(shifts, who) for who in RESOURCES}
    most = {who: shifts.filter(resource=who)["most"].to_numpy() for who in RESOURCES}
    full = {who: works[who] @ most[who] for who in RESOURCES}
    _refuse(broken_hours(days, full, params), full, params)
    progress(0.1)
    need = {who: np.minimum(n, full[who]) for who, n in first_guess(demand, params).items()}
    people = {who: least_staff(need[who], works[who], most[who]) for who in RESOURCES}
    while broken := broken_hours(days, _duty(works, people), params):
        who, hour = min(broken, key=lambda place: broken[place])
        _ask_for_more(need[who], full[who], _duty(works, people)[who], hour)
        people[who] = least_staff(need[who], works[who], most[who])
    progress(0.5)
    _send_home(works, people, lambda duty: not broken_hours(days, duty, params))
    return _duty(works, people)


def first_guess(demand: Demand, params: PlanParams) -> Duty:
    """Servers for each hour by the modified offered load, as if the queues settled within it."""
    late = 1 - params.promise_share
    # The load carries over midnight: the second of two equal days is looked at.
    arrivals = np.concatenate([demand.arrivals_per_min] * 2).T
    doctor, scan = demand.consultation, _with_turnaround(demand, params.turnaround_min)
    sent = demand.scan_share @ [departures_per_min(level, 60.0, doctor) for level in arrivals]
    loads = {
        "doctor": (peak_load(arrivals.sum(axis=0), 60.0, doctor), doctor),
        "scanner": (peak_load(sent, 60.0, scan), scan),
    }
    limits = {"doctor": params.doctor_wait_limit_min, "scanner": params.wait_limit_min}
    return {
        who: servers_needed(load[HOURS:], served.mean_min, limits[who], late, served.cv)
        for who, (load, served) in loads.items()
    }


def _with_turnaround(demand: Demand, turnaround_min: float) -> Empirical:
    scans = demand.scan
    assert isinstance(scans, Empirical)
    return Empirical(tuple(x + turnaround_min for x in scans.observed_min))


def _matrix(shifts: pl.DataFrame, who: str) -> Integers:
    own = shifts.filter(resource=who)
    return shift_matrix(HOURS, own["start_hour"].to_numpy(), own["length_h"].to_numpy())


def _duty(works: Duty, people: Duty) -> Duty:
    return {who: works[who] @ people[who] for who in RESOURCES}


def broken_hours(days: Days, duty: Duty, params: PlanParams) -> dict[tuple[str, int], float]:
    """The hours of arrival that break the promise: (whose queue, hour) → the share that is kept.

    Where somebody is never served, every such hour keeps nothing.
    """
    try:
        seen = see(days, duty)
    except Infeasible as stuck:
        return {(who, int(p.value)): 0.0 for p in stuck.problems for who in RESOURCES}
    limits = {"doctor": params.doctor_wait_limit_min, "scanner": params.wait_limit_min}
    waits: dict[str, Floats] = {"doctor": seen.doctor_wait, "scanner": seen.scan_wait}
    broken = {}
    for who, wait in waits.items():
        known = ~np.isnan(wait)
        came = np.bincount(seen.hour[known], minlength=HOURS)
        kept = np.bincount(seen.hour[known & (wait <= limits[who])], minlength=HOURS)
        for hour in np.flatnonzero(kept < params.promise_share * came):
            broken[who, int(hour)] = float(kept[hour] / came[hour])
    return broken


def _ask_for_more(need: Integers, full: Integers, duty: Integers, hour: int) -> None:
    """Raise the need from `hour` on, at the first hour that can still be given more. Those who
    come in an hour wait in it or after it, so the hours that follow are the ones that help."""
    for step in range(HOURS):
        place = (hour + step) % HOURS
        if duty[place] < full[place]:
            need[place] = duty[place] + 1
            return
    raise AssertionError("every shift is full, and that was seen to keep the promise")


def _send_home(works: Duty, people: Duty, kept: Callable[[Duty], bool]) -> None:
    """Take away whoever the promise can spare and put others on shorter shifts, the change that
    saves most hours first, until no such change is left."""
    while True:
        for change in _savings(works, people):
            for (who, shift), number in change.items():
                people[who][shift] += number
            if kept(_duty(works, people)):
                break
            for (who, shift), number in change.items():
                people[who][shift] -= number
        else:
            return


def _savings(works: Duty, people: Duty) -> list[dict[tuple[str, int], int]]:
    """The changes of one person that save hours: at home, or from one shift to a shorter one."""
    found: list[tuple[int, dict[tuple[str, int], int]]] = []
    for who in RESOURCES:
        hours = works[who].sum(axis=0).tolist()
        for shift in np.flatnonzero(people[who]).tolist():
            found.append((hours[shift], {(who, shift): -1}))
            for other, length in enumerate(hours):
                if length < hours[shift]:
                    found.append((hours[shift] - length, {(who, shift): -1, (who, other): 1}))
    found.sort(key=lambda change: -change[0])
    return [change for _, change in found]


def _refuse(broken: dict[tuple[str, int], float], full: Duty, params: PlanParams) -> None:
    """Raise `Infeasible` naming the hours that even full shifts leave waiting."""
    if broken:
        raise Infeasible(
            [
                Problem(
                    f"shifts.{who}", f"clinic_promise_{who}",
                    f"{hour}:00 {share:.0%} < {params.promise_share:.0%}, {full[who][hour]}",
                )
                for (who, hour), share in sorted(broken.items())
            ]
        )  # fmt: skip
