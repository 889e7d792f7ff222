"""The clinic of two stations and its replications, against theory and against itself."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isnan

import numpy as np
import pytest

from songhua.engines.queueing.abandonment import erlang_a
from songhua.engines.queueing.approximations import cobham_wait_min, pollaczek_khinchine_wait_min
from songhua.engines.queueing.clinic import Demand, Patients, draw_patients, visit
from songhua.engines.queueing.durations import Empirical, Exponential, LogNormal
from songhua.engines.queueing.erlang import mean_wait_min, wait_exceeds
from songhua.engines.queueing.offered_load import departures_per_min, offered_load, peak_load
from songhua.engines.queueing.replications import confidence, replicate
from songhua.engines.queueing.staffing import servers_needed
from songhua.engines.queueing.station import service_starts_min, waits_min
from songhua.kit.errors import InputError

DAY = Demand(
    arrivals_per_min=np.array([[0.02, 0.2], [0.05, 0.5], [0.04, 0.3], [0.0, 0.0]]),
    interval_min=60.0,
    consultation=LogNormal(8, 0.6),
    scan_share=np.array([0.9, 0.5]),
    scan=Empirical((6.0, 8.0, 11.0)),
)


def steady(rates, duration, servers, patience=None, *, late_min=None, runs=30):
    """Mean waits of each class in long runs of one station, their beginnings left out."""
    rng = np.random.default_rng(20230613)
    classes = len(rates)
    means = np.empty((runs, classes + 2))
    for run in means:
        length = 40_000 / sum(rates)
        demand = replace(
            DAY, arrivals_per_min=np.array([rates]), interval_min=length, consultation=duration,
            scan_share=np.zeros(classes), patience=patience,
        )  # fmt: skip
        p = draw_patients(demand, rng)
        starts = service_starts_min(
            p.arrival_min, p.consultation_min, [servers], length,
            urgency=p.urgency, patience_min=p.patience_min,
        )  # fmt: skip
        wait = waits_min(p.arrival_min, starts, p.patience_min)
        warm = p.arrival_min > length / 8
        run[:classes] = [wait[warm & (p.urgency == k)].mean() for k in range(classes)]
        run[-2] = (wait[warm] > (late_min or 0)).mean()
        run[-1] = np.isinf(starts[warm]).mean()
    return [confidence(column, 0.999) for column in means.T]


def agrees(found, theory, *, width):
    """Theory lies in the 99.9 % interval, and the interval is narrow enough to mean it."""
    assert found.high - found.low <= 2 * width * theory
    assert found.low <= theory <= found.high


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (3, 2.4), (12, 10.0)])
def test_exponential_service_waits_as_erlang_says(servers, load):
    mean, late, _ = steady([load / 10], Exponential(10), servers, late_min=5)
    agrees(mean, float(mean_wait_min(servers, load / 10, 10)), width=0.1)
    agrees(late, float(wait_exceeds(servers, load / 10, 10, 5)), width=0.1)


@pytest.mark.parametrize(
    "duration", [LogNormal(10, 0.5), Empirical((10.0,)), Empirical((4, 4, 22))]
)
def test_one_server_waits_as_pollaczek_and_khinchine_say(duration):
    mean, _, _ = steady([0.07], duration, 1)
    exact = pollaczek_khinchine_wait_min(0.07, duration.mean_min, duration.cv)
    agrees(mean, float(exact), width=0.1)


def test_the_urgent_wait_as_cobham_says():
    for servers, rates in ((1, [0.02, 0.03, 0.02]), (4, [0.1, 0.1, 0.12])):
        found = steady(rates, Exponential(10), servers)
        for mean, exact in zip(found[:3], cobham_wait_min(servers, rates, 10), strict=True):
            agrees(mean, float(exact), width=0.15)


def test_impatient_patients_leave_as_palm_says():
    mean, late, left = steady([1.2], Exponential(10), 10, Exponential(15))
    exact = erlang_a(10, 1.2, 10, 15)
    agrees(mean, exact.mean_wait_min, width=0.1)
    agrees(late, exact.waiting, width=0.1)
    agrees(left, exact.abandoning, width=0.1)


def test_an_unlimited_clinic_holds_the_offered_load():
    """With a doctor for everyone, those present at each hour average the offered load."""
    rng, doctors = np.random.default_rng(3), [10_000] * 4
    at = np.array([30.0, 60, 119, 150, 181])
    present = []
    for _ in range(400):
        p = draw_patients(DAY, rng)
        v = visit(
            replace(p, needs_scan=np.zeros(p.arrival_min.size, bool)), doctors, [1] * 4, 60, 0
        )
        assert (v.doctor_wait_min == 0).all() and np.isnan(v.scan_wait_min).all()
        present.append([((p.arrival_min <= t) & (t < v.leave_min)).sum() for t in at])
    exact = offered_load(DAY.arrivals_per_min.sum(axis=1), 60, DAY.consultation, at)
    for column, load in zip(np.array(present).T, exact, strict=True):
        agrees(confidence(column, 0.999), load, width=0.2)


def test_a_scanner_is_cleaned_after_its_patient_has_left():
    three = np.array([0.0, 0.0, 0.0])
    patients = Patients(
        arrival_min=three, urgency=np.array([0, 1, 1]), consultation_min=three + 5,
        patience_min=three + inf, needs_scan=np.array([True, True, False]), scan_min=three + 10,
    )  # fmt: skip
    visits = visit(patients, [3], [1], 60, turnaround_min=7)
    assert visits.scan_start_min[:2].tolist() == [5, 22]
    assert visits.scan_wait_min[:2].tolist() == [0, 17]
    assert visits.leave_min.tolist() == [15, 32, 5]
    assert isnan(visits.scan_wait_min[2])


def test_who_never_sees_the_doctor_is_not_scanned():
    one = np.array([5.0])
    patients = Patients(one, np.array([0]), one, np.array([3.0]), np.array([True]), one)
    visits = visit(patients, [0], [1], 60, 0)
    assert (visits.doctor_wait_min[0], visits.leave_min[0]) == (3, 8)
    assert isnan(visits.scan_wait_min[0]) and np.isinf(visits.doctor_start_min[0])
    stays = visit(replace(patients, patience_min=np.array([inf])), [0], [1], 60, 0)
    assert stays.leave_min.tolist() == [inf]


def test_the_days_drawn_are_the_days_declared():
    rng = np.random.default_rng(9)
    days = [draw_patients(DAY, rng) for _ in range(600)]
    assert all((np.diff(p.arrival_min) >= 0).all() for p in days)
    for (k, grade), rate in np.ndenumerate(DAY.arrivals_per_min):
        inside = [
            ((p.urgency == grade) & (p.arrival_min // 60 == k)).sum() for p in days
        ]  # fmt: skip
        if rate == 0:
            assert sum(inside) == 0
            continue
        agrees(confidence(inside, 0.999), rate * 60, width=0.25)
        assert np.var(inside) == pytest.approx(rate * 60, rel=0.25)
    sent = [p.needs_scan[p.urgency == 1].mean() for p in days]
    agrees(confidence(sent, 0.999), 0.5, width=0.05)


def test_the_staff_planned_for_the_promise_keeps_it():
    """The whole chain: load, staff, simulated days. Nine waits in ten are within the limit."""
    rates = DAY.arrivals_per_min.sum(axis=1)
    doctors = servers_needed(peak_load(rates, 60, DAY.consultation), 8, 15, 0.1, 0.6)
    to_scan = departures_per_min(rates, 60, DAY.consultation) * 0.54
    cleaned = Empirical(tuple(m + 5 for m in DAY.scan.observed_min))
    scanners = servers_needed(
        peak_load(to_scan, 60, cleaned), cleaned.mean_min, 15, 0.1, cleaned.cv
    )
    days = replicate(DAY, doctors, scanners, 5, 15, 100, np.random.default_rng(5))
    assert confidence(days.doctor.share_within[:, -1]).mean > 0.9
    assert confidence(days.scan.share_within[:, -1]).mean > 0.9
    bare = np.ceil(rates * 8)  # the load itself, without a reserve
    fewer = replicate(DAY, bare, scanners, 5, 15, 100, np.random.default_rng(5))
    assert confidence(fewer.doctor.share_within[:, -1]).mean < 0.9


def test_replications_repeat_with_their_seed_and_add_up():
    plan = [4, 8, 6, 2], [2, 4, 3, 1]
    days, again = (replicate(DAY, *plan, 5, 15, 20, np.random.default_rng(7)) for _ in range(2))
    assert (days.doctor.mean_min == again.doctor.mean_min).all()
    assert days.doctor.mean_min.shape == (20, 3) and days.doctor_busy_min.shape == (20, 4)
    waits = days.doctor
    assert (waits.p90_min <= waits.longest_min).all()
    assert (waits.longest_min[:, -1] == waits.longest_min[:, :-1].max(axis=1)).all()
    assert ((waits.share_within[:, -1] == 1) == (waits.longest_min[:, -1] <= 15)).all()
    assert (days.doctor_overtime_min <= days.doctor_busy_min).all() and (
        days.left_unseen == 0
    ).all()
    busy = days.doctor_busy_min.sum(axis=1)
    agrees(confidence(busy, 0.999), DAY.arrivals_per_min.sum() * 60 * 8, width=0.15)


def test_nobody_of_a_class_is_unknown_and_a_closed_clinic_is_without_end():
    nobody = replace(DAY, arrivals_per_min=np.array([[0.0, 0.5]]))
    days = replicate(nobody, [5], [5], 0, 15, 5, np.random.default_rng(1))
    assert np.isnan(days.doctor.mean_min[:, 0]).all() and (days.doctor.mean_min[:, 1] >= 0).all()
    assert isnan(confidence(days.doctor.mean_min[:, 0]).mean)
    closed = replicate(nobody, [0], [5], 0, 15, 5, np.random.default_rng(1))
    assert (closed.doctor.p90_min[:, 1] == inf).all() and (
        closed.doctor.share_within[:, 1] == 0
    ).all()
    assert (closed.left_unseen > 0).all()
    assert confidence([inf, 1.0]).mean == inf


def test_a_demand_that_cannot_be_is_refused():
    for wrong in (
        {"scan_share": np.array([0.5])},
        {"scan_share": np.array([0.5, 1.5])},
        {"interval_min": 0.0},
        {"arrivals_per_min": np.array([[-1.0, 0.0]])},
        {"arrivals_per_min": np.array([])},
    ):
        with pytest.raises(InputError):
            replace(DAY, **wrong)
    with pytest.raises(InputError):
        replicate(DAY, [1] * 4, [1] * 4, 5, 15, 0, np.random.default_rng(1))
