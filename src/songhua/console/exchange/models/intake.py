"""Files that departments bring to their tables, and what of people was told with noise."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Distribution, Version
from songhua.console.exchange.models.waiting import Waiting


class Intake(Waiting):
    """A file brought to a table: checked, at once or by the worker, then published as a version or
    held back with its defects."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "排队"
        RUNNING = "running", "检查中"
        FAILED = "failed", "无法读取"
        PUBLISHED = "published", "已发布"
        HELD = "held", "已隔离"
        ACCEPTED = "accepted", "已发布合格部分"

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="intakes")
    filename = models.CharField(max_length=200)
    folder = models.UUIDField()  # where the file, or its clean and its faulty rows, lie
    state = models.CharField(max_length=9, choices=State.choices)
    rows = models.BigIntegerField(default=0)
    clean_rows = models.BigIntegerField(default=0)
    score = models.FloatField(null=True)
    tickets = models.JSONField(default=list)
    version = models.ForeignKey(Version, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"intake:{self.pk}"


class NoisyRelease(models.Model):
    """A figure that was told with noise, and what of the dataset's privacy budget it cost."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="noisy")
    key = models.CharField(max_length=64)
    question = models.JSONField()
    epsilon = models.CharField(max_length=30)
    mechanism = models.CharField(max_length=60)
    figures = models.JSONField()
    accuracy = models.CharField(max_length=60, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("distribution", "key"), name="one_answer_a_question"),
        )

    def __str__(self) -> str:
        return f"noisy:{self.pk}"
