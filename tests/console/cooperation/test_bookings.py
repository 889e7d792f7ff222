"""Nobody has an hour that somebody else has."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.console.cooperation.models import BookedHour, Booking
from songhua.console.cooperation.services import bookings
from songhua.console.ledger.services import vouch
from songhua.kit.errors import Conflict, InputError, NotAllowed

from ..city import spoken

if TYPE_CHECKING:
    from .yard import Yard

START = datetime(2023, 3, 2, tzinfo=timezone.get_default_timezone())


@pytest.fixture
def chamber(yard) -> Yard:
    yard.enter("partners")
    yard.enter("resources")
    return yard


def book(yard: Yard, start: int, hours: int, by: str = "firm") -> Booking:
    begin = START + timedelta(hours=start)
    return yard.enter("bookings", by=by, starts=begin.isoformat(),
                      ends=(begin + timedelta(hours=hours)).isoformat())  # fmt: skip


def test_an_hour_is_booked_once_and_the_next_one_is_free(chamber):
    first = book(chamber, 9, 3)
    assert first.subject == chamber.fair.bureau.firm_subject
    for start, hours in ((9, 3), (8, 2), (11, 1), (0, 24)):
        with pytest.raises(Conflict) as caught:
            book(chamber, start, hours, by="rival")
        spoken(caught.value.problems)
    assert "2023-03-02 09:00" in caught.value.problems[0].value
    book(chamber, 12, 1, by="rival")
    book(chamber, 8, 1, by="industry")
    assert not list(vouch.unvouched())


def test_a_cancelled_booking_gives_its_hours_back(chamber):
    row = book(chamber, 9, 3)
    with pytest.raises(NotAllowed):
        bookings.cancel(chamber.rival, row, reason="我要用")
    with pytest.raises(NotAllowed):
        bookings.cancel(chamber.industry, row, reason="我要用")
    bookings.cancel(chamber.firm, row, reason="试验推迟")
    with pytest.raises(Conflict):
        bookings.cancel(chamber.firm, row, reason="试验推迟")
    assert book(chamber, 9, 3, by="rival").pk
    assert not list(vouch.unvouched())


@pytest.mark.parametrize(
    ("starts", "ends", "where"),
    [
        ("2023-03-02T09:30", "2023-03-02T11:00", "starts"),
        ("2023-03-02T09:00", "2023-03-02T09:00", "ends"),
        ("2023-03-02T09:00", "2023-04-30T09:00", "ends"),
        ("2023-02-28T09:00", "2023-02-28T12:00", "starts"),
        ("2023-03-02T09:00:01", "2023-03-02T12:00:01", "starts"),
    ],
)
def test_only_whole_hours_to_come_are_booked(chamber, starts, ends, where):
    with pytest.raises(InputError) as caught:
        chamber.enter("bookings", by="firm", starts=starts, ends=ends)
    assert where in {problem.where for problem in caught.value.problems}
    spoken(caught.value.problems)
    assert not BookedHour.objects.exists()


def test_a_closed_resource_and_an_unregistered_firm_book_nothing(chamber):
    chamber.enter("resources", title="数据集", open="否")
    with pytest.raises(InputError) as caught:
        chamber.enter("bookings", by="firm", resource="数据集")
    assert caught.value.problems[0].code == "cooperation_closed"


def test_the_database_itself_refuses_a_second_booking(chamber):
    row = book(chamber, 9, 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        BookedHour.objects.create(booking=row, resource=row.resource, hour=row.starts)


@settings(max_examples=15, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(st.lists(st.tuples(st.integers(9, 40), st.integers(1, 8)), max_size=8))
def test_bookings_that_stand_never_overlap(chamber, wanted):
    BookedHour.objects.all().delete()
    Booking.objects.all().delete()
    free = set(range(100))
    for start, hours in wanted:
        span = set(range(start, start + hours))
        if span <= free:
            book(chamber, start, hours)
            free -= span
        else:
            with pytest.raises(Conflict):
                book(chamber, start, hours)
    assert BookedHour.objects.count() == 100 - len(free)
