"""From arrivals to a roster: load over time, least servers, least people on shifts."""

from __future__ import annotations

import subprocess
import sys
from itertools import product
from math import cos, pi, sin

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.engines.queueing.durations import Empirical, Exponential, LogNormal
from songhua.engines.queueing.erlang import erlang_c, wait_exceeds
from songhua.engines.queueing.offered_load import departures_per_min, offered_load, peak_load
from songhua.engines.queueing.shifts import least_staff, shift_matrix
from songhua.engines.queueing.staffing import (
    halfin_whitt,
    quality_of_service,
    servers_needed,
    square_root_staffing,
)
from songhua.kit.errors import Infeasible, InputError

DURATIONS = [Exponential(12.0), LogNormal(12.0, 0.8), Empirical((5.0, 9.0, 22.0)), Empirical((12,))]
RATES = st.lists(st.floats(0, 3), min_size=1, max_size=8)


@pytest.mark.parametrize("duration", DURATIONS, ids=str)
def test_a_duration_draws_what_it_declares(duration):
    drawn = duration.draw(200_000, np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(duration.mean_min, rel=0.02)
    assert drawn.std() / drawn.mean() == pytest.approx(duration.cv, abs=0.02)
    limits = np.array([0.0, 1, 6, 12, 40])
    cut = [np.minimum(drawn, limit).mean() for limit in limits]
    assert duration.mean_up_to(limits) == pytest.approx(cut, rel=0.01)
    assert duration.mean_up_to(np.array([1e9]))[0] == pytest.approx(duration.mean_min)


def test_the_load_of_a_sinusoidal_day_as_published():
    """Eick, Massey & Whitt (1993): exponential service, mean 1, arrivals a + b sin(γt) give
    the load a + b (sin γt - γ cos γt) / (1 + γ²) once the start is forgotten."""
    step, gamma = 0.01, 2 * pi / 6
    middle = (np.arange(6000) + 0.5) * step
    at = np.array([40.0, 41.7, 43.2, 50.0])
    load = offered_load(30 + 20 * np.sin(gamma * middle), step, Exponential(1.0), at)
    exact = [30 + 20 * (sin(gamma * t) - gamma * cos(gamma * t)) / (1 + gamma**2) for t in at]
    assert load == pytest.approx(exact, rel=1e-4)


@pytest.mark.parametrize("duration", DURATIONS, ids=str)
def test_steady_arrivals_settle_at_rate_times_service(duration):
    load = offered_load(np.full(40, 2.0), 60, duration, [40 * 60.0])
    assert load[0] == pytest.approx(2 * duration.mean_min, rel=1e-3)


@given(RATES, st.sampled_from(DURATIONS))
def test_patients_are_neither_made_nor_lost(rates, duration):
    """All who arrive are departed or present, and the load adds up over groups of patients."""
    rates, end = np.array(rates), 30.0 * len(rates)
    left = departures_per_min(rates, 30, duration).sum() * 30
    present = offered_load(rates, 30, duration, [end])[0]
    assert left + present == pytest.approx(rates.sum() * 30, abs=1e-7)
    times = np.linspace(0, end + 50, 17)
    halves = offered_load(rates / 2, 30, duration, times) * 2
    assert halves == pytest.approx(offered_load(rates, 30, duration, times), abs=1e-9)
    peaks = peak_load(rates, 30, duration)
    assert (peaks >= offered_load(rates, 30, duration, 30 * np.arange(len(rates))) - 1e-9).all()
    assert (peaks <= rates.max() * duration.mean_min + 1e-9).all()


@given(st.floats(0.01, 300), st.floats(0, 40), st.floats(0.001, 0.9))
def test_servers_needed_are_enough_and_one_fewer_is_not(load, wait, share):
    servers = int(servers_needed(load, 15, wait, share))
    assert servers > load and wait_exceeds(servers, load / 15, 15, wait) <= share
    assert wait_exceeds(servers - 1, load / 15, 15, wait) > share or servers - 1 <= load


def test_steadier_services_need_no_more_servers_and_large_loads_are_quick():
    plain, steady = (servers_needed([8.0, 3000.0], 15, 10, 0.1, cv) for cv in (1, 0.3))
    assert (steady <= plain).all() and plain[1] > 3000
    assert servers_needed(0, 15, 0, 0.5) == 0


@given(st.floats(1e-9, 1 - 1e-9))
def test_the_square_root_rule_undoes_its_own_chance(waiting):
    assert halfin_whitt(quality_of_service(waiting)) == pytest.approx(waiting, rel=1e-12)


def test_large_systems_wait_as_halfin_and_whitt_say():
    for beta in (0.2, 1.0, 2.0):
        load = 1e4 - beta * 100
        assert erlang_c(10_000, load) == pytest.approx(halfin_whitt(beta), rel=3 / 100)
    for waiting in (0.05, 0.2, 0.5, 0.8):
        for load in (5.0, 50.0, 500.0):
            exact = servers_needed(load, 1, 0, waiting)
            assert abs(square_root_staffing(load, waiting) - exact) <= 1


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_roster_is_the_least_of_all_rosters(data):
    """Against every roster there is, in the order of people, then intervals worked."""
    intervals = data.draw(st.integers(1, 4))
    count = data.draw(st.integers(1, 3))
    cells = st.lists(st.integers(0, 1), min_size=count, max_size=count)
    works = np.array(data.draw(st.lists(cells, min_size=intervals, max_size=intervals)))
    need = np.array(data.draw(st.lists(st.integers(0, 3), min_size=intervals, max_size=intervals)))
    most = np.array(data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    rosters = [np.array(r) for r in product(*(range(m + 1) for m in most))]
    enough = [(int(r.sum()), int((works @ r).sum())) for r in rosters if (works @ r >= need).all()]
    if enough:
        found = least_staff(need, works, most)
        assert (works @ found >= need).all() and (found <= most).all()
        assert (found.sum(), (works @ found).sum()) == min(enough)
    else:
        with pytest.raises(Infeasible) as caught:
            least_staff(need, works, most)
        short = need - works @ most
        assert [p.value for p in caught.value.problems] == [str(n) for n in short[short > 0]]


def test_a_day_of_half_hours_around_midnight():
    """48 half-hours, 8-hour shifts starting at every half-hour: the bound below is met."""
    need = np.array([2] * 14 + [6] * 8 + [9] * 12 + [5] * 8 + [3] * 6)
    works = shift_matrix(48, np.arange(48), np.full(48, 16))
    found = least_staff(need, works)
    assert (works @ found >= need).all()
    # Three instants eight hours apart share no shift, so no roster is smaller than their needs.
    assert found.sum() >= max(need[k::16].sum() for k in range(16))
    assert found.sum() <= max(need[k::16].sum() for k in range(16)) + 1


def test_what_a_roster_lacks_is_named():
    with pytest.raises(Infeasible) as caught:
        least_staff([1, 5, 2], [[1, 0], [1, 0], [0, 0]], [3, 3])
    assert [(p.where, p.value) for p in caught.value.problems] == [
        ("interval-2", "2"), ("interval-3", "2"),
    ]  # fmt: skip
    assert caught.value.problems[0].text("zh").startswith("时段 2")
    with pytest.raises(InputError):
        least_staff([1, 2], [[1], [1], [1]])


def test_numbers_out_of_range_are_refused():
    for wrong in (
        lambda: servers_needed(-1, 15, 5, 0.1), lambda: servers_needed(1, 0, 5, 0.1),
        lambda: servers_needed(1, 15, 5, 1.0), lambda: quality_of_service(0),
        lambda: LogNormal(10, 0), lambda: Exponential(-1), lambda: Empirical(()),
        lambda: Empirical((0.0,)),
        lambda: peak_load([], 60, DURATIONS[0]),
        lambda: least_staff([1], [[2]]),
        lambda: offered_load([1, -1], 60, DURATIONS[0], [0]),
    ):  # fmt: skip
        with pytest.raises(InputError):
            wrong()


def test_the_package_imports_without_the_compiler_and_the_solver():
    """Whoever only looks up a formula waits for neither numba nor ortools."""
    names = ["replications", "shifts", "staffing", "approximations", "abandonment"]
    lines = [f"import songhua.engines.queueing.{name}" for name in names]
    code = "\n".join([*lines, "import sys", "assert not {'numba', 'ortools'} & set(sys.modules)"])
    subprocess.run([sys.executable, "-c", code], check=True)
