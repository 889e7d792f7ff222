"""Bookings: whole hours, each of which one booking alone can have."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from songhua.console import clock
from songhua.console.cooperation import access
from songhua.console.cooperation.models import BookedHour
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.services.rows import locked, required
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.console.cooperation.models import Booking
    from songhua.console.people.models import User

HOUR = timedelta(hours=1)
LONGEST = timedelta(days=31)  # 单次预约最长天数 默认值(非文件规定)


def settle(actor: User, row: Booking) -> None:
    """An enterprise books for itself; the unit of the resource answers for the booking."""
    if actor.role == Role.ENTERPRISE:
        row.subject = bidding_subject(actor)
        if row.subject is None:
            raise InputError(Problem("subject", "challenge_no_subject"))
    row.unit = row.resource.unit


def trouble(row: Booking) -> Iterator[Problem]:
    """Whole hours, to come, not too many, of a resource that takes bookings."""
    if not row.resource.open:
        yield Problem("resource", "cooperation_closed", row.resource.title)
    for name in ("starts", "ends"):
        if getattr(row, name).timestamp() % HOUR.total_seconds():
            yield Problem(name, "cooperation_whole_hours")
    if not HOUR <= row.ends - row.starts <= LONGEST:
        yield Problem("ends", "cooperation_booking_length", str(LONGEST.days))
    if row.starts + HOUR <= clock.now():
        yield Problem("starts", "cooperation_past")


def take_hours(row: Booking) -> None:
    """Take every hour of a booking, or none. Raises `Conflict` naming the first that is taken."""
    count = int((row.ends - row.starts) / HOUR)
    hours = [
        BookedHour(booking=row, resource=row.resource, hour=row.starts + number * HOUR)
        for number in range(count)
    ]
    try:
        with transaction.atomic():
            BookedHour.objects.bulk_create(hours)
    except IntegrityError as error:
        taken = BookedHour.objects.filter(
            resource=row.resource, hour__gte=row.starts, hour__lt=row.ends
        )
        first = taken.order_by("hour").first()
        shown = f"{first.hour.astimezone(clock.midnight(clock.today()).tzinfo):%Y-%m-%d %H:%M}"
        raise Conflict(Problem("starts", "cooperation_taken", shown)) from error


@transaction.atomic
def cancel(actor: User, booking: Booking, *, reason: str) -> Booking:
    """Give the hours back, by who booked or who answers for the resource; before they are over."""
    required(reason=reason)
    row = locked(booking)
    mine = access.of(actor, row) or row.entered_by_id == actor.pk
    if not mine and not access.keeps(actor, row):
        raise NotAllowed(Problem("booking", "not_your_row", row.title))
    if row.struck or row.ends <= clock.now():
        raise Conflict(Problem("booking", "cooperation_booking_over", row.title))
    row.struck = True
    row.save()
    row.hours.all().delete()
    audit.record(
        actor, "booking_cancelled", vouch.subject(row), reason=reason,
        sets=vouch.sets(row, "struck"),
    )  # fmt: skip
    return row
