"""The registry of devices, as OGC SensorThings has it. Readings are in the telemetry store."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.exchange.models.catalogue import Distribution
from songhua.console.people.models import Unit


class Registered(models.Model):
    """What every record of the registry has. `unit` looks after it."""

    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    properties = models.JSONField(default=dict)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()

    class Meta:
        abstract = True
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name


class Location(Registered):
    """Where things are: `location` is GeoJSON unless `encoding_type` says otherwise."""

    encoding_type = models.CharField(max_length=100, default="application/geo+json")
    location = models.JSONField(default=dict)


class Thing(Registered):
    """What is measured on: a building, a substation, a gauge post."""

    locations = models.ManyToManyField(Location, related_name="things")


class Sensor(Registered):
    """How a quantity is measured; `metadata` describes the instrument."""

    encoding_type = models.CharField(max_length=100, default="application/pdf")
    metadata = models.JSONField(default=str)


class ObservedProperty(Registered):
    """The quantity; `definition` is the address of what it means."""

    definition = models.CharField(max_length=500)


class FeatureOfInterest(Registered):
    """What the readings are about, where it is not the place of the thing."""

    encoding_type = models.CharField(max_length=100, default="application/geo+json")
    feature = models.JSONField(default=dict)


class Datastream(Registered):
    """The readings of one metric of one device, rows of the telemetry `table` of a dataset. Values
    outside `low` to `high` are stored and flagged."""

    thing = models.ForeignKey(Thing, models.PROTECT, related_name="datastreams")
    sensor = models.ForeignKey(Sensor, models.PROTECT, related_name="datastreams")
    observed_property = models.ForeignKey(
        ObservedProperty, models.PROTECT, related_name="datastreams"
    )
    feature = models.ForeignKey(
        FeatureOfInterest, models.PROTECT, null=True, related_name="datastreams"
    )
    table = models.ForeignKey(Distribution, models.PROTECT, related_name="datastreams")
    observation_type = models.CharField(max_length=200)
    unit_of_measurement = models.JSONField(default=dict)
    device_id = models.CharField(max_length=200)
    metric = models.CharField(max_length=60)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("device_id", "metric"), name="one_datastream_a_metric"),
        )
