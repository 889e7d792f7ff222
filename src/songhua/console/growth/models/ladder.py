"""The ladder's criteria as the office changed them, and the moves of firms on it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.subsidies.models import Subject


class CriterionChange(models.Model):
    """From `since` on, the bounds of a fact for a rung; both None: it is no longer asked."""

    rung = models.CharField(max_length=20)
    fact = models.CharField(max_length=20)
    at_least = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    at_most = models.DecimalField(max_digits=20, decimal_places=4, null=True)
    since = models.DateField()
    basis = models.CharField(max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("since", "pk")


class LadderMove(models.Model):
    """A promotion or drop that the figures of a year call for, and what a person decided.
    `before` and `after` are rungs, "" for none; `figures` are the facts it was judged by."""

    class Kind(models.TextChoices):
        """Up or down."""

        PROMOTION = "promotion", "晋级"
        DROP = "drop", "退级"

    class State(models.TextChoices):
        """A proposal that later figures no longer call for is withdrawn."""

        PROPOSED = "proposed", "待确认"
        CONFIRMED = "confirmed", "已确认"
        REFUSED = "refused", "不确认"
        WITHDRAWN = "withdrawn", "已撤回"

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="ladder_moves")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    before = models.CharField(max_length=20, blank=True)
    after = models.CharField(max_length=20, blank=True)
    reasons = models.JSONField(default=list)
    figures = models.JSONField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_on = models.DateField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("state", "subject")),)
        constraints = (
            models.UniqueConstraint(
                fields=("subject",),
                condition=models.Q(state="proposed"),
                name="one_proposed_move_a_firm",
            ),
        )

    def __str__(self) -> str:
        return f"{self.subject} {self.year}"
