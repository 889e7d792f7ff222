"""Who can be supported: enterprises, institutions, platforms, carriers, talents."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit


class Subject(models.Model):
    """One of the registry. An organisation has its own credit code; a platform, a carrier or a
    talent belongs to the organisation that runs or employs it (`operator`)."""

    class Kind(models.TextChoices):
        """What it is; each kind is counted on its own."""

        ENTERPRISE = "enterprise", "企业"
        INSTITUTION = "institution", "高校和科研机构"
        ASSOCIATION = "association", "社会组织"
        PLATFORM = "platform", "平台"
        CARRIER = "carrier", "载体"
        TALENT = "talent", "人才"

    class State(models.TextChoices):
        """Whether it counts."""

        ACTIVE = "active", "有效"
        ENDED = "ended", "注销"
        MERGED = "merged", "已合并"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=120)
    name_key = models.CharField(max_length=120, db_index=True)  # of the name, for comparison
    credit_code = models.CharField(max_length=18, blank=True)
    operator = models.ForeignKey("self", models.PROTECT, null=True, related_name="runs")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")  # it is part of
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    since = models.DateField()
    ended_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="absorbed")
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("credit_code",),
                condition=~models.Q(credit_code="") & ~models.Q(state="merged"),
                name="one_subject_a_code",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def organisation_code(self) -> str:
        """The credit code of the organisation that answers for it."""
        one = self.merged_into or self
        return one.credit_code or (one.operator.credit_code if one.operator else "")


class SubjectFact(models.Model):
    """What is known of a subject from a day on, and from where. A later day takes its place."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="facts")
    name = models.CharField(max_length=60)
    value = models.JSONField()
    as_of = models.DateField()
    source = models.CharField(max_length=200)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("as_of", "pk")


class MergeProposal(models.Model):
    """Two subjects that look like one. Decided by a person; both histories stay."""

    kept = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    other = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    accepted = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("kept", "other"), name="one_merge_a_pair"),)
