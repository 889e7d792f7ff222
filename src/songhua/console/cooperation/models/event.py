"""Forums, fairs and meetings, and who came."""

from __future__ import annotations

from django.db import models

from songhua.console.cooperation.models.record import Record, subject_key


class CooperationEvent(Record):
    """Something held by us (`hosted`) or attended. `spent_fen` is what it cost, None if unknown."""

    kind = models.CharField(max_length=16, db_index=True)
    starts = models.DateField()
    ends = models.DateField()
    place = models.CharField(max_length=120)
    hosted = models.BooleanField()
    international = models.BooleanField()
    spent_fen = models.BigIntegerField(null=True)
    text = models.TextField(blank=True)


class Attendance(Record):
    """An organisation that came to an event, with how many people, None if unknown."""

    event = models.ForeignKey(CooperationEvent, models.PROTECT, related_name="attendances")
    country = models.CharField(max_length=40, blank=True)
    subject = subject_key()
    people = models.PositiveIntegerField(null=True)
