"""Contests: the call, the entries, who judges them, and the prizes."""

from __future__ import annotations

from django.db import models

from songhua.console.cooperation.models.record import Record, subject_key
from songhua.console.innovation.models import ExpertProfile


class Contest(Record):
    """`prizes` are ``[[name, how many], …]`` from the highest. What was published, drawn and
    ranked is kept as it was; `secret` becomes public with the draw."""

    field = models.CharField(max_length=40)
    text = models.TextField()
    closes = models.DateTimeField()  # an entry that arrives in this second still counts
    prizes = models.JSONField(default=list)
    state = models.CharField(max_length=8, default="draft", db_index=True)
    published_at = models.DateTimeField(null=True)
    method = models.JSONField(default=dict)
    draws = models.JSONField(default=list)
    secret = models.CharField(max_length=64, blank=True)
    ranking = models.JSONField(default=list)
    awarded_on = models.DateField(null=True)


class ContestEntry(Record):
    """A project of a subject; experts know it by its `label` and read `text` alone."""

    contest = models.ForeignKey(Contest, models.PROTECT, related_name="entries")
    subject = subject_key(null=False)
    text = models.TextField()
    people = models.JSONField(default=list)
    label = models.CharField(max_length=8, blank=True)

    class Meta(Record.Meta):
        ordering = ("label", "pk")


class ContestSeat(models.Model):
    """An expert drawn. `clear`: True no conflict, False recused, None not yet declared."""

    contest = models.ForeignKey(Contest, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(ExpertProfile, models.PROTECT, related_name="+")
    clear = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    declared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("contest", "expert"), name="one_contest_seat"),
        )


class ContestScore(models.Model):
    """The points of one seat for one entry, once."""

    seat = models.ForeignKey(ContestSeat, models.PROTECT, related_name="scores")
    entry = models.ForeignKey(ContestEntry, models.PROTECT, related_name="scores")
    points = models.JSONField()
    opinion = models.TextField()
    scored_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("seat", "entry"), name="one_contest_score"),)


class Prize(Record):
    """What an entry won (`title`), and until when its firm has priority for support."""

    entry = models.OneToOneField(ContestEntry, models.PROTECT, related_name="prize")
    subject = subject_key(null=False)
    contest = models.ForeignKey(Contest, models.PROTECT, related_name="given")
    rank = models.PositiveSmallIntegerField()
    given_on = models.DateField()
    priority_until = models.DateField()
