"""A command is proposed by one, decided on by another, carried out once, seen in the readings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from songhua.console.heating.models import Command, ControlPoint
from songhua.console.heating.services import advice, commands, outbox
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit
from songhua.exchange.commands import delivery, states
from songhua.exchange.commands.executing import Executor
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

from .conftest import keep


@pytest.fixture
def point(plant):
    return ControlPoint.objects.get(
        element__device_id="city-station-1", quantity="secondary_supply_c"
    )


@pytest.fixture
def device(monkeypatch):
    """A device in place of all ways: it obeys unless `silent` or told a `refusal`."""

    class Device:
        silent, refusal = False, ""

        def __init__(self):
            self.orders, self.attempts = [], 0
            self.executor = Executor(self.act)

        def act(self, order):
            if not self.refusal:
                self.orders.append(order)
            return self.refusal

        def deliver(self, order, protocol, address, timeout_s):
            self.attempts += 1
            if self.silent:
                raise Conflict(Problem(order.device_id, "order_no_answer", "silent"))
            return self.executor.answer(order.encoded(), datetime.now(UTC))

    made = Device()
    monkeypatch.setattr(delivery, "deliver", made.deliver)
    monkeypatch.setattr(outbox, "_address", lambda point: {})
    return made


def proposed(point, value=50.0, by=None):
    return commands.propose(by, point, value, "室温偏低", 45.0)


def fresh(row):
    row.refresh_from_db()
    return row


def due(row):
    Command.objects.filter(pk=row.pk).update(next_at=timezone.now())


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def test_who_proposes_does_not_decide(empty_city, point, colleague):
    row = proposed(point, by=empty_city.weather)
    with pytest.raises(NotAllowed) as caught:
        commands.decide(empty_city.weather, row, approved=True)
    assert codes(caught) == ["own_submission"]
    assert commands.decide(colleague, row, approved=True).state == "approved"


def test_strangers_neither_propose_nor_decide(empty_city, point):
    row = proposed(point)
    for person in (empty_city.staff, empty_city.office, empty_city.leader, empty_city.enterprise):
        with pytest.raises(NotAllowed):
            commands.decide(person, row, approved=True)
        with pytest.raises(NotAllowed):
            proposed(point, by=person)
    assert fresh(row).state == "proposed"


@pytest.mark.parametrize("value", [24.9, 75.1, "abc", "", "-50", "nan", "1e400"])
def test_what_may_not_be_ordered_is_refused(point, value):
    with pytest.raises(InputError):
        proposed(point, value)
    assert not Command.objects.exists()


def test_a_point_has_one_command_at_a_time(point, empty_city):
    row = proposed(point)
    with pytest.raises(Conflict) as caught:
        proposed(point)
    assert codes(caught) == ["heating_command_open"]
    commands.decide(empty_city.weather, row, approved=False, reason="已人工处理")
    assert proposed(point).state == "proposed"


def test_a_refusal_says_why_and_nothing_goes_out(empty_city, point, device):
    row = proposed(point)
    with pytest.raises(InputError):
        commands.decide(empty_city.weather, row, approved=False, reason=" ")
    commands.decide(empty_city.weather, row, approved=False, reason="天气转暖")
    assert outbox.send_due() == 0 and device.attempts == 0
    assert fresh(row).refusal == "天气转暖"
    with pytest.raises(Conflict):
        commands.decide(empty_city.weather, row, approved=True)


def test_an_approved_command_is_sent_answered_and_measured(empty_city, point, device, simulated):
    row = proposed(point)
    commands.decide(empty_city.weather, row, approved=True)
    assert outbox.send_due() == 1
    assert fresh(row).state == "acknowledged" and device.orders[0].value == 50
    assert outbox.measure() == 0  # nothing came since
    at = datetime.now(UTC)
    shown = {"device_id": "city-station-1", "metric": "secondary_supply_c", "value": 49.2,
             "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}  # fmt: skip
    keep([shown])
    assert outbox.measure() == 1
    assert (fresh(row).state, row.seen) == ("measured", 49.2)
    actions = list(AuditEntry.objects.order_by("seq").values_list("action", flat=True))
    assert [a.removeprefix("heating_command_") for a in actions if "heating_command" in a] == [
        "proposed", "approved", "sent", "acknowledged", "measured",
    ]  # fmt: skip
    assert [f for f in audit.verify() if "command" in f.subject] == []


def test_a_reading_far_from_the_order_counts_only_after_the_settling_time(
    empty_city, point, device
):
    row = proposed(point)
    commands.decide(empty_city.weather, row, approved=True)
    outbox.send_due()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    keep([{"device_id": "city-station-1", "metric": "secondary_supply_c", "value": 40.0,
           "ts_utc": at}])  # fmt: skip
    assert outbox.measure() == 0
    early = timezone.now() - outbox.SETTLING
    Command.objects.filter(pk=row.pk).update(answered_at=early)
    assert outbox.measure() == 1 and fresh(row).seen == 40.0


def test_a_silent_device_is_asked_again_until_the_order_expires(empty_city, point, device):
    row = proposed(point)
    device.silent = True
    commands.decide(empty_city.weather, row, approved=True)
    for attempts in (1, 2, 3):
        assert outbox.send_due() == 0
        assert (fresh(row).state, row.attempts) == ("sent", attempts)
        assert row.next_at > timezone.now() and "silent" in row.answer
        due(row)
    Command.objects.filter(pk=row.pk).update(expires_at=timezone.now())
    outbox.send_due()
    assert (fresh(row).state, row.next_at) == ("timed_out", None)
    device.silent = False
    assert outbox.send_due() == 0 and device.orders == []


def test_a_worker_that_dies_while_it_waits_loses_nothing_and_doubles_nothing(
    empty_city, point, device, monkeypatch
):
    row = proposed(point)
    commands.decide(empty_city.weather, row, approved=True)

    def dying(*given):
        device.deliver(*given)
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(delivery, "deliver", dying)
        with pytest.raises(KeyboardInterrupt):
            outbox.send_due()
    assert fresh(row).state == "sent" and outbox.send_due() == 0  # claimed by the dead
    due(row)
    assert outbox.send_due() == 1
    assert fresh(row).state == "acknowledged" and len(device.orders) == 1


def test_what_the_device_refuses_ends_there(empty_city, point, device):
    row = proposed(point)
    device.refusal = "local mode"
    commands.decide(empty_city.weather, row, approved=True)
    outbox.send_due()
    assert (fresh(row).state, row.answer, row.next_at) == ("rejected", "local mode", None)


def test_without_an_intake_a_command_waits_and_then_times_out(empty_city, point):
    row = proposed(point)
    commands.decide(empty_city.weather, row, approved=True)
    assert outbox.send_due() == 0 and "songhua intake" in fresh(row).answer
    Command.objects.filter(pk=row.pk).update(next_at=timezone.now(), expires_at=timezone.now())
    outbox.send_due()
    assert fresh(row).state == "timed_out"


def test_an_answer_comes_before_the_next_attempt_is_due():
    assert timedelta(seconds=outbox.ATTEMPT_S) < min(states.WAITS)


def test_computed_setpoints_follow_the_weather_and_the_rooms(running, simulated):
    for point in ControlPoint.objects.filter(quantity="secondary_supply_c"):
        assert point.low < point.high
    made = advice.propose(running)
    rows = list(Command.objects.filter(proposed_by=None))
    assert made == len(rows) <= advice.MOST
    for row in rows:
        assert abs(row.value - row.before) >= advice.WORTH_K - 0.06
        assert row.point.low <= row.value <= row.point.high and "曲线" in row.reason
    assert advice.propose(running) == 0  # each has its command now


def test_nothing_is_computed_without_fresh_readings(plant):
    assert advice.tick() == 0
