"""Who may see what of the exchange's data, how it was asked for, and how much was used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Distribution, Entry
from songhua.console.people.models import Unit

if TYPE_CHECKING:
    from datetime import date


class Request(models.Model):
    """A department asks another for a dataset. Its states and steps are in ``sharing.yaml``."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="requests")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # that asks
    purpose = models.CharField(max_length=200)
    basis = models.TextField(blank=True)
    columns = models.JSONField(default=list)
    rows = models.TextField(blank=True)  # a condition on the rows, as a grant has it
    wanted_from = models.DateField(null=True)
    wanted_until = models.DateField(null=True)
    state = models.CharField(max_length=14, db_index=True)
    due_on = models.DateField(null=True)  # of the step that it waits for
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"request:{self.pk}"


class Step(models.Model):
    """What somebody did with a request, or said of it."""

    request = models.ForeignKey(Request, models.PROTECT, related_name="steps")
    action = models.CharField(max_length=30)
    state = models.CharField(max_length=14)  # after it
    reason = models.TextField(blank=True)
    due_on = models.DateField(null=True)  # by when it ought to have been done
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class Grant(models.Model):
    """What a department may see of one table, how, for what and until when. Rows are a condition
    over the table's columns; `rules` says how columns are de-identified. Ended by revocation, at
    once; changed never: a new grant takes its place."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="grants")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="grants")  # that may see it
    request = models.ForeignKey(Request, models.PROTECT, null=True, related_name="grants")
    columns = models.JSONField(default=list)
    rows = models.TextField(blank=True)
    purpose = models.CharField(max_length=200)
    valid_from = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    daily_rows = models.PositiveBigIntegerField(null=True)
    daily_bytes = models.PositiveBigIntegerField(null=True)
    rules = models.JSONField(default=dict)
    may_export = models.BooleanField(default=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)  # of the revocation

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("unit", "revoked_at")),)

    def __str__(self) -> str:
        return f"grant:{self.pk}"

    def lasts_on(self, day: date) -> bool:
        """Whether it is in force on `day`."""
        return (
            self.revoked_at is None
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day < self.valid_until)
        )


class Use(models.Model):
    """What was delivered of a table in a civil day to one `holder`: a grant (``grant:7``), the
    people of a unit to whom it is shared without conditions (``unit:health``), or ``public``."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="uses")
    holder = models.CharField(max_length=70)
    grant = models.ForeignKey(Grant, models.PROTECT, null=True, related_name="uses")
    day = models.DateField()
    requests = models.PositiveBigIntegerField(default=0)
    rows = models.PositiveBigIntegerField(default=0)
    bytes = models.PositiveBigIntegerField(default=0)

    class Meta:
        ordering = ("-day",)
        constraints = (
            models.UniqueConstraint(fields=("distribution", "holder", "day"), name="one_use_a_day"),
        )
