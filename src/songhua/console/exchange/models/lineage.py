"""What columns of the answers that people were given are made of."""

from __future__ import annotations

from django.db import models

from songhua.console.exchange.models.catalogue import Entry


class Flow(models.Model):
    """A column of a dataset that came into answers to somebody's SQL. `to` is a department, or
    ``public``; `target` the answer's column."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="flows")
    column = models.CharField(max_length=100)
    to = models.CharField(max_length=70)
    target = models.CharField(max_length=100)
    kind = models.CharField(max_length=10)
    first_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("entry", "column", "to", "target", "kind"), name="one_flow_a_column"
            ),
        )

    def __str__(self) -> str:
        return f"flow:{self.pk}"
