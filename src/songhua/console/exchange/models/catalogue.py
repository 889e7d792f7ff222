"""What the catalogue lists: datasets, and the files and tables of each."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit


class Entry(models.Model):
    """A dataset of the catalogue (a CKAN package). `about` holds what the catalogue template says
    beyond the columns here, `published` the whole as it is shown to programs, ready to be sent."""

    class State(models.TextChoices):
        """Whether the catalogue shows it."""

        DRAFT = "draft", "编制中"
        ACTIVE = "active", "已发布"
        DELETED = "deleted", "已撤下"
        PURGED = "purged", "已清除"

    class Tier(models.TextChoices):
        """How departments may share it."""

        UNCONDITIONAL = "unconditional", "无条件共享"
        CONDITIONAL = "conditional", "有条件共享"
        DENIED = "denied", "不予共享"

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=100, unique=True)  # its address
    code = models.CharField(max_length=40, null=True, unique=True)  # of the resource catalogue
    title = models.CharField(max_length=500)
    title_en = models.CharField(max_length=500, blank=True)
    summary = models.TextField(blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="entries")
    tier = models.CharField(max_length=13, choices=Tier.choices, default=Tier.CONDITIONAL)
    basis = models.TextField(blank=True)  # of a denial, or the conditions
    is_open = models.BooleanField(default=False)
    theme = models.CharField(max_length=60, blank=True)
    cycle = models.CharField(max_length=20, blank=True)
    licence = models.CharField(max_length=60, blank=True)
    keywords = models.JSONField(default=list)
    groups = models.ManyToManyField("Group", related_name="entries")
    about = models.JSONField(default=dict)
    extras = models.JSONField(default=dict)  # what another catalogue's program wrote here
    origin = models.CharField(max_length=200, blank=True, db_index=True)  # scenario or harvest
    state = models.CharField(max_length=7, choices=State.choices, default=State.DRAFT)
    found_by = models.TextField(blank=True)  # the words that a search looks through
    published = models.TextField(blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-modified_at", "-pk")
        indexes = (
            models.Index(fields=("state", "is_open", "-modified_at")),
            models.Index(fields=("state", "unit")),
            models.Index(fields=("state", "theme")),
        )

    def __str__(self) -> str:
        return self.name


class Group(models.Model):
    """A theme under which datasets of several units stand together."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    name = models.CharField(max_length=100, unique=True)
    title = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    state = models.CharField(max_length=7, default=Entry.State.ACTIVE)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.title or self.name


class Distribution(models.Model):
    """One way in which a dataset is had (a CKAN resource): a kept file, an address elsewhere, or a
    table whose rows are in its `current` version and which SQL calls `sql_name`."""

    uid = models.UUIDField(default=uuid.uuid4, unique=True)
    entry = models.ForeignKey(Entry, models.PROTECT, related_name="distributions")
    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    form = models.CharField(max_length=60, blank=True)  # CSV, XLSX, … as its provider says
    url = models.CharField(max_length=2000, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of a kept file
    size = models.BigIntegerField(default=0)
    sql_name = models.CharField(max_length=100, null=True, unique=True)
    current = models.ForeignKey("Version", models.PROTECT, null=True, related_name="+")
    extras = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    modified_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name or str(self.uid)


class Version(models.Model):
    """The rows of a table at one time: Parquet files by their digest, in order. Never changed.

    `columns` is a list of ``{"name", "type", "title", …}``; the type is DuckDB's.
    """

    distribution = models.ForeignKey(Distribution, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    parts = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    keys = models.JSONField(default=list)  # the columns that tell rows apart
    rows = models.BigIntegerField(default=0)
    score = models.FloatField(null=True)  # of quality, 0 to 100
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("distribution", "number"), name="one_version_a_number"),
        )

    def __str__(self) -> str:
        return f"{self.distribution_id} v{self.number}"

    def schema(self) -> dict[str, str]:
        """Column → DuckDB type, as the enforcement point wants it."""
        return {column["name"]: column["type"] for column in self.columns}
