"""Events on their way into the evidence log."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """An entry of the log, written in the transaction of its act and sealed within seconds. The
    newest stays as the counter; the others go when the log has them for good."""

    index = models.BigIntegerField(unique=True)
    body = models.BinaryField()

    class Meta:
        ordering = ("index",)
