"""The append-only audit log. Each entry's hash covers the one before it."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One act: who did what to which record, with the figures, chained by SHA-256."""

    seq = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150)
    action = models.CharField(max_length=40, db_index=True)
    subject = models.CharField(max_length=60)
    payload = models.TextField()
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("seq",)
        indexes = (models.Index(fields=("subject", "seq")),)

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.subject}"
