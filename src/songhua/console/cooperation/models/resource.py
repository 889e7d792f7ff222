"""What partners share, and who has it when."""

from __future__ import annotations

from django.db import models

from songhua.console.cooperation.models.partner import Partner
from songhua.console.cooperation.models.record import Record, subject_key


class SharedResource(Record):
    """An instrument, data, a team, a place. `open` takes bookings."""

    kind = models.CharField(max_length=12)
    partner = models.ForeignKey(Partner, models.PROTECT, null=True, related_name="resources")
    subject = subject_key()
    place = models.CharField(max_length=120)
    open = models.BooleanField()
    text = models.TextField(blank=True)


class Booking(Record):
    """The whole hours from `starts` up to `ends`, for a subject or, without one, for the unit of
    whoever entered it; `title` is what for. Struck out, it is cancelled and the hours are free."""

    resource = models.ForeignKey(SharedResource, models.PROTECT, related_name="bookings")
    subject = subject_key()
    starts = models.DateTimeField()
    ends = models.DateTimeField()


class BookedHour(models.Model):
    """One hour of a booking that stands. The constraint is what makes a double booking impossible,
    on every database and for every process."""

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="hours")
    resource = models.ForeignKey(SharedResource, models.PROTECT, related_name="+")
    hour = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("resource", "hour"), name="one_booking_an_hour"),
        )


class ExpertCost(Record):
    """What the work of an expert (`title`) brought in by a centre cost, as paid."""

    subject = subject_key(null=False)
    country = models.CharField(max_length=40)
    foreign = models.BooleanField()
    what = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    paid_on = models.DateField()
