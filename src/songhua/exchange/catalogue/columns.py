"""The columns of the catalogue's workbook, and how a cell becomes a value and a value a cell.

`columns.csv` declares them once for the template, the writer and the reader.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.checks import SEPARATORS
from songhua.exchange.catalogue.fields import Kind, Sensitivity
from songhua.exchange.catalogue.resource import Tier
from songhua.exchange.catalogue.vocabulary import find, words
from songhua.kit.errors import InputError, Problem
from songhua.kit.figures import plain

if TYPE_CHECKING:
    from songhua.kit.messages import Language

Cell = str | int | Decimal | date | bool | None
"""What a cell holds; a float never appears."""

SHEETS = {"resources": ("目录", "Catalogue"), "fields": ("信息项", "Fields"),
          "codes": ("代码表", "Code tables")}  # fmt: skip
_ENUMS = {"tier": Tier, "kind": Kind, "sensitivity": Sensitivity}
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{4})(\d\d)(\d\d)")


@dataclass(frozen=True)
class Column:
    """A column. `form` is text, name, list, date, whole, decimal, truth, or word and list with the
    name of the vocabulary that they choose from."""

    attribute: str
    zh: str
    en: str
    form: str
    vocabulary: str
    required: bool
    help_zh: str
    help_en: str

    def title(self, language: Language) -> str:
        """Its heading."""
        return self.zh if language == "zh" else self.en

    def help(self, language: Language) -> str:
        """What to write; may be empty."""
        return self.help_zh if language == "zh" else self.help_en

    def choices(self, language: Language) -> list[str]:
        """What may be chosen, as people call it; empty where the text is free."""
        return [word.label(language) for word in words(self.vocabulary).values()]


@cache
def columns(sheet: str) -> tuple[Column, ...]:
    """The columns of a sheet (resources, fields, codes), in their order."""
    with (files(__package__) / "columns.csv").open(encoding="utf-8") as stream:
        return tuple(_column(row) for row in csv.DictReader(stream) if row["sheet"] == sheet)


def _column(row: dict[str, str]) -> Column:
    form, _, vocabulary = row["form"].partition(":")
    return Column(
        row["attribute"], row["zh"], row["en"], form,
        "truth" if form == "truth" else vocabulary,
        row["required"] == "yes", row["help_zh"], row["help_en"],
    )  # fmt: skip


def value(column: Column, cell: Cell) -> Any:
    """What a cell that is not empty says; raises `InputError` where it cannot be read.

    >>> tier = next(c for c in columns("resources") if c.attribute == "tier")
    >>> value(tier, "有条件共享")
    <Tier.CONDITIONAL: 'conditional'>
    """
    match column.form:
        case "truth":
            return _word(column, shown(cell)) == "yes"
        case "word":
            code = _word(column, shown(cell))
            return _ENUMS[column.vocabulary](code) if column.vocabulary in _ENUMS else code
        case "list":
            parts = [part.strip() for part in re.split(f"[{SEPARATORS}]", shown(cell))]
            given = tuple(part for part in parts if part)
            return tuple(_word(column, p) for p in given) if column.vocabulary else given
        case "date":
            return _day(cell)
        case "whole" | "decimal":
            return _number(column.form, cell)
        case "name":
            return plain(shown(cell))
        case _:
            return shown(cell)


def written(column: Column, content: Any, language: Language) -> Cell:
    """The cell that says `content`; the reverse of `value`."""
    if column.form == "truth":
        content = "yes" if content else "no"
    if column.form == "list":
        parts = [_label(column, part, language) for part in content]
        return "；".join(parts) or None
    if column.vocabulary and content:
        return _label(column, content, language)
    return None if content == "" else content


def shown(cell: Cell) -> str:
    """The text of a cell, trimmed; a number has all its digits."""
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return str(cell).replace("\r\n", "\n").replace("\r", "\n").strip()


def _label(column: Column, code: str, language: Language) -> str:
    return words(column.vocabulary)[code].label(language) if column.vocabulary else code


def _word(column: Column, text: str) -> str:
    code = find(column.vocabulary, text)
    if code is None:
        raise InputError(Problem(column.attribute, "catalogue_word_unknown", text))
    return code


def _day(cell: Cell) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    found = _DATE.fullmatch(plain(shown(cell)))
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else date(0, 0, 0)
    except ValueError:
        raise InputError(Problem("", "not_a_date", shown(cell))) from None


def _number(form: str, cell: Cell) -> int | Decimal:
    text = plain(shown(cell)).replace(",", "").replace("−", "-")
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise InputError(Problem("", "not_a_number", text)) from None
    if not number.is_finite():
        raise InputError(Problem("", "not_finite", text))
    if form == "decimal":
        return number
    if number != number.to_integral_value() or abs(number) >= 10**15:
        raise InputError(Problem("", "catalogue_not_whole", text))
    return int(number)
