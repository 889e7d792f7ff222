"""Months, quarters and years as civil dates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from songhua.kit.errors import require
from songhua.kit.figures import plain

_PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{2})|Q(?P<quarter>[1-4]))?")
_ENGLISH = "January February March April May June July August September October November December"


@dataclass(frozen=True)
class Period:
    """A reporting period: its first and last day (both inside) and the first day of each month."""

    kind: Literal["month", "quarter", "year"]
    first: date
    last: date
    months: tuple[date, ...]
    label_zh: str
    label_en: str

    @property
    def name(self) -> str:
        """As it is written: ``2023-06``, ``2023Q2`` or ``2023``."""
        if self.kind == "month":
            return f"{self.first:%Y-%m}"
        year = str(self.first.year)
        return f"{year}Q{quarter_of(self.first)}" if self.kind == "quarter" else year


def month_start(day: date) -> date:
    """The first day of the month of `day`."""
    return date(day.year, day.month, 1)


def month_end(day: date) -> date:
    """The last day of the month of `day`.

    >>> month_end(date(2024, 2, 10))
    datetime.date(2024, 2, 29)
    """
    return add_months(day, 1) - timedelta(days=1)


def add_months(day: date, count: int) -> date:
    """The first day of the month `count` months after (before, if negative) that of `day`.

    >>> add_months(date(2023, 11, 30), 2)
    datetime.date(2024, 1, 1)
    """
    year, month = divmod(month_index(day) + count, 12)
    return date(year, month + 1, 1)


def month_index(day: date) -> int:
    """Months since January of year 0, so that differences are whole months."""
    return day.year * 12 + day.month - 1


def quarter_of(day: date) -> int:
    """The quarter of the year, 1 to 4."""
    return (day.month + 2) // 3


def parse_period(text: str) -> Period:
    """Read ``2023-06``, ``2023Q2`` or ``2023``; anything else is an `InputError`.

    >>> period = parse_period("2023q2")
    >>> period.label_zh, period.name
    ('2023年第二季度', '2023Q2')
    """
    found = _PERIOD.fullmatch(plain(text).upper())
    require(found is not None, "period", "period_unreadable", text)
    assert found is not None
    year, month, quarter = int(found["year"]), found["month"], found["quarter"]
    require(1900 <= year <= 2200, "period", "period_unreadable", text)
    if month:
        require(1 <= int(month) <= 12, "period", "period_unreadable", text)
        return _period("month", date(year, int(month), 1), 1)
    if quarter:
        return _period("quarter", date(year, 3 * int(quarter) - 2, 1), 3)
    return _period("year", date(year, 1, 1), 12)


def _period(kind: Literal["month", "quarter", "year"], first: date, length: int) -> Period:
    months = tuple(add_months(first, step) for step in range(length))
    zh, en = f"{first.year}年", str(first.year)
    if kind == "month":
        zh, en = f"{zh}{first.month}月", f"{_ENGLISH.split()[first.month - 1]} {en}"
    elif kind == "quarter":
        quarter = quarter_of(first)
        zh, en = f"{zh}第{'一二三四'[quarter - 1]}季度", f"Q{quarter} {en}"
    return Period(kind, first, month_end(months[-1]), months, zh, en)
