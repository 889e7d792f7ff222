"""What a register remembers of each record."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit


class RegisterRecord(models.Model):
    """One record of a register (its code is the programme's). `values` holds the register's own
    fields as exact text. Only a confirmed record counts, and it is never changed: a mistake is
    withdrawn with a reason and entered anew."""

    class State(models.TextChoices):
        """How far it is."""

        ENTERED = "entered", "待确认"
        CONFIRMED = "confirmed", "已确认"
        RETURNED = "returned", "已退回"
        WITHDRAWN = "withdrawn", "已撤销"

    register = models.SlugField(max_length=60)
    name = models.CharField(max_length=200)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    day = models.DateField()
    zone = models.SlugField(max_length=60, blank=True)
    values = models.JSONField(default=dict)
    filename = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    opinion = models.TextField(blank=True)

    class Meta:
        ordering = ("-day", "-pk")
        indexes = (models.Index(fields=("register", "state", "day")),)

    def __str__(self) -> str:
        return self.name
