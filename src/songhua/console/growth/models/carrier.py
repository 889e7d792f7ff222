"""Carriers, where firms begin and grow, and who was in them from when to when."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.subsidies.models import Subject


class Carrier(models.Model):
    """What is known of a carrier beyond its line in the registry. `capacity` is in firms, None
    where it is not known; `services` are codes of ``words.csv``."""

    class Stage(models.TextChoices):
        """The plan's 众创空间+孵化器+加速器, in the order in which a firm passes through."""

        MAKERSPACE = "makerspace", "众创空间"
        INCUBATOR = "incubator", "孵化器"
        ACCELERATOR = "accelerator", "加速器"

    class Backing(models.TextChoices):
        """Whose money built it."""

        PUBLIC = "public", "财政资金"
        PRIVATE = "private", "社会资本"
        MIXED = "mixed", "共同出资"

    subject = models.OneToOneField(Subject, models.PROTECT, related_name="carrier")
    stage = models.CharField(max_length=12, choices=Stage.choices)
    backing = models.CharField(max_length=8, choices=Backing.choices)
    investors = models.CharField(max_length=200, blank=True)
    capacity = models.PositiveIntegerField(null=True)
    area_m2 = models.PositiveIntegerField(null=True)
    services = models.JSONField(default=list)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.subject.name


class Tenancy(models.Model):
    """A firm in a carrier, from `moved_in` up to but without `left_on`."""

    class Outcome(models.TextChoices):
        """How a stay ended."""

        GRADUATED = "graduated", "毕业"
        LEFT = "left", "迁出"
        CLOSED = "closed", "停业"

    carrier = models.ForeignKey(Carrier, models.PROTECT, related_name="tenancies")
    firm = models.ForeignKey(Subject, models.PROTECT, related_name="tenancies")
    moved_in = models.DateField()
    left_on = models.DateField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("moved_in", "pk")
        verbose_name_plural = "tenancies"
        constraints = (
            models.UniqueConstraint(
                fields=("carrier", "firm"),
                condition=models.Q(left_on=None),
                name="one_open_tenancy_a_firm",
            ),
            models.CheckConstraint(
                condition=models.Q(left_on=None) | models.Q(left_on__gte=models.F("moved_in")),
                name="tenancies_end_after_they_begin",
            ),
            models.CheckConstraint(
                condition=models.Q(left_on=None) ^ ~models.Q(outcome=""),
                name="an_ended_tenancy_has_an_outcome",
            ),
        )

    def __str__(self) -> str:
        return f"{self.firm} · {self.carrier}"
