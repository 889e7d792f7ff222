"""What is remembered of a heating plant. Its readings are in the exchange's telemetry store."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from songhua.console.exchange.models import Distribution
from songhua.console.heating import metrics
from songhua.console.ledger.models import Evidence
from songhua.console.people.models import Unit


def _new_uid() -> str:
    return uuid.uuid4().hex


class Plant(models.Model):
    """Sources, network, stations and rooms that one department runs as a whole. Its readings are
    rows of the telemetry `table` of a dataset; the grants of that say who sees them."""

    code = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=100)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    table = models.ForeignKey(Distribution, models.PROTECT, related_name="+")
    simulated = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    advised_at = models.DateTimeField(null=True)  # when setpoints were computed last

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.title


class Element(models.Model):
    """A part of a plant that measures: known to the telemetry by `device_id`. A room belongs to its
    station (`parent`). What is not known of it is None."""

    class Kind(models.TextChoices):
        """What it is; `metrics.csv` says what each kind measures."""

        PLANT = "plant", "全网"
        SOURCE = "source", "热源"
        JUNCTION = "junction", "节点"
        STATION = "station", "换热站"
        ROOM = "room", "室温测点"

    plant = models.ForeignKey(Plant, models.CASCADE, related_name="elements")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    device_id = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="rooms")
    longitude = models.FloatField(null=True)
    latitude = models.FloatField(null=True)
    elevation_m = models.FloatField(null=True)
    area_m2 = models.FloatField(null=True)  # heated
    design_flow_kg_per_s = models.FloatField(null=True)
    co2_kg_per_mwh = models.FloatField(null=True)  # of a source's heat

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class Pipe(models.Model):
    """A pair of pipes, supply and return, between two elements."""

    plant = models.ForeignKey(Plant, models.CASCADE, related_name="pipes")
    start = models.ForeignKey(Element, models.CASCADE, related_name="+")
    end = models.ForeignKey(Element, models.CASCADE, related_name="+")
    length_m = models.FloatField()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.start} – {self.end}"


class ControlPoint(models.Model):
    """A quantity of an element that may be ordered from `low` to `high`, the way to it, and the
    metric whose readings show that it was carried out (to within `tolerance`)."""

    element = models.ForeignKey(Element, models.CASCADE, related_name="points")
    quantity = models.CharField(max_length=60)
    answer = models.CharField(max_length=60)
    low = models.FloatField()
    high = models.FloatField()
    tolerance = models.FloatField()
    protocol = models.CharField(max_length=10)
    address = models.JSONField(default=dict)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("element", "quantity"), name="one_point_a_quantity"),
        )

    def __str__(self) -> str:
        return f"{self.element} {metrics.named(self.quantity)}"


class Command(models.Model):
    """A setpoint on its way: proposed by a person or computed (`proposed_by` is None), decided on
    by a person, sent until it is answered or has expired, and its effect seen in the telemetry."""

    class State(models.TextChoices):
        """See `songhua.exchange.commands.states`."""

        PROPOSED = "proposed", "待审批"
        REFUSED = "refused", "未批准"
        APPROVED = "approved", "待下发"
        SENT = "sent", "已下发，待应答"
        ACKNOWLEDGED = "acknowledged", "已执行，待实测"
        REJECTED = "rejected", "设备拒绝"
        TIMED_OUT = "timed_out", "应答超时"
        MEASURED = "measured", "已实测"

    uid = models.CharField(max_length=32, default=_new_uid, unique=True)
    point = models.ForeignKey(ControlPoint, models.PROTECT, related_name="commands")
    value = models.FloatField()
    before = models.FloatField(null=True)
    reason = models.CharField(max_length=200)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField()
    asked_at = models.DateTimeField(auto_now_add=True)  # by the clock of the world
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    refusal = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    answer = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    seen = models.FloatField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (models.Index(fields=("state", "next_at")),)

    def __str__(self) -> str:
        return f"{self.point} → {self.value:g}"


class HeatingOutcome(models.Model):
    """The indicators of an interval, computed from the stored telemetry: how many readings they
    rest on, and what of the time those cover. The evidence that it became is in the ledger."""

    plant = models.ForeignKey(Plant, models.PROTECT, related_name="outcomes")
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    figures = models.JSONField()
    readings = models.PositiveBigIntegerField()
    digest = models.CharField(max_length=64)  # of the readings
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.plant} {self.begins:%Y-%m-%d %H:%M} – {self.ends:%Y-%m-%d %H:%M}"
