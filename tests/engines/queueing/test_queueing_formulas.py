"""Formulas for steady queues: the published tables, and what holds at every load."""

from __future__ import annotations

from math import exp, factorial, inf, lgamma, log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.engines.queueing.abandonment import erlang_a
from songhua.engines.queueing.approximations import (
    allen_cunneen_wait_min,
    cobham_wait_min,
    pollaczek_khinchine_wait_min,
)
from songhua.engines.queueing.erlang import erlang_b, erlang_c, mean_wait_min, wait_exceeds
from songhua.kit.errors import InputError


@pytest.mark.parametrize(
    ("servers", "load", "blocking"),
    # The standard Erlang B traffic table (e.g. ITU-D Teletraffic Engineering Handbook).
    [(1, 0.0101, 0.01), (5, 1.36, 0.01), (10, 4.46, 0.01), (20, 12.0, 0.01), (50, 37.9, 0.01),
     (100, 84.1, 0.01), (10, 3.09, 0.001), (100, 75.2, 0.001), (10, 5.08, 0.02), (20, 15.2, 0.05)],
)  # fmt: skip
def test_the_published_erlang_b_table(servers, load, blocking):
    # The table rounds the load to three figures; the blocking lies between those of its bounds.
    step = 0.5 * 10.0 ** (np.floor(np.log10(load)) - 2)
    assert erlang_b(servers, load - step) <= blocking <= erlang_b(servers, load + step)


def test_the_eye_clinic_of_the_textbook():
    """Gross & Harris, Fundamentals of Queueing Theory: 6 an hour, 20 minutes, 3 doctors."""
    assert mean_wait_min(3, 0.1, 20) * 0.1 == pytest.approx(8 / 9)  # Lq
    assert erlang_c(3, 2) == pytest.approx(4 / 9)


def test_the_emergency_room_of_the_textbook():
    """Hillier & Lieberman, Introduction to Operations Research: 2 patients an hour, 3 served."""
    assert mean_wait_min(1, 2 / 60, 20) == pytest.approx(40)
    assert mean_wait_min(2, 2 / 60, 20) == pytest.approx(2.5)
    assert erlang_c(2, 2 / 3) == pytest.approx(1 / 6)
    assert wait_exceeds(1, 2 / 60, 20, 60) == pytest.approx(2 / 3 * exp(-1))
    assert cobham_wait_min(1, [0.2, 0.6, 1.2], 1 / 3)[:2] == pytest.approx([0.238, 0.325], abs=5e-4)
    assert cobham_wait_min(2, [0.2, 0.6, 1.2], 1 / 3) == pytest.approx(
        [0.029, 0.033, 0.048], abs=1e-3
    )


@given(st.integers(1, 40), st.floats(0.01, 60))
def test_erlang_b_is_its_definition(servers, load):
    terms = [load**n / factorial(n) for n in range(servers + 1)]
    assert erlang_b(servers, load) == pytest.approx(terms[-1] / sum(terms), rel=1e-12)


@given(st.integers(1, 3000), st.floats(0.1, 4000))
def test_more_servers_wait_less_and_saturation_waits_for_ever(servers, load):
    here, more = erlang_c([servers, servers + 1], load)
    assert 0 <= more <= here <= 1
    assert (here == 1) == (load >= servers)
    assert (mean_wait_min(servers, load, 1.0) == inf) == (load >= servers)
    assert erlang_b(servers, load) <= here


def test_arrays_give_what_their_elements_give():
    servers, load = np.array([[1], [4], [300]]), np.array([0.0, 0.9, 250.0])
    table = erlang_c(servers, load)
    assert table.shape == (3, 3)
    for i, j in np.ndindex(3, 3):
        assert table[i, j] == erlang_c(servers[i, 0], load[j])


def test_erlang_a_as_published():
    """Garnett, Mandelbaum & Reiman (2002), table 1: 50 agents, 48 calls a minute, 1 and 2 minutes.

    Without abandonment the mean wait is 20.8 s; with it 3.1 % leave and the wait is 3.7 s.
    """
    assert mean_wait_min(50, 48, 1) * 60 == pytest.approx(20.8, abs=0.05)
    found = erlang_a(50, 48, 1, 2)
    assert found.abandoning == pytest.approx(0.031, abs=5e-4)
    assert found.mean_wait_min * 60 == pytest.approx(3.7, abs=0.05)


