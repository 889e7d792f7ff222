"""The contract with its milestones, and what was measured."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.innovation.models.challenge import Challenge
from songhua.console.innovation.models.challenge_bid import Bid


class ChallengeContract(models.Model):
    """What was agreed with the winner."""

    challenge = models.OneToOneField(Challenge, models.PROTECT, related_name="contract")
    bid = models.OneToOneField(Bid, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    signed_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="contract_positive"),
        )


class Milestone(models.Model):
    """What is to be done by a day."""

    contract = models.ForeignKey(ChallengeContract, models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    due = models.DateField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("contract", "number"), name="one_milestone"),
        )


class MilestoneReport(models.Model):
    """What the contractor measured, with its evidence, and the decision on it. Values as text,
    in the units of the targets."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="reports")
    text = models.TextField()
    measured = models.JSONField(default=dict)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()
    accepted = models.BooleanField(null=True)
    opinion = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
