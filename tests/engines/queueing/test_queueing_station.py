"""One queue, patient by patient: against a clerk with a watch, and what no sample path breaks."""

from __future__ import annotations

from math import inf

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.queueing.occupancy import overlap_min, overtime_min
from songhua.engines.queueing.station import service_starts_min, waits_min
from songhua.kit.errors import InputError

INTERVAL = 10
PATIENTS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(0, 20), st.integers(0, 2), st.integers(0, 4),
        st.sampled_from([0, 3, 12, inf]),
    ),
    max_size=25,
)  # fmt: skip
PLANS = st.lists(st.integers(0, 7), min_size=1, max_size=8)


def columns(patients):
    """Arrival, service, urgency, turnaround and patience of each."""
    return np.array(patients, float).reshape(-1, 5).T


def run(patients, plan):
    arrival, service, urgency, turnaround, patience = columns(patients)
    return service_starts_min(
        arrival, service, plan, INTERVAL,
        urgency=urgency, turnaround_min=turnaround, patience_min=patience,
    )  # fmt: skip


def by_the_minute(patients, plan):
    """The rules of the house, minute by minute: whole minutes make this exact."""
    starts = [inf] * len(patients)
    release = [-1.0] * len(patients)
    for minute in range(31 + 25 * 25 + INTERVAL * 8):
        servers = plan[min(minute // INTERVAL, len(plan) - 1)]
        there = [
            (urgency, arrival, n)
            for n, (arrival, _, urgency, _, patience) in enumerate(patients)
            if arrival <= minute <= arrival + patience and starts[n] == inf
        ]
        for _, _, n in sorted(there):
            if sum(end > minute for end in release) < servers:
                starts[n] = minute
                release[n] = minute + patients[n][1] + patients[n][3]
    return starts


@settings(deadline=None)
@given(PATIENTS, PLANS)
def test_every_start_is_the_one_a_clerk_with_a_watch_finds(patients, plan):
    assert run(patients, plan).tolist() == by_the_minute(patients, plan)


@settings(deadline=None)
@given(PATIENTS, PLANS)
def test_busy_time_waiting_time_and_overtime_add_up(patients, plan):
    """Little's law on the path: minutes summed over patients are heads summed over minutes."""
    starts = run(patients, plan)
    arrival, service, _, turnaround, patience = columns(patients)
    wait, occupied = waits_min(arrival, starts, patience), service + turnaround
    settled = np.isfinite(wait)
    last = len(plan) - 1
    busy, queue, beyond = np.zeros(len(plan)), np.zeros(len(plan)), np.zeros(len(plan))
    for minute in range(800):
        k = min(minute // INTERVAL, last)
        inside = int(((starts <= minute) & (minute < starts + occupied)).sum())
        busy[k] += inside
        beyond[k] += max(inside - plan[k], 0)
        queue[k] += ((arrival <= minute) & (minute < arrival + wait))[settled].sum()
    size = len(plan)
    assert overlap_min(starts, occupied, size, INTERVAL) == pytest.approx(busy)
    assert overlap_min(arrival[settled], wait[settled], size, INTERVAL) == pytest.approx(queue)
    assert overtime_min(starts, occupied, plan, INTERVAL) == pytest.approx(beyond)


@settings(deadline=None)
@given(PATIENTS, PLANS, st.randoms())
def test_the_order_of_the_list_does_not_matter(patients, plan, random):
    """Nor do empty days before: everything only happens later."""
    distinct = [(i, *p[1:]) for i, p in enumerate(patients)]
    starts, order = run(distinct, plan), list(range(len(distinct)))
    random.shuffle(order)
    assert (run([distinct[i] for i in order], plan) == starts[order]).all()
    later = [(p[0] + 3 * INTERVAL, *p[1:]) for p in distinct]
    assert (run(later, [1, 0, 2, *plan]) == starts + 3 * INTERVAL).all()


@settings(deadline=None)
@given(PATIENTS, PATIENTS, PLANS, PLANS)
def test_two_days_apart_are_two_separate_days(first, second, plan, other):
    """With one server at least at the end of the first day, everyone has left by the second."""
    plan = [*plan, 1]
    gap = 100
    later = [(p[0] + gap * INTERVAL, *p[1:]) for p in second]
    whole = run(first + later, plan + [1] * (gap - len(plan)) + other)
    apart = [*run(first, plan), *(run(second, other) + gap * INTERVAL)]
    assert whole.tolist() == apart


@settings(deadline=None)
@given(PATIENTS, PLANS, st.data())
def test_another_server_delays_nobody_where_all_are_equal(patients, plan, data):
    """First come first served with everyone patient; with priorities this is no theorem."""
    equal = [(a, s, 0, t, inf) for a, s, _, t, _ in patients]
    more = [c + data.draw(st.integers(0, 2)) for c in plan]
    fewer, enough = run(equal, plan), run(equal, more)
    assert (enough <= fewer).all()


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=40))
def test_one_server_is_lindleys_recursion(pairs):
    gaps, service = np.array(pairs).T
    arrival, wait = np.cumsum(gaps), [0.0]
    for n in range(len(pairs) - 1):
        wait.append(max(0.0, wait[-1] + service[n] - gaps[n + 1]))
    starts = service_starts_min(arrival, service, [1], 60)
    assert starts - arrival == pytest.approx(wait, abs=1e-12 * 400)


def test_a_closing_server_finishes_its_patient_and_a_closed_clinic_serves_nobody():
    starts = service_starts_min([55, 56, 57], [20, 20, 20], [2, 1, 0], 60)
    assert starts.tolist() == [55, 56, 76]
    assert overtime_min(starts, [20, 20, 20], [2, 1, 0], 60).tolist() == [0, 15, 0]
    assert service_starts_min([130], [5], [2, 1, 0], 60).tolist() == [inf]
    assert service_starts_min([], [], [1], 60).tolist() == []


def test_hours_that_binary_fractions_cannot_hold_still_turn_on_time():
    """The third interval of 0.1 minutes begins at 3 × 0.1 and not a hair later."""
    assert service_starts_min([0.0], [1.0], [0, 0, 0, 1], 0.1)[0] == 3 * 0.1


def test_what_cannot_be_is_refused_all_at_once():
    with pytest.raises(InputError) as caught:
        service_starts_min([0, float("nan")], [1], [1.5], 0, urgency=-1, patience_min=float("nan"))
    assert {p.where.split(",")[0] for p in caught.value.problems} == {
        "arrival_min", "servers", "interval_min", "urgency", "patience_min"
    }  # fmt: skip
    with pytest.raises(InputError):
        service_starts_min([1], [1], [], 60)
