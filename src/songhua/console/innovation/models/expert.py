"""The registry of experts: where they work, what they know, and to whom they are tied."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ExpertProfile(models.Model):
    """A reviewer's account as an expert. Published draws know them by `code` alone."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, related_name="expert")
    organisation = models.CharField(max_length=120)
    organisation_code = models.CharField(max_length=18, blank=True)
    outside = models.BooleanField(default=False)
    fields = models.JSONField(default=list)
    available = models.BooleanField(default=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return str(self.user)

    @property
    def code(self) -> str:
        """How draws name them."""
        return f"E{self.pk:04d}"


class ExpertTie(models.Model):
    """A tie to an organisation (credit code or name) or a person (name); `on` None if unknown."""

    class Kind(models.TextChoices):
        """As `songhua.governance.challenges.ties` has them."""

        SAME_UNIT = "same_unit", "同一单位"
        CO_AUTHORSHIP = "co_authorship", "合著"
        CONTRACT = "contract", "合作合同"
        KINSHIP = "kinship", "亲属"
        RECUSAL = "recusal", "本人申明"

    expert = models.ForeignKey(ExpertProfile, models.PROTECT, related_name="ties")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    other = models.CharField(max_length=120)
    on = models.DateField(null=True)
    source = models.CharField(max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
