"""Approved commands on their way: claimed, sent, answered; sent again by whoever lives on.

A claim lasts until the next attempt is due. The same order may go out twice and is carried out
once, for the device knows it by its uid. What the telemetry shows afterwards is written down.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from songhua.console.exchange.services import devices
from songhua.console.exchange.services.intake_mqtt import DUTY
from songhua.console.heating.models import Command
from songhua.console.heating.services.commands import keep, locked
from songhua.exchange.commands import delivery, states
from songhua.exchange.commands.orders import Acknowledgement, Order
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from songhua.console.heating.models import ControlPoint

ATTEMPT_S = 8.0
"""How long one attempt waits for its answer; shorter than from one to the next."""
SETTLING = timedelta(minutes=10)
"""After this the reading is what the command came to, near what was ordered or not."""


def send_due() -> int:
    """Send what is due, one after the other; how many were answered."""
    answered = 0
    while (row := _claim()) is not None:
        answered += _send(row)
    return answered


def _claim() -> Command | None:
    now = timezone.now()
    due = Command.objects.filter(state__in=states.OPEN, next_at__lte=now)
    for row in due.select_related("point__element__plant").order_by("next_at"):
        if now >= row.expires_at:
            _finish(row, "timed_out", answer=row.answer or "no answer")
        elif due.filter(pk=row.pk).update(
            attempts=F("attempts") + 1, next_at=states.again_at(now, row.attempts + 1)
        ):
            row.refresh_from_db()
            return row
    return None


def _send(row: Command) -> bool:
    if row.state == Command.State.APPROVED:
        _finish(row, "sent")
    order = Order(
        row.uid, row.point.element.device_id, row.point.quantity, row.value, row.issued_at,
        row.expires_at,
    )  # fmt: skip
    try:
        given = delivery.deliver(order, row.point.protocol, _address(row.point), ATTEMPT_S)
    except Conflict as error:
        Command.objects.filter(pk=row.pk).update(answer=_told(error))
        return False
    except InputError as error:
        given = Acknowledgement(row.uid, False, _told(error), timezone.now())
    state = "acknowledged" if given.accepted else "rejected"
    _finish(row, state, answer=given.reason, answered_at=timezone.now())
    return True


def _told(error: Conflict | InputError) -> str:
    return error.problems[0].text()[:200]


def _address(point: ControlPoint) -> dict[str, Any]:
    """Where the point is reached; orders over MQTT go to the broker that the readings come from,
    where the point names no other."""
    given = dict(point.address)
    if point.protocol == "mqtt" and "broker" not in given:
        try:
            duty = (devices.folder() / DUTY).read_text(encoding="utf-8")
        except OSError as error:
            raise Conflict(Problem(point.element.device_id, "heating_no_broker")) from error
        given["broker"] = json.loads(duty)["broker"]
    if point.protocol == "mqtt":
        given.setdefault("plant", point.element.plant.code)
    return given


@transaction.atomic
def _finish(command: Command, state: str, **values: Any) -> None:
    """Move a command on, unless another attempt did so meanwhile."""
    row = locked(command)
    if state not in states.NEXT.get(row.state, ()):
        return
    for name, value in {"state": state, **values}.items():
        setattr(row, name, value)
    if state != "sent":
        row.next_at = None
    keep("heating", row, *values)
    command.state = state


def measure() -> int:
    """Write down what the telemetry shows of commands that were carried out; how many it does."""
    done = 0
    rows = Command.objects.filter(state=Command.State.ACKNOWLEDGED)
    for row in rows.select_related("point__element"):
        found = _reading(row.point, row.answered_at)
        if found is None:
            continue
        value, at = found
        near = abs(value - row.value) <= row.point.tolerance
        if near or timezone.now() - row.answered_at >= SETTLING:
            _finish(row, "measured", seen=value, seen_at=at)
            done += 1
    return done


def _reading(point: ControlPoint, since: datetime) -> tuple[float, datetime] | None:
    """The newest reading of a point that came after `since`."""
    store = devices.reader()
    if store is None:
        return None
    newest = store.latest(point.answer, [point.element.device_id])
    for value, at, received in newest.select("value", "ts_utc", "received_at").iter_rows():
        if received > since:
            return value, at
    return None


def tick() -> None:
    """Send what was left behind, and see what came of what was carried out."""
    send_due()
    measure()
