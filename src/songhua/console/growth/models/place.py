"""Where things are: addresses of subjects, buildings and sites, and layers of the map."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.subsidies.models import Subject


class Located(models.Model):
    """A district by its GB/T 2260 code, and longitude and latitude in degrees (WGS 84)."""

    district = models.CharField(max_length=6, db_index=True)
    lon = models.DecimalField(max_digits=9, decimal_places=6)
    lat = models.DecimalField(max_digits=8, decimal_places=6)
    address = models.CharField(max_length=200, blank=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        abstract = True


class Place(Located):
    """Where a subject has been since `as_of`. A later day takes its place."""

    subject = models.ForeignKey(Subject, models.PROTECT, related_name="places")
    as_of = models.DateField()

    class Meta:
        ordering = ("as_of", "pk")

    def __str__(self) -> str:
        return f"{self.subject} {self.as_of}"


class Site(Located):
    """A building that stands empty, or a project of the north-south axis: waiting from `since` on
    (empty, under construction) until `opened_on` (in use)."""

    class Kind(models.TextChoices):
        """Which of the two it is."""

        VACANT = "vacant", "闲置楼宇"
        AXIS = "axis", "示范带项目"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=120)
    area_m2 = models.PositiveIntegerField(null=True)
    owner = models.CharField(max_length=120, blank=True)
    since = models.DateField()
    opened_on = models.DateField(null=True)
    used_by = models.ForeignKey(Subject, models.PROTECT, null=True, related_name="sites")

    class Meta:
        ordering = ("kind", "name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("kind", "name"), name="one_site_a_name"),
            models.CheckConstraint(
                condition=models.Q(opened_on=None) | models.Q(opened_on__gte=models.F("since")),
                name="sites_open_after_they_begin",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Layer(models.Model):
    """A GeoJSON file of the map; the newest of a kind (and zone) is in use."""

    class Kind(models.TextChoices):
        """What it draws."""

        ROADS = "roads", "道路"
        AXIS = "axis", "示范带"
        ZONE = "zone", "示范区边界"

    kind = models.CharField(max_length=8, choices=Kind.choices)
    zone = models.CharField(max_length=60, blank=True)
    name = models.CharField(max_length=120)
    source = models.CharField(max_length=200)
    simulated = models.BooleanField(default=False)
    filename = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    features = models.PositiveIntegerField()
    area_m2 = models.PositiveBigIntegerField(null=True)
    length_m = models.PositiveBigIntegerField(null=True)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(kind="zone") ^ models.Q(zone=""),
                name="layers_of_zones_name_one",
            ),
        )

    def __str__(self) -> str:
        return self.name
