"""An application, its papers, what the engine said of it, and what it became if not an amount."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit
from songhua.console.subsidies.models.registry import Subject
from songhua.console.subsidies.workflow import standard


class Application(models.Model):
    """A subject asks for what one rule of one version of a policy gives. Amounts in fen, None
    while unknown. `round` counts the reviews: what was signed or scored in an earlier one stays
    on record and no longer counts."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="applications")
    policy = models.CharField(max_length=60)
    version = models.CharField(max_length=60)
    rule = models.CharField(max_length=31)
    facts = models.JSONField(default=dict)
    findings = models.JSONField(default=dict)  # facts that the review established
    reading = models.JSONField(default=dict)
    matters = models.JSONField(default=list)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # that handles it
    state = models.CharField(max_length=14, default=standard().initial, db_index=True)
    round = models.PositiveSmallIntegerField(default=1)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    applied_on = models.DateField(null=True)  # the day of the first submission
    correct_until = models.DateField(null=True)
    proposed_fen = models.BigIntegerField(null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_fen = models.BigIntegerField(null=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_at = models.DateTimeField(null=True)
    decision_number = models.CharField(max_length=40, blank=True)
    budget = models.ForeignKey("Budget", models.PROTECT, null=True, related_name="applications")

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("subject", "policy", "rule")),)

    def __str__(self) -> str:
        return f"{self.rule} #{self.pk}"

    @property
    def award_id(self) -> str:
        """How a portfolio names it."""
        return f"application:{self.pk}"


class Attachment(models.Model):
    """A paper of an application, kept by its digest."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="attachments")
    kind = models.CharField(max_length=60)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class Assessment(models.Model):
    """One computation by the engine: what went in, and the whole award as it came out."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="assessments")
    round = models.PositiveSmallIntegerField()
    on = models.DateField()
    facts = models.JSONField()
    reading = models.JSONField()
    award = models.JSONField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class CaseFile(models.Model):
    """What a clause without an amount opens instead: a negotiation, a referral, a data request."""

    class Kind(models.TextChoices):
        """Which way it goes."""

        NEGOTIATED = "negotiated", "一事一议、一企一策"
        REFERRAL = "referral", "转介基金或担保"
        DATA_REQUEST = "data_request", "数据开放申请"
        ELSEWHERE = "elsewhere", "按其他政策办理"

    application = models.OneToOneField(Application, models.PROTECT, related_name="case_file")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    addressee = models.CharField(max_length=200, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    outcome = models.TextField(blank=True)
    concluded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    concluded_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
