"""The plan's figures about enterprises, platforms and talents, counted in the registry."""

from __future__ import annotations

import csv
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django.db.models import Q

from songhua.console import clock
from songhua.console.ledger.models import Indicator, IndicatorValue
from songhua.console.ledger.services import indicators
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.registry import known_values
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from songhua.console.people.models import User


@cache
def _lines() -> tuple[dict[str, str], ...]:
    """``counts.csv``: which kinds, with which fact, an indicator counts."""
    source = files("songhua.console.subsidies") / "counts.csv"
    with source.open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


def _living(on: date) -> Iterable[Subject]:
    present = Q(ended_on=None) | Q(ended_on__gt=on)
    return Subject.objects.filter(present, since__lte=on).exclude(state=Subject.State.MERGED)


def registry_counts(on: date) -> dict[str, int]:
    """How many subjects of each kind there were on a day, each merged one once."""
    found = dict.fromkeys(Subject.Kind.values, 0)
    for subject in _living(on):
        found[subject.kind] += 1
    return found


def indicator_counts(on: date) -> dict[str, int]:
    """The count behind each indicator on a day. An indicator is left out while nothing of its
    kinds was ever registered: an empty registry is not a count of zero."""
    living = list(_living(on))
    found: dict[str, int] = {}
    for line in _lines():
        if not Subject.objects.filter(kind=line["kind"]).exists():
            continue
        hits = [subject for subject in living if subject.kind == line["kind"]]
        if line["fact"]:
            known = known_values(line["fact"], on)
            hits = [subject for subject in hits if known.get(subject.pk) == line["value"]]
        found[line["indicator"]] = found.get(line["indicator"], 0) + len(hits)
    return found


def submit_counts(actor: User, month: date, *, reason: str) -> list[IndicatorValue]:
    """File the counts at the end of a month (today's, while it runs) as the indicators' figures,
    through the ledger; a figure already filed and different is corrected."""
    if not reason.strip():
        raise InputError(Problem("reason", "empty"))
    last = (month.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    filed = []
    for code, count in indicator_counts(min(last, clock.today())).items():
        indicator = Indicator.objects.filter(code=code).first()
        if indicator is None:
            continue
        old = IndicatorValue.objects.filter(
            indicator=indicator, month=month.replace(day=1), is_current=True
        ).first()
        if old is not None and old.value == count:
            continue
        given = {"month": f"{month:%Y-%m}", "value": str(count), "reason": reason}
        filed.append(indicators.submit(actor, indicator, given, correction=old is not None))
    return filed
