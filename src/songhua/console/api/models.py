"""Tokens, the answers kept for repeated requests, and guesses at tokens.

None of it is part of a backup: after a restore, people make new tokens.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Token(models.Model):
    """A key with which a program acts for a person. Only its SHA-256 is kept."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="tokens")
    name = models.CharField(max_length=60)
    sha256 = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    minute = models.BigIntegerField(default=0)  # machine time, counted from 1970
    calls = models.PositiveIntegerField(default=0)  # within that minute

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """What a request with an Idempotency-Key was answered, to be said again."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_sha256 = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    made_at = models.DateTimeField(db_index=True)  # machine time

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("token", "key"), name="one_answer_for_each_key"),
        )


class Guesses(models.Model):
    """How often an address came without a valid token within one minute of machine time."""

    address = models.CharField(max_length=45, unique=True)
    minute = models.BigIntegerField()
    count = models.PositiveIntegerField()
