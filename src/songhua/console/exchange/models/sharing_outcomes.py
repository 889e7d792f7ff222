"""What came of shared data, and what their users found wrong in them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Distribution
from songhua.console.exchange.models.sharing import Step
from songhua.console.people.models import Unit


class Outcome(models.Model):
    """What a department says its use of the data was good for; None is not told, not 0."""

    step = models.OneToOneField(Step, models.PROTECT, related_name="outcome")
    reused = models.PositiveIntegerField(null=True)  # 复用次数: matters that were handled with it
    papers_saved = models.PositiveIntegerField(null=True)  # 免提交材料: nobody had to bring these

    def __str__(self) -> str:
        return f"outcome:{self.pk}"


class Correction(models.Model):
    """A user of data tells its provider that a value is wrong (数据校核). Answered once."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="corrections")
    version = models.PositiveIntegerField()  # number of the version in which it was seen
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # that tells
    row = models.PositiveBigIntegerField(null=True)  # its _id; None: the column as a whole
    seen_row = models.PositiveBigIntegerField(null=True)  # what it is for the unit that tells
    column = models.CharField(max_length=100)
    text = models.TextField()
    proposed = models.CharField(max_length=500, blank=True)
    due_on = models.DateField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    accepted = models.BooleanField(null=True)  # None: not answered yet
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("accepted", "due_on")),)

    def __str__(self) -> str:
        return f"correction:{self.pk}"
