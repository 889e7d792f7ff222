"""Cells as people read them, the same in all three formats."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING

from songhua.documents.model import LIGHTS
from songhua.documents.words import word

if TYPE_CHECKING:
    from songhua.documents.model import Cell, Column
    from songhua.kit.messages import Language

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
# What XML cannot hold, and the marks that silently turn the reading direction.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """`text` with lines ended by one newline; what no format can hold becomes □.

    >>> clean("a\\r\\nb\\x00")
    'a\\nb□'
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return _UNPRINTABLE.sub("□", lines.replace("\u2028", "\n").replace("\u2029", "\n"))


def figure(value: Decimal | int, places: int | None) -> str:
    """`value` half up to `places` (``None``: as many as it has), thousands apart, no minus zero.

    >>> figure(Decimal("1234.565"), 2), figure(Decimal("-0.001"), 2), figure(1234567, None)
    ('1,234.57', '0.00', '1,234,567')
    """
    number = Decimal(value)
    if places is not None:
        number = number.quantize(Decimal(1).scaleb(-places), context=EXACT)
    return f"{number.copy_abs() if number.is_zero() else number:,f}"


def day(value: date, language: Language) -> str:
    """A date in a sentence.

    >>> day(date(2023, 7, 5), "zh"), day(date(2023, 7, 5), "en")
    ('2023年7月5日', '5 July 2023')
    """
    if language == "zh":
        return f"{value.year}年{value.month}月{value.day}日"
    return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"


def printed(cell: Cell, column: Column, language: Language, missing: str) -> str:
    """One cell of a table. Text in a column of figures (only totals have it) stays as written."""
    if cell is None:
        return clean(missing)
    if isinstance(cell, str):
        lit = column.kind == "light" and cell in LIGHTS
        return word(f"light_{cell}", language) if lit else clean(cell)
    if isinstance(cell, date):
        if column.kind == "date":
            return cell.isoformat()
        return f"{cell.year}年{cell.month}月" if language == "zh" else cell.isoformat()[:7]
    text = figure(cell, None if column.kind == "int" else column.places)
    return text + "%" if column.kind == "percent" else text


def key_figure(value: Cell, language: Language) -> str:
    """One value of the summary, with as many decimals as it was given."""
    if value is None:
        return word("missing", language)
    if isinstance(value, str):
        return clean(value)
    return day(value, language) if isinstance(value, date) else figure(value, None)
