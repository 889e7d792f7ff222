"""What a consultation remembers. Who spoke and how to reach them stands in a table of its own."""

from __future__ import annotations

import hashlib
import json

from django.conf import settings
from django.db import models

from songhua.console import clock
from songhua.console.people.models import Unit
from songhua.governance.consultation import CHANNELS, OUTCOMES, Clause, phase


class Consultation(models.Model):
    """A notice that asks the public about a draft. It closes by itself at `closes_at`."""

    title = models.CharField(max_length=200)
    about = models.TextField()
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    address = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=120, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    contacts_until = models.DateField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title

    @property
    def phase(self) -> str:
        """draft, open, closed or answered, now."""
        return phase(clock.now(), self.published_at, self.closes_at, self.answered_at)


class DraftVersion(models.Model):
    """A version of the draft, never changed: the text, and its clauses as read from it."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=60)
    text = models.TextField()
    clauses = models.JSONField()
    sha256 = models.CharField(max_length=64)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(
                fields=("consultation", "number"), name="one_consultation_version"
            ),
        )

    def read(self) -> tuple[Clause, ...]:
        """The clauses, in order."""
        return tuple(Clause(*fields) for fields in self.clauses)


class Answer(models.Model):
    """A row of the adoption table: one opinion or several that say the same, what was decided and
    why. `campaign` is how many of them came within a day, where they were many."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="answers")
    wording = models.TextField()
    campaign = models.PositiveIntegerField(default=0)
    outcome = models.CharField(max_length=12, blank=True, choices=[(o, o) for o in OUTCOMES])
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ("pk",)


class Opinion(models.Model):
    """What somebody said of a clause (None: of the whole), when it was received, by which way.
    `shown_name` is masked for good; `form` makes a form that is sent twice count once."""

    consultation = models.ForeignKey(Consultation, models.PROTECT, related_name="opinions")
    version = models.ForeignKey(DraftVersion, models.PROTECT, related_name="+")
    clause = models.PositiveIntegerField(null=True)
    text = models.TextField()
    channel = models.CharField(max_length=8, choices=[(c, c) for c in CHANNELS])
    sender = models.CharField(max_length=12)
    shown_name = models.CharField(max_length=20, blank=True)
    received_at = models.DateTimeField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    entered_at = models.DateTimeField()
    receipt = models.CharField(max_length=20, unique=True)
    form = models.CharField(max_length=32, null=True, unique=True)
    answer = models.ForeignKey(Answer, models.PROTECT, null=True, related_name="opinions")

    class Meta:
        ordering = ("pk",)

    @property
    def text_digest(self) -> str:
        """What the log keeps of the text, which may hold personal data."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class Contact(models.Model):
    """How to reach who spoke, until the notice's date; `origin` is a keyed digest of the address
    that the opinion came from, good for one day."""

    opinion = models.OneToOneField(Opinion, models.CASCADE, related_name="contact")
    name = models.CharField(max_length=100, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=120, blank=True)
    origin = models.CharField(max_length=24, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("origin", "at")),)


class AdoptionTable(models.Model):
    """The table as published: its rows, the counts of that moment, and its files."""

    consultation = models.OneToOneField(Consultation, models.PROTECT, related_name="table")
    rows = models.JSONField()
    counts = models.JSONField()
    files = models.JSONField()
    audit_head = models.CharField(max_length=80)
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    @property
    def rows_digest(self) -> str:
        """One SHA-256 over rows and counts, for the log."""
        content = json.dumps([self.rows, self.counts], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()
