"""The registry of achievements and of demands for them: what it is, how mature, whose, and which
matches people accepted."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit
from songhua.console.subsidies.models import Subject


class Achievement(models.Model):
    """Something invented, or a demand for it, of a department (`unit`) or a registered `subject`.
    The range of TRL is one level for an achievement and what is wanted for a demand; money in fen:
    the price asked, or the budget. None is unknown."""

    class Kind(models.TextChoices):
        """Which of the two it is; each is matched with the other."""

        ACHIEVEMENT = "achievement", "成果"
        DEMAND = "demand", "需求"

    class Stage(models.TextChoices):
        """The way to the market, in its order."""

        BENCH = "bench", "小试"
        PILOT = "pilot", "中试"
        MATURING = "maturing", "熟化"
        INCUBATION = "incubation", "孵化"
        INDUSTRIAL = "industrial", "产业化"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    title = models.CharField(max_length=120)
    text = models.TextField()
    field = models.CharField(max_length=40)
    district = models.CharField(max_length=40, blank=True)
    stage = models.CharField(max_length=12, choices=Stage.choices, blank=True, db_index=True)
    trl_low = models.PositiveSmallIntegerField(null=True)
    trl_high = models.PositiveSmallIntegerField(null=True)
    low_fen = models.BigIntegerField(null=True)
    high_fen = models.BigIntegerField(null=True)
    rights = models.CharField(max_length=200, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    subject = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(unit__isnull=True) ^ models.Q(subject__isnull=True),
                name="one_achievement_owner",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="demand") ^ ~models.Q(stage=""),
                name="achievements_have_a_stage",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def owner(self) -> Unit | Subject:
        """Whose it is; of a merged subject the one that remains."""
        return self.unit or self.subject.merged_into or self.subject


class StagePromotion(models.Model):
    """A later stage, proposed with its evidence, and what another person decided."""

    achievement = models.ForeignKey(Achievement, models.PROTECT, related_name="promotions")
    stage = models.CharField(max_length=12, choices=Achievement.Stage.choices)
    trl = models.PositiveSmallIntegerField()
    statement = models.TextField()
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)


class MatchDecision(models.Model):
    """A match that somebody accepted (and so referred to the other side) or refused, with the
    features that the matcher saw: what it learns from. A later decision on a pair stands."""

    asked = models.ForeignKey(Achievement, models.PROTECT, related_name="decisions")
    found = models.ForeignKey(Achievement, models.PROTECT, related_name="referrals")
    accepted = models.BooleanField()
    reason = models.TextField()
    features = models.JSONField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
