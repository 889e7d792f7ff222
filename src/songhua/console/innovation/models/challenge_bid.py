"""Bids: sealed until the closing second, then opened; the newest of each bidder counts."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.innovation.models.challenge import Challenge
from songhua.console.subsidies.models import Subject


class Bid(models.Model):
    """What a subject offers. `sha256` names the encrypted file, `receipt` is its commitment;
    `content` and `label`, by which experts know it, are there once it is opened."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="bids")
    subject = models.ForeignKey(Subject, models.PROTECT, related_name="+")
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    received_at = models.DateTimeField()
    receipt = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    content = models.JSONField(null=True)
    label = models.CharField(max_length=30, blank=True)

    class Meta:
        ordering = ("label", "pk")

    def __str__(self) -> str:
        return self.label or f"#{self.pk}"


class BidPaper(models.Model):
    """A paper of an opened bid. Only those marked `blind` are shown to experts."""

    bid = models.ForeignKey(Bid, models.PROTECT, related_name="papers")
    blind = models.BooleanField()
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("pk",)
