"""Funds, what they placed, what came back, and who was referred to them. Money in fen."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from songhua.console.cooperation.models.record import Record, subject_key
from songhua.console.subsidies.models import CaseFile


class Fund(Record):
    """A fund or a guarantee fund; `parent` is the one it belongs to. `text` says what it is for."""

    kind = models.CharField(max_length=20, db_index=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="sub_funds")
    manager = models.CharField(max_length=120)
    since = models.DateField()
    field = models.CharField(max_length=40, blank=True)
    text = models.TextField()


class Referral(Record):
    """A firm sent here under policy clause 八 instead of an amount, and what came of it."""

    case_file = models.OneToOneField(CaseFile, models.PROTECT, related_name="referral")
    subject = subject_key(null=False)
    state = models.CharField(max_length=10, default="received", db_index=True)
    fund = models.ForeignKey(Fund, models.PROTECT, null=True, related_name="referrals")
    outcome = models.TextField(blank=True)


class Placement(Record):
    """Public money put into a sub-fund or a firm, or put at risk for a loan, and other people's
    money beside it; None is unknown."""

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="placements")
    kind = models.CharField(max_length=10, db_index=True)
    subject = subject_key()
    placed_on = models.DateField()
    public_fen = models.BigIntegerField()
    others_fen = models.BigIntegerField(null=True)
    referral = models.OneToOneField(Referral, models.PROTECT, null=True, related_name="placement")

    class Meta(Record.Meta):
        constraints = (
            models.CheckConstraint(condition=Q(public_fen__gt=0), name="placement_positive"),
        )


class FundReturn(Record):
    """What came back of a placement on a day; a 0 says nothing came, which is not unknown."""

    placement = models.ForeignKey(Placement, models.PROTECT, related_name="returns")
    returned_on = models.DateField()
    amount_fen = models.BigIntegerField()
