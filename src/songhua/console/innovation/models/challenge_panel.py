"""Who judges and what they said: draws, seats, scores, the public notice and its objections."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.innovation.models.challenge import Challenge
from songhua.console.innovation.models.challenge_bid import Bid
from songhua.console.innovation.models.expert import ExpertProfile


class PanelDraw(models.Model):
    """A draw. At the sealing: the list, the digest of the secret, and which public value of which
    day will be taken; later: that value, the seed, the panel. A replacement keeps the seed."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="draws")
    round = models.PositiveSmallIntegerField()
    text = models.TextField()  # the sealed list of candidates
    tied = models.JSONField()  # {expert: kinds of tie}, for those who may know
    keep = models.JSONField(default=list)
    secret = models.CharField(max_length=64)
    commitment = models.CharField(max_length=64)
    public_source = models.CharField(max_length=200)
    public_on = models.DateField()
    sealed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    sealed_at = models.DateTimeField()
    public_value = models.CharField(max_length=200, blank=True)
    seed = models.CharField(max_length=64, blank=True)
    panel = models.JSONField(default=list)
    drawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)


class PanelSeat(models.Model):
    """An expert drawn in a round. `clear` is what they declared: True no conflict, False recused,
    None not yet declared."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="seats")
    round = models.PositiveSmallIntegerField()
    draw = models.ForeignKey(PanelDraw, models.PROTECT, related_name="seats")
    expert = models.ForeignKey(ExpertProfile, models.PROTECT, related_name="seats")
    clear = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    declared_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("challenge", "round", "expert"), name="one_challenge_seat"
            ),
        )


class PanelScore(models.Model):
    """The points of one seat for one bid, once."""

    seat = models.ForeignKey(PanelSeat, models.PROTECT, related_name="scores")
    bid = models.ForeignKey(Bid, models.PROTECT, related_name="scores")
    points = models.JSONField()
    opinion = models.TextField()
    scored_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("seat", "bid"), name="one_score_a_bid"),)


class ChallengeNotice(models.Model):
    """公示 of the winner, from and to which day, both included."""

    challenge = models.ForeignKey(Challenge, models.PROTECT, related_name="notices")
    starts = models.DateField()
    ends = models.DateField()
    published = models.JSONField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class ChallengeObjection(models.Model):
    """What somebody said against it, and the answer."""

    notice = models.ForeignKey(ChallengeNotice, models.PROTECT, related_name="objections")
    text = models.TextField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    upheld = models.BooleanField(null=True)
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
