"""Orders are read exactly or not at all, carried out once, and answered every time they come."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.exchange.commands import states
from songhua.exchange.commands.executing import EXPIRED, Executor
from songhua.exchange.commands.orders import Acknowledgement, Order
from songhua.kit.errors import Conflict, InputError

AT = datetime(2026, 1, 5, 8, tzinfo=UTC)
ORDER = Order("u1", "S001", "secondary_supply_c", 48.5, AT, AT + states.VALID)
zoned = st.datetimes(timezones=st.just(UTC))
texts = st.text(st.characters(codec="utf-8"), max_size=40)
numbers = st.floats(allow_nan=False, allow_infinity=False)


@given(st.builds(Order, texts, texts, texts, numbers, zoned, zoned))
def test_an_order_comes_back_as_it_was_written(order):
    assert Order.decoded(order.encoded()) == order


@given(st.builds(Acknowledgement, texts, st.booleans(), texts, zoned))
def test_an_acknowledgement_comes_back_as_it_was_written(given_back):
    assert Acknowledgement.decoded(given_back.encoded()) == given_back


WRONG = [
    b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 9000, b'{"uid": "u1"}', b" " * 20_000,
    *(
        json.dumps(json.loads(ORDER.encoded()) | changed).encode()
        for changed in (
            {"value": "48.5"}, {"value": True}, {"value": None}, {"value": float("nan")},
            {"value": float("inf")}, {"value": 10**400}, {"issued_at": "2026-01-05T08:00:00"},
            {"expires_at": "soon"}, {"expires_at": 0}, {"uid": 7}, {"device_id": None},
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize("message", WRONG, ids=lambda m: repr(m[:40]))
def test_what_is_no_order_is_refused(message):
    with pytest.raises(InputError) as caught:
        Order.decoded(message)
    assert [p.code for p in caught.value.problems] == ["order_unreadable"]


@given(st.binary(max_size=300))
def test_no_bytes_do_anything_but_be_refused(message):
    done = []
    with pytest.raises(InputError):
        Executor(lambda order: done.append(order) or "").answer(message, AT)
    assert done == []


def test_an_order_that_comes_again_gets_the_same_answer_and_nothing_happens_twice():
    done = []
    device = Executor(lambda order: done.append(order.value) or "")
    first = device.answer(ORDER.encoded(), AT)
    assert device.answer(ORDER.encoded(), AT + timedelta(seconds=30)) == first
    assert first == Acknowledgement("u1", True, "", AT) and done == [48.5]


def test_a_refusal_is_answered_the_same_way_too():
    device = Executor(lambda _: "valve stuck")
    answers = {device.answer(ORDER.encoded(), AT + timedelta(seconds=s)) for s in range(3)}
    assert [(a.accepted, a.reason) for a in answers] == [(False, "valve stuck")]


@pytest.mark.parametrize("late", [states.VALID, states.VALID * 2])
def test_an_expired_order_is_not_carried_out(late):
    done = []
    device = Executor(lambda order: done.append(order) or "")
    answer = device.answer(ORDER.encoded(), AT + late)
    assert (answer.accepted, answer.reason, done) == (False, EXPIRED, [])


def test_an_order_carried_out_before_is_not_carried_out_again_after_it_expired():
    done = []
    device = Executor(lambda order: done.append(order) or "")
    device.answer(ORDER.encoded(), AT)
    device.answer(ORDER.encoded(), AT + states.VALID * 2)
    assert len(done) == 1


def test_only_the_declared_states_follow_each_other():
    ends = {"refused", "rejected", "timed_out", "measured"}
    every = set(states.NEXT) | {s for following in states.NEXT.values() for s in following}
    assert every - set(states.NEXT) == ends
    assert states.follow("sent", "acknowledged") == "acknowledged"
    for state, wanted in (("proposed", "sent"), ("refused", "approved"), ("measured", "sent")):
        with pytest.raises(Conflict):
            states.follow(state, wanted)


def test_a_command_is_sent_again_ever_more_patiently():
    waits = [states.again_at(AT, n) - AT for n in range(1, 9)]
    assert waits == sorted(waits) and waits[0] > timedelta(0) and waits[-1] == waits[-2]
