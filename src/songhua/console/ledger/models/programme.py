"""What the plan asks for, as loaded from the programme's files, and the figures that answer it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit


class Indicator(models.Model):
    """A figure that the plan sets targets for."""

    code = models.SlugField(max_length=60, unique=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=160)
    unit_zh = models.CharField(max_length=20)
    unit_en = models.CharField(max_length=40)
    places = models.PositiveSmallIntegerField()
    comparator = models.CharField(max_length=2)
    owner = models.ForeignKey(Unit, models.PROTECT, related_name="indicators")
    article = models.CharField(max_length=80)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name_zh


class IndicatorTarget(models.Model):
    """What an indicator must reach, and by when."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="targets")
    due = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        ordering = ("due",)
        constraints = (models.UniqueConstraint(fields=("indicator", "due"), name="target_once"),)

    def __str__(self) -> str:
        return f"{self.indicator} {self.due}: {self.value}"


class Superseded(models.Model):
    """A figure that stays when it is corrected: the correction points at it and takes its place."""

    is_current = models.BooleanField(default=True)
    supersedes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    reason = models.TextField(blank=True)
    reported_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()

    class Meta:
        abstract = True


class IndicatorValue(Superseded):
    """An indicator as reported at the end of a month, cumulative. `month` is its first day."""

    indicator = models.ForeignKey(Indicator, models.PROTECT, related_name="values")
    month = models.DateField()
    value = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        ordering = ("month", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "month"),
                condition=models.Q(is_current=True),
                name="one_current_value",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.month:%Y-%m}: {self.value}"


class Obligation(models.Model):
    """One sentence of the plan that obliges somebody, in our words, with its article."""

    code = models.SlugField(max_length=20, unique=True)
    article = models.CharField(max_length=80)
    kind = models.CharField(max_length=12)
    units = models.ManyToManyField(Unit, related_name="obligations")
    unit_stated = models.BooleanField(default=True)
    unit_note = models.CharField(max_length=200, blank=True)
    deadline = models.DateField(null=True, blank=True)
    deadline_time = models.CharField(max_length=5, blank=True)
    cycle = models.CharField(max_length=40, blank=True)
    metric = models.CharField(max_length=80, blank=True)
    comparator = models.CharField(max_length=12, blank=True)
    value = models.CharField(max_length=40, blank=True)
    value_unit = models.CharField(max_length=20, blank=True)
    indicator = models.ForeignKey(
        Indicator, models.PROTECT, null=True, blank=True, related_name="obligations"
    )
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=400)
    evidence_zh = models.CharField(max_length=300)
    evidence_en = models.CharField(max_length=500)
    ambiguity_zh = models.CharField(max_length=300, blank=True)
    ambiguity_en = models.CharField(max_length=500, blank=True)
    module = models.CharField(max_length=20)

    class Meta:
        ordering = ("code",)

    def __str__(self) -> str:
        return f"{self.code} {self.title_zh}"
