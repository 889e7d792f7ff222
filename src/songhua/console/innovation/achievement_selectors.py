"""What is read of achievements and demands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q

from songhua.console.innovation.models import Achievement, MatchDecision

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

FACETS = ("kind", "stage", "field", "district")


def achievements(given: Mapping[str, str]) -> QuerySet[Achievement]:
    """Under the filters of the list; a count on the wall opens the list with the same filters."""
    rows = Achievement.objects.select_related("unit", "subject__merged_into")
    for name in FACETS:
        if value := given.get(name, ""):
            rows = rows.filter(**{name: value})
    if text := given.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=text) | Q(text__icontains=text))
    return rows


def counts(by: str) -> list[tuple[str, int]]:
    """How many of each stage (in their order), field, kind or district: 1 query."""
    rows = Achievement.objects.exclude(**{by: ""}).order_by()
    found = dict(rows.values_list(by).annotate(n=Count("pk")))
    order = Achievement.Stage.values if by == "stage" else sorted(found)
    return [(value, found[value]) for value in order if value in found]


def decisions(row: Achievement) -> QuerySet[MatchDecision]:
    """What was decided on its matches by either side, newest first; a refusal is shown to the side
    that refused alone."""
    rows = MatchDecision.objects.select_related("asked", "found", "decided_by")
    return rows.filter(Q(asked=row) | Q(found=row, accepted=True)).order_by("-pk")
