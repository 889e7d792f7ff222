"""Money: the year's budget of a unit, payments, what is taken back, and what came of it. In fen."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.ledger.models import Evidence
from songhua.console.people.models import Unit
from songhua.console.subsidies.models.application import Application


class Budget(models.Model):
    """What a unit may commit and pay in a year."""

    year = models.PositiveSmallIntegerField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()

    class Meta:
        ordering = ("-year", "pk")
        constraints = (
            models.UniqueConstraint(fields=("year", "unit"), name="one_budget_a_year"),
            models.CheckConstraint(condition=models.Q(amount_fen__gte=0), name="budget_positive"),
        )


class Payment(models.Model):
    """One instalment: transferred, or set off against what the subject owes (抵扣)."""

    class Way(models.TextChoices):
        """How it is settled."""

        TRANSFER = "transfer", "转账"
        OFFSET = "offset", "抵扣"

    application = models.ForeignKey(Application, models.PROTECT, related_name="payments")
    number = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    way = models.CharField(max_length=8, choices=Way.choices, default=Way.TRANSFER)
    paid_on = models.DateField()
    payee = models.CharField(max_length=120)
    bank = models.CharField(max_length=120, blank=True)
    account = models.CharField(max_length=40, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("paid_on", "pk")
        constraints = (
            models.UniqueConstraint(fields=("application", "number"), name="one_instalment"),
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="payment_positive"),
        )


class Recovery(models.Model):
    """追回: what was paid and must come back. `ways` are the lawful ways out where another award
    fell on a paid matter; `amount_fen` is None until a way is taken."""

    class State(models.TextChoices):
        """Where it stands."""

        PROPOSED = "proposed", "拟追回"
        ORDERED = "ordered", "追回中"
        SETTLED = "settled", "已结清"
        DROPPED = "dropped", "不予追回"

    application = models.ForeignKey(Application, models.PROTECT, related_name="recoveries")
    amount_fen = models.BigIntegerField(null=True)
    ways = models.JSONField(default=list)
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.PROPOSED)
    due = models.DateField(null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decision = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)


class Repayment(models.Model):
    """Money that came back, or was set off against a `payment`."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="repayments")
    amount_fen = models.BigIntegerField()
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, related_name="repayment")
    received_on = models.DateField()
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(condition=models.Q(amount_fen__gt=0), name="repayment_positive"),
        )


class Evaluation(models.Model):
    """绩效、验收: what came of the money, if possible with evidence of the ledger."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="evaluations")
    passed = models.BooleanField()
    text = models.TextField()
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    run_id = models.CharField(max_length=64, blank=True)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)


class DecisionLetter(models.Model):
    """A decision as issued: its files by format, and the end of the audit log printed on it."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="letters")
    number = models.CharField(max_length=40, unique=True)
    files = models.JSONField()
    audit_head = models.CharField(max_length=90)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
