"""Months: what was planned, what was reported, and whether the month still takes reports.

A month is *closed* by the office, *expired* by its deadline, and a figure is *approved* by a
person: three facts that are kept apart. ``month`` is always the first day of the month.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from songhua.console.ledger.models.programme import Superseded
from songhua.console.ledger.models.tasks import Task
from songhua.console.people.models import Unit


class MonthWindow(models.Model):
    """Until when a month's reports are taken, and whether the office has closed it."""

    month = models.DateField(unique=True)
    expires_on = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    snapshot = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-month",)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class MonthlyPlan(Superseded):
    """The cumulative progress planned for the end of a month, in percent."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="plans")
    month = models.DateField()
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    content = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("month", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("task", "month"), condition=Q(is_current=True), name="one_current_plan"
            ),
        )

    def __str__(self) -> str:
        return f"{self.task_id} {self.month:%Y-%m}: {self.percent}%"


class MonthlyReport(Superseded):
    """The cumulative progress reported for the end of a month, in percent."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="reports")
    month = models.DateField()
    percent = models.DecimalField(max_digits=5, decimal_places=2)
    summary = models.TextField(blank=True)
    on_time = models.BooleanField()
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    batch = models.ForeignKey(
        "ledger.ImportBatch", models.PROTECT, null=True, blank=True, related_name="reports"
    )

    class Meta:
        ordering = ("month", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("task", "month"), condition=Q(is_current=True), name="one_current_report"
            ),
        )
        indexes = (models.Index(fields=("month", "task")),)

    def __str__(self) -> str:
        return f"{self.task_id} {self.month:%Y-%m}: {self.percent}%"


class CalendarYear(models.Model):
    """A year whose holidays an administrator has loaded, where the built-in calendar ends."""

    year = models.PositiveSmallIntegerField(unique=True)
    holidays = models.JSONField(default=list)
    makeup_days = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.year)


class UnitScore(models.Model):
    """A unit's assessment for a month, kept with the parts of its formula when the month closes."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="scores")
    month = models.DateField()
    score = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    parts = models.JSONField(default=dict)
    formula_zh = models.TextField(blank=True)
    formula_en = models.TextField(blank=True)

    class Meta:
        ordering = ("-month", "unit")
        constraints = (models.UniqueConstraint(fields=("unit", "month"), name="one_score"),)

    def __str__(self) -> str:
        return f"{self.unit} {self.month:%Y-%m}: {self.score}"
