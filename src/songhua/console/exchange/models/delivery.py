"""Files that are made in the background, and who is told of new versions."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Distribution
from songhua.console.exchange.models.waiting import Waiting


class Parcel(Waiting):
    """A table as a file for the person who asked, made by the worker. `under` is the grant that
    it was made under and `columns` what it shows: both must still hold when it is fetched."""

    class State(models.TextChoices):
        """Where it stands."""

        QUEUED = "queued", "排队"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        EXPIRED = "expired", "已过期"

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="parcels")
    form = models.CharField(max_length=10)
    purpose = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(null=True)
    receipt = models.BigIntegerField(null=True)  # index of its event in the evidence log
    under = models.CharField(max_length=70, blank=True)
    columns = models.JSONField(default=list)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "id")),)

    def __str__(self) -> str:
        return f"parcel:{self.pk}"


class Subscription(models.Model):
    """A program that is told when a table has a new version. It is sent no rows."""

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="subscriptions")
    url = models.CharField(max_length=500)
    secret = models.CharField(max_length=64)  # with which messages to it are signed
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"subscription:{self.pk}"


class Message(models.Model):
    """What a subscriber is to be told of one version: sent until it answers, or given up."""

    subscription = models.ForeignKey(Subscription, models.PROTECT, related_name="messages")
    version = models.PositiveIntegerField()
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, db_index=True)  # None: over
    sent_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("subscription", "version"), name="one_message_a_version"
            ),
        )

    def __str__(self) -> str:
        return f"message:{self.pk}"
