"""What waits for the worker."""

from __future__ import annotations

from django.db import models


class Waiting(models.Model):
    """A piece of work that one attempt at a time holds, while it gives signs of life."""

    progress = models.FloatField(default=0)
    problems = models.JSONField(default=list)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True)  # of the attempt that holds it
    beat_at = models.DateTimeField(null=True)  # that attempt's last sign of life

    class Meta:
        abstract = True
