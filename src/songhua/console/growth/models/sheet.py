"""Workbooks that were brought in."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Sheet(models.Model):
    """A workbook of one kind: taken in whole, or refused with every problem."""

    kind = models.CharField(max_length=12)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    entered = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename
