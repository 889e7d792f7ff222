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
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.people.models import User


@cache
def _lines() -> tuple[dict[str, str], ...]:
    """``counts.csv``: which kinds, with which fact, an indicator counts."""
    source = files("songhua.console.subsidies") / "counts.csv"
    with source.open(encoding="utf-8") as stream:
        return tuple(csv.DictReader(stream))


def living(on: date) -> QuerySet[Subject]:
    """The subjects that there were on a day, each merged one once."""
    present = Q(ended_on=None) | Q(ended_on__gt=on)
    return Subject.objects.filter(present, since__lte=on).exclude(state=Subject.State.MERGED)


def registry_counts(on: date) -> dict[str, int]:
    """How many subjects of each kind there were on a day."""
    found = dict.fromkeys(Subject.Kind.values, 0)
    for subject in living(on):
        found[subject.kind] += 1
    return found


def counted_codes() -> tuple[str, ...]:
    """The indicators that are counted here and not typed."""
    return tuple(dict.fromkeys(line["indicator"] for line in _lines()))


def behind(indicator: str, on: date) -> QuerySet[Subject]:
    """The subjects that an indicator counts on a day."""
    wanted = Q(pk__in=())
    for line in _lines():
        if line["indicator"] != indicator:
            continue
        one = Q(kind=line["kind"])
        if line["fact"]:
            known = known_values(line["fact"], on)
            one &= Q(pk__in=[key for key, value in known.items() if value == line["value"]])
        wanted |= one
    return living(on).filter(wanted)


def indicator_counts(on: date) -> dict[str, int]:
    """The count behind each indicator on a day. An indicator is left out while nothing of its
    kinds was ever registered: an empty registry is not a count of zero."""
    ever = set(Subject.objects.order_by().values_list("kind", flat=True).distinct())
    kinds = {line["indicator"]: set[str]() for line in _lines()}
    for line in _lines():
        kinds[line["indicator"]].add(line["kind"])
    return {code: behind(code, on).count() for code in counted_codes() if kinds[code] & ever}


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
