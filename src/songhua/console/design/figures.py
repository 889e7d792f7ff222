"""Dates and numbers as the reader writes them. Unknown is shown as a dash, never as 0."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.html import format_html

from songhua.console.design.bilingual import ENGLISH, language

UNKNOWN = "—"
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _date(given: object) -> date | None:
    if isinstance(given, datetime):
        return (timezone.localtime(given) if timezone.is_aware(given) else given).date()
    if isinstance(given, date) or not given:
        return given or None
    text = str(given)
    return date.fromisoformat(text if len(text) > 7 else f"{text}-01")


def day_text(given: object, style: str = "") -> str:
    """2023-07-05; with "long" 2023年7月5日 / 5 Jul 2023. Plain, for use inside attributes."""
    if (when := _date(given)) is None:
        return UNKNOWN
    if style != "long":
        return when.isoformat()
    if language() == ENGLISH:
        return f"{when.day} {MONTHS[when.month - 1]} {when.year}"
    return f"{when.year}年{when.month}月{when.day}日"


def day(given: object, style: str = "") -> str:
    """The date as a time element, which never breaks over two lines."""
    if (when := _date(given)) is None:
        return UNKNOWN
    return format_html('<time datetime="{}">{}</time>', when.isoformat(), day_text(when, style))


def moment(given: datetime | None) -> str:
    """2023-07-05 09:30 on the city's clock."""
    if not given:  # None, or what a template makes of an attribute that is not there
        return UNKNOWN
    local = timezone.localtime(given) if timezone.is_aware(given) else given
    return format_html(
        '<time datetime="{}">{}</time>', local.isoformat(), local.strftime("%Y-%m-%d %H:%M")
    )


def month_label(given: object) -> str:
    """2023年6月 or Jun 2023, of a date or of "2023-06"."""
    if (when := _date(given)) is None:
        return UNKNOWN
    if language() == ENGLISH:
        return f"{MONTHS[when.month - 1]} {when.year}"
    return f"{when.year}年{when.month}月"


def figure(given: Any, places: int | None = None) -> str:
    """1,284.5: thousands grouped; `places` decimals, or as many as the number has.

    >>> figure(Decimal("1284.50")), figure(None), figure(0, 1)
    ('1,284.5', '—', '0.0')
    """
    if given is None or given == "":
        return UNKNOWN
    number = Decimal(str(given))
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-int(places)), ROUND_HALF_UP)
        return f"{abs(number) if number.is_zero() else number:,f}"  # never -0.00
    written = f"{number:,f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


def percent(given: Any, places: int | None = None) -> str:
    """37.5 shown as 37.5%."""
    return UNKNOWN if given is None or given == "" else f"{figure(given, places)}%"
