"""Indicator figures: reported by their owner, corrected with the old one kept, cross-checked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.models import Indicator, IndicatorValue
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.governance.targets import crosscheck
from songhua.kit import figures
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.people.models import User


def may_report(actor: User, indicator: Indicator) -> bool:
    """The office, and the people of the owning unit."""
    return actor.role == Role.OFFICE or (
        actor.role == Role.STAFF and actor.unit_id == indicator.owner_id
    )


def parse(given: Mapping[str, object], indicator: Indicator) -> tuple[date, Decimal]:
    """The month and the figure, or every problem with them."""
    problems: list[Problem] = []
    month, value = date.min, Decimal(0)
    try:
        month = figures.month(given.get("month", ""), "month")
    except InputError as error:
        problems += error.problems
    try:
        value = figures.decimal(given.get("value", ""), "value", places=indicator.places)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return month, value


def submit(
    actor: User, indicator: Indicator, given: Mapping[str, object], *, correction: bool = False
) -> IndicatorValue:
    """File a month's cumulative figure, or correct one (then with a reason)."""
    if not may_report(actor, indicator):
        raise NotAllowed(Problem("unit", "not_your_row", indicator.code))
    month, value = parse(given, indicator)
    reason = str(given.get("reason") or "").strip()
    with transaction.atomic():
        audit.hold()
        row = check(actor, indicator, month, value, reason, correction=correction)
        append([row])
        audit.record(
            actor, "indicator_corrected" if row.supersedes_id else "indicator_reported",
            vouch.subject(row), indicator=indicator.code, facts=vouch.facts(row),
        )  # fmt: skip
    return row


def check(
    actor: User, indicator: Indicator, month: date, value: Decimal, reason: str,
    *, correction: bool,
) -> IndicatorValue:  # fmt: skip
    """An unsaved figure, or every reason why it cannot be taken."""
    problems = []
    if month > clock.today():
        problems.append(Problem("month", "month_future", f"{month:%Y-%m}"))
    values = IndicatorValue.objects.filter(indicator=indicator, is_current=True)
    old = values.filter(month=month).first()
    if old is not None and not correction:
        problems.append(Problem("month", "month_reported_already", f"{month:%Y-%m}"))
    if old is None and correction:
        problems.append(Problem("month", "nothing_to_correct", f"{month:%Y-%m}"))
    if correction and not reason:
        problems.append(Problem("reason", "correction_without_reason"))
    before = values.filter(month__lt=month).order_by("-month").first()
    if before is not None and value < before.value and not reason:
        problems.append(Problem("reason", "indicator_fell", f"{before.value} → {value}"))
    if problems:
        raise InputError(problems)
    return IndicatorValue(
        indicator=indicator, month=month, value=value, reason=reason, supersedes=old,
        reported_by=actor, reported_at=clock.now(),
    )  # fmt: skip


def append(rows: list[IndicatorValue]) -> None:
    """Store checked figures, retiring what they supersede. Must run in a transaction."""
    old = [row.supersedes_id for row in rows if row.supersedes_id]
    IndicatorValue.objects.filter(pk__in=old).update(is_current=False)
    for row in rows:
        row.save(force_insert=True)


def _latest(day: date) -> dict[str, Decimal]:
    rows = IndicatorValue.objects.filter(is_current=True, month__lte=day).order_by("month")
    return dict(rows.values_list("indicator__code", "value"))


def crosschecks(day: date) -> list[dict[str, object]]:
    """Each cross-check (勾稽) of the programme on the latest figures, with its result."""
    latest = _latest(day)
    found = []
    for rule in current().crosschecks:
        parts = [latest.get(code) for code in rule.parts]
        total = latest.get(rule.total)
        found.append(
            {"rule": rule, "total": total, "parts": parts, "result": crosscheck(total, parts)}
        )
    return found


def parts(code: str, day: date) -> list[tuple[Indicator, Decimal | None]]:
    """The indicators that must add up to this one, with their latest figures."""
    latest = _latest(day)
    names = [p for rule in current().crosschecks if rule.total == code for p in rule.parts]
    rows = {i.code: i for i in Indicator.objects.filter(code__in=names)}
    return [(rows[name], latest.get(name)) for name in names]