@given(st.integers(0, 12), st.floats(0.01, 30), st.floats(0.1, 10), st.floats(0.1, 10))
def test_erlang_a_is_its_birth_and_death_chain(servers, arrivals, service, patience):
    """The chances solve the balance equations, here summed plainly from an empty clinic."""
    weights = [1.0]
    for n in range(1, 1200):
        leaving = min(n, servers) / service + max(n - servers, 0) / patience
        weights.append(weights[-1] * arrivals / leaving)
        if weights[-1] > 1e200:
            weights = [w / 1e200 for w in weights]
    chances = np.array(weights) / np.sum(weights)
    queue = np.maximum(np.arange(1200) - servers, 0)
    found = erlang_a(servers, arrivals, service, patience)
    assert found.waiting == pytest.approx(chances[servers:].sum(), rel=1e-9)
    assert found.mean_wait_min == pytest.approx(queue @ chances / arrivals, rel=1e-9)


@given(st.integers(1, 2000), st.floats(0.3, 3))
def test_with_patience_equal_to_service_the_number_present_is_poisson(servers, ratio):
    """Everyone then leaves at the same rate, waiting or served, as in M/M/∞."""
    load = servers * ratio
    found = erlang_a(servers, load, 1, 1)
    below = sum(exp(n * log(load) - load - lgamma(n + 1)) for n in range(servers))
    assert found.waiting == pytest.approx(1 - below, abs=1e-9)
    assert 0 <= found.abandoning <= found.waiting <= 1
    served = load * (1 - found.abandoning)
    assert served <= min(servers, load) * (1 + 1e-12)
    assert found.abandoning >= 1 - servers / load - 1e-12


def test_endless_patience_is_erlang_c():
    assert erlang_a(10, 8, 1, 1e9).waiting == pytest.approx(erlang_c(10, 8), rel=1e-8)


def test_general_service_and_priorities_reduce_to_erlang():
    for servers, load in ((1, 0.7), (5, 4.0)):
        plain = mean_wait_min(servers, load / 10, 10)
        assert allen_cunneen_wait_min(servers, load / 10, 10, 1, 1) == pytest.approx(plain)
        assert cobham_wait_min(servers, [load / 10], 10)[0] == pytest.approx(plain)
    assert pollaczek_khinchine_wait_min(0.07, 10, 0) == pytest.approx(
        mean_wait_min(1, 0.07, 10) / 2
    )
    assert (
        pollaczek_khinchine_wait_min(0.1, 10, 0) == allen_cunneen_wait_min(1, 0.2, 10, 0, 0) == inf
    )


@given(st.lists(st.floats(0.001, 0.05), min_size=2, max_size=5), st.integers(1, 4))
def test_priorities_only_move_the_waiting_from_one_class_to_another(rates, servers):
    """Kleinrock's conservation law: the mean over all patients is that of the plain queue."""
    service = 0.9 * servers / sum(rates)
    waits = cobham_wait_min(servers, rates, service)
    assert (np.diff(waits) > 0).all()
    overall = np.average(waits, weights=rates)
    assert overall == pytest.approx(mean_wait_min(servers, sum(rates), service), rel=1e-9)


def test_the_urgent_are_served_where_the_others_wait_for_ever():
    waits = cobham_wait_min(1, [0.05, 0.2], 10)
    assert waits.tolist() == [20, inf]


def test_every_impossible_figure_is_named_at_once():
    with pytest.raises(InputError) as caught:
        erlang_a(1.5, -1, 0, float("nan"))
    assert {(p.where, p.code) for p in caught.value.problems} == {
        ("servers", "queue_not_whole"), ("arrivals_per_min", "negative"),
        ("service_min", "queue_not_positive"), ("patience_min", "not_finite"),
    }  # fmt: skip
    for wrong in (
        lambda: erlang_b(-1, 2),
        lambda: erlang_c(2, inf),
        lambda: wait_exceeds(1, 1, 1, -1),
    ):
        with pytest.raises(InputError):
            wrong()
