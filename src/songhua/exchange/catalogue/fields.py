"""One field of a resource (信息项): its names, its type and the rules its values keep."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from songhua.exchange.catalogue import checks
from songhua.exchange.catalogue.vocabulary import words
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal


class Kind(StrEnum):
    """The type of a field's values."""

    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"

    @property
    def sql(self) -> str:
        """The DuckDB type that holds it; instants are kept in UTC."""
        return words("kind")[self].detail


MOST_DIGITS = 30
"""Of a limit, before or after its point."""
NUMERIC = (Kind.INTEGER, Kind.NUMBER, Kind.MONEY)


class Sensitivity(StrEnum):
    """The class of a field's data (GB/T 43697, 《个人信息保护法》)."""

    GENERAL = "general"
    PERSONAL = "personal"
    SENSITIVE_PERSONAL = "sensitive_personal"
    IMPORTANT = "important"
    CORE = "core"


def _writable(limit: Decimal) -> bool:
    """Whether the number is finite and can be written with its digits."""
    return limit.is_finite() and abs(limit.adjusted()) <= MOST_DIGITS


@dataclass(frozen=True)
class Field:
    """A field. `low` and `high` are included; `length` bounds the characters of a text;
    `code_table` names a table of the catalogue; `reference` ("homes.home_id") is the field of
    another resource in which every value must be found. `open` fields may go to the public, and
    only general data may be open. Raises `InputError` with every problem.

    >>> Field("id_number", "身份证号", sensitivity=Sensitivity.PERSONAL, open=True)
    Traceback (most recent call last):
    ...
    songhua.kit.errors.InputError: open: catalogue_open_sensitive '个人信息'
    """

    name: str
    title_zh: str
    title_en: str = ""
    kind: Kind = Kind.STRING
    unit: str = ""
    length: int | None = None
    required: bool = True
    low: Decimal | None = None
    high: Decimal | None = None
    code_table: str = ""
    reference: str = ""
    sensitivity: Sensitivity = Sensitivity.GENERAL
    open: bool = False

    def __post_init__(self) -> None:
        checks.settle(self._problems())

    def _problems(self) -> Iterator[Problem]:
        yield from checks.identifier("name", self.name)
        yield from checks.text("title_zh", self.title_zh, required=True)
        for name in ("title_en", "unit", "code_table", "reference"):
            yield from checks.text(name, getattr(self, name))
        if self.length is not None and (self.length < 1 or self.kind is not Kind.STRING):
            yield Problem("length", "catalogue_length", str(self.length))
        for name in ("low", "high"):
            limit = getattr(self, name)
            if limit is not None and not (self.kind in NUMERIC and _writable(limit)):
                yield Problem(name, "catalogue_limit", str(limit))
        finite = [x for x in (self.low, self.high) if x is not None and x.is_finite()]
        if finite != sorted(finite):
            yield Problem("high", "catalogue_limits_crossed", f"{self.high} < {self.low}")
        if self.reference and len(self.reference.split(".")) != 2:
            yield Problem("reference", "catalogue_reference_malformed", self.reference)
        if self.open and self.sensitivity is not Sensitivity.GENERAL:
            shown = words("sensitivity")[self.sensitivity].zh
            yield Problem("open", "catalogue_open_sensitive", shown)
