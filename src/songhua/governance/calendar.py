"""Statutory working days of mainland China: weekends, holidays and make-up days (调休).

Years published in ``chinese_calendar`` come from it; other years come from the administrator's
table, which must declare the year complete. A year that neither covers is refused, never guessed.
The State Council's notice for a year can still move the last days of the December before it;
enter such days in the table, whose explicit days always win.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays as _PUBLISHED

from songhua.kit.errors import InputError, Problem, require

KNOWN_YEARS = frozenset(range(min(_PUBLISHED).year, max(_PUBLISHED).year + 1))
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkCalendar:
    """Working days, with the administrator's table.

    `holidays` and `makeup_days` are single days that override what is published; `years` are the
    years for which the table holds the whole State Council notice (all other weekdays work, all
    other weekend days rest). Raises `InputError` ``calendar_day_twice`` if a day is in both sets.

    >>> WorkCalendar().is_workday(date(2023, 10, 7)), WorkCalendar().is_workday(date(2023, 10, 2))
    (True, False)
    """

    holidays: frozenset[date] = field(default_factory=frozenset)
    makeup_days: frozenset[date] = field(default_factory=frozenset)
    years: frozenset[int] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        twice = sorted(self.holidays & self.makeup_days)
        if twice:
            raise InputError(
                [Problem("calendar", "calendar_day_twice", day.isoformat()) for day in twice]
            )

    def covers(self, year: int) -> bool:
        """Whether the working days of `year` are known."""
        return year in self.years or year in KNOWN_YEARS

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`. Raises ``calendar_year_unknown``."""
        require(self.covers(day.year), "calendar", "calendar_year_unknown", day.year)
        if day in self.makeup_days:
            return True
        if day in self.holidays:
            return False
        if day.year in self.years:
            return day.weekday() < 5
        return bool(chinese_calendar.is_workday(day))

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`. The start itself does not count; 0 gives `day`.

        >>> WorkCalendar().add_workdays(date(2023, 9, 28), 2)  # over Mid-Autumn and National Day
        datetime.date(2023, 10, 8)
        """
        require(count >= 0, "workdays", "negative", count)
        while count:
            day += _DAY
            count -= self.is_workday(day)
        return day

    def workdays_between(self, start: date, end: date) -> int:
        """Working days after `start` up to and including `end`; negative if `end` is earlier.

        So ``workdays_between(d, add_workdays(d, n)) == n``.
        """
        if end < start:
            return -self.workdays_between(end, start)
        days = (start + _DAY * step for step in range(1, (end - start).days + 1))
        return sum(map(self.is_workday, days))

    def workday_on_or_after(self, day: date) -> date:
        """`day` if offices work then, else the next working day (Civil Code art. 203)."""
        while not self.is_workday(day):
            day += _DAY
        return day
