"""What forms and sheets give, read with every problem at once."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.console.ledger.services.programme import current
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

MICRO = Decimal("0.000001")


class Reader:
    """Reads values one after the other and keeps what is wrong until `settle`."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def read(self, parse: Callable[[object, str], T], value: object, where: str) -> T | None:
        """The parsed value; None where it is empty or wrong."""
        if value is None or figures.plain(value) == "":
            return None
        try:
            return parse(value, where)
        except InputError as error:
            self.problems += error.problems
            return None

    def need(self, parse: Callable[[object, str], T], value: object, where: str) -> T | None:
        """As `read`, but an empty value is a problem too."""
        if value is None or figures.plain(value) == "":
            self.problems.append(Problem(where, "empty"))
            return None
        return self.read(parse, value, where)

    def demand(self, holds: bool, where: str, code: str, value: object = "") -> None:
        """Note a problem unless `holds`."""
        if not holds:
            self.problems.append(Problem(where, code, str(value)))

    def settle(self) -> None:
        """Raise everything found."""
        if self.problems:
            raise InputError(self.problems)


def text(most: int) -> Callable[[object, str], str]:
    """A reader of text of at most so many characters."""

    def parse(value: object, where: str) -> str:
        written = figures.plain(value)
        if len(written) > most:
            raise InputError(Problem(where, "growth_too_long", str(most)))
        return written

    return parse


def day(value: object, where: str) -> date:
    """A civil date, as a spreadsheet or a form gives it."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    written = figures.plain(value).replace("/", "-").replace(".", "-")
    try:
        parts = [int(part) for part in written.split("-")]
        return date(*parts)
    except (ValueError, TypeError) as error:
        raise InputError(Problem(where, "not_a_date", str(value)[:40])) from error


def whole(value: object, where: str) -> int:
    """A whole number that is not negative."""
    number = figures.decimal(value, where, places=0, limit=Decimal(10) ** 9)
    return int(number)


def year(value: object, where: str) -> int:
    """A year from 1990 on."""
    number = whole(figures.plain(value).removesuffix("年"), where)
    if not 1990 <= number <= 2200:
        raise InputError(Problem(where, "growth_not_a_year", str(value)))
    return number


def longitude(value: object, where: str) -> Decimal:
    """Degrees east."""
    return _degrees(value, where, 180)


def latitude(value: object, where: str) -> Decimal:
    """Degrees north."""
    return _degrees(value, where, 90)


def _degrees(value: object, where: str, most: int) -> Decimal:
    written = figures.plain(value)
    size = figures.decimal(written.removeprefix("-"), where, places=15, limit=Decimal(most))
    return (-size if written.startswith("-") else size).quantize(MICRO)


def district(value: object, where: str) -> str:
    """The code of a district of the programme, from its code or its name."""
    written = figures.plain(value)
    for known in current().districts:
        if written in (str(known.adcode), known.name_zh, known.name_en):
            return str(known.adcode)
    raise InputError(Problem(where, "growth_district_unknown", written))


def choice(words: dict[str, str]) -> Callable[[object, str], str]:
    """A reader of one of several codes, or of its word: ``{word or code: code}``."""

    def parse(value: object, where: str) -> str:
        written = figures.plain(value)
        if written not in words:
            raise InputError(Problem(where, "growth_not_a_choice", written))
        return words[written]

    return parse
