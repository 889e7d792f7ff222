"""Funds as achievements are matched with them: by their names and what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from songhua.console.cooperation.models import Fund
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.services.match_sources import Source
from songhua.engines.matching import Item

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


def _items(keys: Collection[int] | None) -> Iterator[Item]:
    rows = Fund.objects.filter(struck=False)
    known = standard().settings.fields
    for row in rows if keys is None else rows.filter(pk__in=keys):
        field = row.field if row.field in known else ""
        yield Item(f"fund:{row.pk}", "fund", f"{row.title}\n{row.text}\n{row.field}", field)


def _names(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    rows = Fund.objects.filter(pk__in=keys)
    return {row.pk: (row.title, reverse("cooperation_record", args=["funds", row.pk]))
            for row in rows}  # fmt: skip


SOURCE = Source(_items, {"fund": ("适合的基金", "Funds that suit it")}, _names, open=True)
