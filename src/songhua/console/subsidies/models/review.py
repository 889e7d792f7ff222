"""Who looked at an application: units that sign, experts that score, the public that objects."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit
from songhua.console.subsidies.models.application import Application
from songhua.console.subsidies.models.registry import Subject


class SignOff(models.Model):
    """A unit that must sign in the joint review of a round, and what it said."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="sign_offs")
    round = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    agreed = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    signed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("application", "round", "unit"), name="one_signature"),
        )


class Seat(models.Model):
    """An expert on the panel of a round: seated, recused, or with scores. `total` is of 100."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="seats")
    round = models.PositiveSmallIntegerField()
    expert = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="seats")
    recused = models.BooleanField(default=False)
    scores = models.JSONField(default=dict)
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True)
    opinion = models.TextField(blank=True)
    scored_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("application", "round", "expert"), name="one_seat"),
        )


class Interest(models.Model):
    """Somebody has a stake in a subject, as they declared or the office listed."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="interests")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "subject"), name="one_interest"),)


class PublicNotice(models.Model):
    """公示: what was shown to everybody, from and to which day, both included."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="notices")
    round = models.PositiveSmallIntegerField()
    starts = models.DateField()
    ends = models.DateField()
    published = models.JSONField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class Objection(models.Model):
    """What somebody said against it during the notice, and the answer."""

    notice = models.ForeignKey(PublicNotice, models.PROTECT, related_name="objections")
    text = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
