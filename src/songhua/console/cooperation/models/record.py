"""What every record of cooperation has."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from songhua.console.people.models import Unit
from songhua.console.subsidies.models import Subject


class Record(models.Model):
    """A title, the unit that answers for it, and who entered it. One `struck` out was entered by
    mistake: it stays on record and counts no longer."""

    title = models.CharField(max_length=120)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    struck = models.BooleanField(default=False)

    class Meta:
        abstract = True
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.title


def subject_key(*, null: bool = True) -> models.ForeignKey:
    """The registered enterprise or institution on our side."""
    return models.ForeignKey(Subject, models.PROTECT, null=null, related_name="+")
