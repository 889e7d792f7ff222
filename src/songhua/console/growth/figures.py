"""The yearly figures of firms, out of the registry's facts.

A fact ``revenue_yuan``, ``research_yuan`` or ``valuation_yuan`` is the figure of the year in which
its day lies; the last entry of a year counts. What cannot be read as an amount is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from songhua.console.subsidies.models import SubjectFact
from songhua.governance.cultivation.facts import FirmYear
from songhua.kit import money
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

FIGURES = {"revenue_yuan": "revenue_fen", "research_yuan": "research_fen",
           "valuation_yuan": "valuation_fen"}  # fmt: skip


def yearly(on: date, firms: Collection[int] | None = None) -> dict[int, dict[int, FirmYear]]:
    """By firm and year, what is known on a day, of these firms or of all: 1 query. What was
    entered for a merged firm counts for the one that was kept."""
    rows = SubjectFact.objects.filter(name__in=FIGURES, as_of__lte=on)
    if firms is not None:
        rows = rows.filter(Q(subject__in=firms) | Q(subject__merged_into__in=firms))
    said: dict[int, dict[int, dict[str, int | None]]] = {}
    columns = ("subject_id", "subject__merged_into_id", "as_of", "name", "value")
    for firm, kept, day, name, value in rows.order_by("as_of", "pk").values_list(*columns):
        said.setdefault(kept or firm, {}).setdefault(day.year, {})[FIGURES[name]] = _fen(value)
    return {
        firm: {year: FirmYear(**given) for year, given in years.items()}
        for firm, years in said.items()
    }


def _fen(value: object) -> int | None:
    try:
        return None if value is None else money.fen(value, "value")
    except InputError:
        return None
