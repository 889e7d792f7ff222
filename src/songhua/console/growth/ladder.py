"""The ladder in force: the defaults of ours, replaced by what the office entered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.growth import figures, selectors
from songhua.console.growth.models import CriterionChange
from songhua.governance.cultivation.alerts import alerts
from songhua.governance.cultivation.ladder import Criterion, Ladder, default_ladder

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from songhua.governance.cultivation.alerts import Alert

Criteria = dict[tuple[str, str], list[Criterion]]


def current() -> Ladder:
    """The rungs with every criterion, each in force until the next on the same fact: 1 query."""
    standard = default_ladder()
    by_fact: Criteria = {}
    for rule in standard.criteria:
        by_fact.setdefault((rule.rung, rule.fact), []).append(rule)
    for row in CriterionChange.objects.order_by("since", "pk"):
        kept = by_fact.setdefault((row.rung, row.fact), [])
        kept[:] = [_until(rule, row.since) for rule in kept if rule.since < row.since]
        if row.at_least is not None or row.at_most is not None:
            kept.append(
                Criterion.model_validate({
                    "rung": row.rung, "fact": row.fact, "at_least": row.at_least,
                    "at_most": row.at_most, "from": row.since, "basis": row.basis,
                })
            )  # fmt: skip
    criteria = tuple(rule for rules in by_fact.values() for rule in rules)
    return standard.model_copy(update={"criteria": criteria})


def _until(rule: Criterion, day: date) -> Criterion:
    return rule if rule.until and rule.until <= day else rule.model_copy(update={"until": day})


def last_whole_year(on: date) -> int:
    """The newest year whose figures can be complete."""
    return on.year - 1


def alerts_of(on: date, firms: Collection[int] | None = None) -> dict[int, tuple[Alert, ...]]:
    """What is amiss with each of `firms`, or of all, that existed through the last whole year;
    firms with which nothing is amiss are left out: 4 queries."""
    standard, year = current(), last_whole_year(on)
    rows = selectors.firms(on).filter(since__year__lte=year)
    rows = rows if firms is None else rows.filter(pk__in=firms)
    known, stays = figures.yearly(on, firms), selectors.months_staying(on, firms)
    found = {
        firm: alerts(standard, known.get(firm, {}), year, stays.get(firm))
        for firm in rows.values_list("pk", flat=True)
    }
    return {firm: reasons for firm, reasons in found.items() if reasons}
