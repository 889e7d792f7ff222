"""不重复支持: support from elsewhere, and what the subject chose."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.subsidies.models.registry import Subject


class OtherAward(models.Model):
    """Support that another body grants the subject. `amount_fen` is None while unknown."""

    class Source(models.TextChoices):
        """Whose money it is."""

        CITY = "city", "市"
        DISTRICT = "district", "区县"
        PROVINCE = "province", "省"
        STATE = "state", "国家"

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="other_awards")
    source = models.CharField(max_length=8, choices=Source.choices)
    name = models.CharField(max_length=200)
    amount_fen = models.BigIntegerField(null=True)
    matters = models.JSONField(default=list)
    paid_on = models.DateField(null=True)  # None: granted or hoped for, not received
    declined = models.BooleanField(default=False)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    @property
    def award_id(self) -> str:
        """How a portfolio names it."""
        return f"other:{self.pk}"


class Choice(models.Model):
    """自愿选择申报: the awards a subject takes, beside the best it could have. The newest counts,
    until a change would cost the subject more than it accepted."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="choices")
    policy = models.CharField(max_length=60)
    reading = models.JSONField(default=dict)
    chosen = models.JSONField()
    candidates = models.JSONField()  # [{id, source, amount, matters}], as they were
    best_sets = models.JSONField()
    amount_fen = models.BigIntegerField(null=True)
    best_fen = models.BigIntegerField(null=True)
    forgone_fen = models.BigIntegerField(null=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
