"""The working-day calendar: the statutory one, and what an administrator loaded for later years."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.ledger.models import CalendarYear
from songhua.console.ledger.services import audit
from songhua.governance.calendar import WorkCalendar
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import User


def work_calendar() -> WorkCalendar:
    """The calendar as it stands: 1 query."""
    years = list(CalendarYear.objects.all())
    return WorkCalendar(
        years=frozenset(y.year for y in years),
        holidays=frozenset(date.fromisoformat(d) for y in years for d in y.holidays),
        makeup_days=frozenset(date.fromisoformat(d) for y in years for d in y.makeup_days),
    )


def known_until(year: int) -> int:
    """The last year, from `year` on without a gap, whose working days are known."""
    calendar = work_calendar()
    while calendar.covers(year + 1):
        year += 1
    return year


@transaction.atomic
def load_year(
    actor: User | str, year: int, holidays: Iterable[date], makeup_days: Iterable[date]
) -> CalendarYear:
    """Load a year as the State Council's notice gives it: days off and make-up working days."""
    off, work = sorted(set(holidays)), sorted(set(makeup_days))
    problems = [
        Problem("day", "calendar_other_year", str(day)) for day in (*off, *work) if day.year != year
    ]
    problems += [Problem("day", "calendar_both", str(day)) for day in set(off) & set(work)]
    if not off:
        problems.append(Problem("holidays", "empty"))
    if problems:
        raise InputError(problems)
    row, _ = CalendarYear.objects.update_or_create(
        year=year,
        defaults={"holidays": [str(d) for d in off], "makeup_days": [str(d) for d in work]},
    )
    audit.record(actor, "calendar_loaded", f"calendar:{year}", holidays=off, makeup_days=work)
    return row
