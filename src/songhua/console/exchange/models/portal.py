"""What people say to the catalogue: data they want, marks for datasets, workbooks brought in."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Entry


class Wanted(models.Model):
    """Data that somebody would like to see open, and what became of the wish. `contact` is for
    the answer and seen by those who give it; `origin` marks the network for a day."""

    title = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    contact = models.CharField(max_length=100, blank=True)
    origin = models.CharField(max_length=24, db_index=True)
    created_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    entry = models.ForeignKey(Entry, models.PROTECT, null=True, related_name="wishes")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


class Rating(models.Model):
    """How useful somebody finds a dataset, 1 to 5: one for a person, or for a network and day."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="ratings")
    stars = models.PositiveSmallIntegerField()
    origin = models.CharField(max_length=24, db_index=True)
    given_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("entry", "origin"), name="one_rating_an_origin"),
        )


class Brought(models.Model):
    """A workbook of catalogue entries that was brought in: taken as a whole, or refused with
    every problem."""

    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    brought_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.filename
