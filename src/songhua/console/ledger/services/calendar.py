"""The working-day calendar: the statutory one, and what an administrator loaded for later years."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.ledger.models import CalendarYear
from songhua.console.ledger.services import audit
from songhua.governance.calendar import WorkCalendar
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from songhua.console.people.models import User


def work_calendar() -> WorkCalendar:
    """The calendar as it stands: 1 query."""
    years = list(CalendarYear.objects.all())
    return WorkCalendar(
        years=frozenset(y.year for y in years),
        holidays=frozenset(date.fromisoformat(d) for y in years for d in y.holidays),
        makeup_days=frozenset(date.fromisoformat(d) for y in years for d in y.makeup_days),
    )


def load_file(actor: User | str, path: Path) -> CalendarYear:
    """Load a year from a CSV file of two columns: a day, and ``off`` or ``work``; no headings.
    The year is that of the first day."""
    days: dict[str, list[date]] = {"off": [], "work": []}
    problems = []
    with path.open(newline="", encoding="utf-8-sig") as stream:
        for number, row in enumerate(csv.reader(stream), 1):
            if not row:
                continue
            if len(row) != 2 or row[1].strip() not in days:
                problems.append(Problem(str(path), "calendar_columns", row=number))
                continue
            try:
                days[row[1].strip()].append(date.fromisoformat(row[0].strip()))
            except ValueError:
                problems.append(Problem(f"{path}:{number}", "not_a_date", row[0], number))
    if not days["off"] and not problems:
        problems.append(Problem(str(path), "empty"))
    if problems:
        raise InputError(problems)
    return load_year(actor, days["off"][0].year, days["off"], days["work"])


def known_until(year: int) -> int:
    """The last year, from `year` on without a gap, whose working days are known; the year before
    where `year` itself is not."""
    calendar = work_calendar()
    year -= not calendar.covers(year)
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
