"""Other catalogues whose datasets were brought here."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.waiting import Waiting
from songhua.console.people.models import Unit


class Harvest(Waiting):
    """One visit to another catalogue. `counts` tells what became of its datasets, `failed` why
    some could not be taken, by their ids there."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        FAILED = "failed", "未完成"
        DONE = "done", "完成"

    url = models.CharField(max_length=500)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # under which they stand here
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    counts = models.JSONField(default=dict)
    failed = models.JSONField(default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"harvest:{self.pk}"
