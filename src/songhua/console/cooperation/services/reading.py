"""What was typed or stands in a cell, as the value of a column; or what is wrong with it."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from songhua.console.cooperation import shelf
from songhua.console.people.services import unit_named
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.registry import name_key
from songhua.kit import figures, money
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from songhua.console.cooperation.shelf import Column

_NUMBER = re.compile(r"#(\d{1,18})(?:\s|$)")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_BETWEEN = re.compile(r"[、,;；，\n]+")
_PRIZE = re.compile(r"(.{1,20}?)\s*[:：×x]?\s*(\d{1,3})\s*(?:个|项|名)?")
YEARS = frozenset(str(year) for year in range(1990, 2101))
YES, NO = ("是", "1", "yes", "true"), ("否", "0", "no", "false")


def read(column: Column, value: object, where: str) -> Any:
    """The value of a column; `InputError` names `where`. Never called for what is empty."""
    return READERS[column.type](column, value, where)


def _text(column: Column, value: object, where: str) -> str:
    found = figures.plain(value)
    if len(found) > column.most or "\x00" in found:
        raise InputError(Problem(where, "cooperation_too_long", str(column.most)))
    return found


def _long(_column: Column, value: object, where: str) -> str:
    found = str(value).strip()
    if len(found) > 5000 or "\x00" in found:
        raise InputError(Problem(where, "cooperation_too_long", "5000"))
    return found


def _day(_column: Column, value: object, where: str) -> date:
    written = value.strftime("%Y-%m-%d") if isinstance(value, date) else figures.plain(value)
    found = _DAY.fullmatch(written)
    try:
        if found is None or found[1] not in YEARS:
            raise ValueError
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise InputError(Problem(where, "not_a_date", str(value))) from error


def _hour(_column: Column, value: object, where: str) -> datetime:
    """An instant of the city's clock."""
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(
            figures.plain(value).replace("/", "-")
        )  # fmt: skip
        if str(found.year) not in YEARS:
            raise ValueError
        return found if found.tzinfo else timezone.make_aware(found)
    except ValueError as error:
        raise InputError(Problem(where, "not_a_date", str(value))) from error


def _yuan(_column: Column, value: object, where: str) -> int:
    return money.fen(str(value), where)


def _count(_column: Column, value: object, where: str) -> int:
    number = figures.decimal(value, where, places=0, limit=Decimal(10**6))
    return int(number)


def _yes(_column: Column, value: object, where: str) -> bool:
    found = figures.plain(value).casefold()
    if found not in YES + NO:
        raise InputError(Problem(where, "cooperation_yes_or_no", str(value)))
    return found in YES


def _one_of(column: Column, value: object, where: str) -> str:
    written = figures.plain(value).casefold()
    for code, names in column.words.items():
        if written in (code.casefold(), *(figures.plain(name).casefold() for name in names)):
            return code
    raise InputError(Problem(where, "cooperation_not_a_choice", str(value)))


def _link(column: Column, value: object, where: str) -> Any:
    """A record by ``#12`` or by its title; one title that several carry needs the number."""
    rows = shelf.BY_KEY[column.to].model._default_manager.filter(struck=False)
    written = figures.plain(value)
    number = _NUMBER.match(written)
    found = rows.filter(pk=int(number[1])) if number else rows.filter(title=written)
    several = list(found[:2])
    if len(several) != 1:
        code = "cooperation_several" if several else "cooperation_unknown"
        raise InputError(Problem(where, code, written))
    return several[0]


def _subject(_column: Column, value: object, where: str) -> Subject:
    """An active subject of the registry, by credit code, ``#number`` or name."""
    written = figures.plain(value)
    rows = Subject.objects.filter(state=Subject.State.ACTIVE)
    number = _NUMBER.match(written)
    if number:
        found = rows.filter(pk=int(number[1]))
    else:
        by_code = rows.filter(credit_code=written.upper()).exclude(credit_code="")
        found = by_code if by_code.exists() else rows.filter(name_key=name_key(written))
    several = list(found[:2])
    if len(several) != 1:
        code = "cooperation_several" if several else "cooperation_no_subject"
        raise InputError(Problem(where, code, written))
    return several[0]


def _unit(_column: Column, value: object, where: str) -> Any:
    return unit_named(value, where)


def _names(_column: Column, value: object, _where: str) -> list[str]:
    return [name for part in _BETWEEN.split(str(value)) if (name := figures.plain(part)[:40])]


def _prizes(_column: Column, value: object, where: str) -> list[list[Any]]:
    """``一等奖 1，二等奖 2``: each prize once, with how many there are of it."""
    found: list[list[Any]] = []
    for part in _BETWEEN.split(str(value)):
        said = _PRIZE.fullmatch(figures.plain(part))
        if figures.plain(part) == "":
            continue
        if said is None or int(said[2]) < 1 or said[1] in [name for name, _ in found]:
            raise InputError(Problem(where, "cooperation_prizes", part.strip()))
        found.append([said[1], int(said[2])])
    if not found:
        raise InputError(Problem(where, "empty"))
    return found


READERS: dict[str, Callable[[Column, object, str], Any]] = {
    "text": _text, "long": _long, "day": _day, "hour": _hour, "yuan": _yuan, "count": _count,
    "yes": _yes, "one_of": _one_of, "link": _link, "subject": _subject, "unit": _unit,
    "names": _names, "prizes": _prizes,
}  # fmt: skip
