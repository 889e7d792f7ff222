"""A challenge from demand to support: what is wanted, for how much, and where it stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.innovation.challenge_workflow import standard
from songhua.console.people.models import Unit
from songhua.console.subsidies.models import Application, Subject


class Challenge(models.Model):
    """A demand of a department (`unit`) or of an enterprise (`subject`). Amounts in fen. `round`
    counts the reviews; seats and scores of an earlier one stay on record and no longer count."""

    title = models.CharField(max_length=120)
    problem = models.TextField()
    field = models.CharField(max_length=40)
    targets = models.JSONField(default=list)  # [{name, unit, direction, threshold}]
    budget_fen = models.BigIntegerField()
    chokepoint = models.BooleanField(default=False)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, default=standard().initial, db_index=True)
    round = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    number = models.CharField(max_length=20, blank=True)
    published_at = models.DateTimeField(null=True)
    closes = models.DateTimeField(null=True)  # a bid that arrives in this second still counts
    method = models.JSONField(default=dict)  # as published: how points become a ranking
    panel = models.JSONField(default=dict)  # as published: seats, quotas
    ranking = models.JSONField(default=dict)
    winner = models.ForeignKey("Bid", models.PROTECT, null=True, related_name="+")
    application = models.OneToOneField(
        Application, models.PROTECT, null=True, related_name="challenge"
    )

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(unit__isnull=True) ^ models.Q(subject__isnull=True),
                name="one_who_asks",
            ),
            models.UniqueConstraint(
                fields=("number",), condition=~models.Q(number=""), name="one_challenge_number"
            ),
        )

    def __str__(self) -> str:
        return f"{self.number or self.pk} {self.title}"

    @property
    def asks(self) -> Unit | Subject:
        """Who has the demand."""
        return self.unit or self.subject
