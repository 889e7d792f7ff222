"""Who has priority for support: what the policy desk shows beside a subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from songhua.console import clock
from songhua.console.cooperation.models import Prize
from songhua.console.subsidies.services.neighbours import Note

if TYPE_CHECKING:
    from collections.abc import Collection


def notes(subjects: Collection[int]) -> list[Note]:
    """The prizes of these subjects whose priority runs today: 1 query."""
    today = clock.today()
    rows = Prize.objects.filter(
        subject__in=subjects, struck=False, given_on__lte=today, priority_until__gte=today
    ).select_related("contest", "entry")
    return [
        Note(f"{one.contest.title} {one.title}", one.priority_until,
             reverse("cooperation_record", args=["prizes", one.pk]))
        for one in rows.order_by("rank", "pk")
    ]  # fmt: skip
