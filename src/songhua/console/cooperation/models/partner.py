"""Who we work with, what was agreed, and what is to be done by when."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from songhua.console.cooperation.models.event import CooperationEvent
from songhua.console.cooperation.models.record import Record, subject_key


class Partner(Record):
    """An organisation elsewhere: Shenzhen, Moscow, Yekaterinburg."""

    kind = models.CharField(max_length=12)
    country = models.CharField(max_length=40)
    city = models.CharField(max_length=40)
    text = models.TextField(blank=True)


class Agreement(Record):
    """What was signed with a partner, for one of our own (`subject`), at an event or not. One that
    `renews` an earlier one takes its place. Money in fen, None where none was named."""

    kind = models.CharField(max_length=24, db_index=True)
    partner = models.ForeignKey(Partner, models.PROTECT, related_name="agreements")
    subject = subject_key()
    event = models.ForeignKey(
        CooperationEvent, models.PROTECT, null=True, related_name="agreements"
    )
    signed_on = models.DateField()
    ends_on = models.DateField(null=True)
    amount_fen = models.BigIntegerField(null=True)
    renews = models.ForeignKey("self", models.PROTECT, null=True, related_name="renewals")
    text = models.TextField(blank=True)


class Duty(Record):
    """A milestone of an agreement or a follow-up of an event, and how it ended."""

    agreement = models.ForeignKey(Agreement, models.PROTECT, null=True, related_name="duties")
    event = models.ForeignKey(CooperationEvent, models.PROTECT, null=True, related_name="duties")
    due = models.DateField(db_index=True)
    done_on = models.DateField(null=True)
    result = models.TextField(blank=True)
    filename = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)

    class Meta(Record.Meta):
        ordering = ("due", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(agreement__isnull=True) ^ Q(event__isnull=True), name="one_duty_origin"
            ),
        )
