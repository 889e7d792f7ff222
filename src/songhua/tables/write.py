"""Writes tables that a spreadsheet shows and never runs."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import xlsxwriter

from songhua.tables.grid import Cell, address
from songhua.tables.limits import refuse
from songhua.tables.safe import neutral, writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

CIVIL = ZoneInfo("Asia/Shanghai")
LONGEST = 32_767
_FIRST_DAY = date(1900, 3, 1)
_BAD_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def civil(moment: datetime) -> datetime:
    """The wall clock of Shanghai at an aware instant; a naive one is taken to be that already."""
    return moment.astimezone(CIVIL).replace(tzinfo=None) if moment.tzinfo else moment


def written(value: Cell) -> str:
    """How a value other than text is written in CSV and in messages."""
    if isinstance(value, datetime):
        return civil(value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return "" if value is None else str(value)


def to_csv(headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """UTF-8 with its mark, so that Excel shows Chinese. Text that looks like a formula gets a
    leading apostrophe, and all text is quoted; numbers stay numbers.

    >>> to_csv(["name", "value"], [["=1+1", -5]]).decode("utf-8-sig").splitlines()
    ['"name","value"', '"\\'=1+1",-5']
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow([neutral(writable(title)) for title in headers])
    for row in rows:
        writer.writerow([_csv_cell(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def _csv_cell(value: Cell) -> Cell | Plain:
    if isinstance(value, str):
        return neutral(writable(value))
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Plain(value)
    return written(value)


class Plain(Decimal):
    """A number that is written with all its digits, never as 1E+5."""

    def __str__(self) -> str:
        return f"{Decimal(self):f}"


def to_xlsx(sheet_name: str, headers: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A workbook of one sheet. Text is stored as text, whatever it looks like; a number with more
    than 15 digits is stored as text too, because a spreadsheet would cut it."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True}) as book:
        sheet = book.add_worksheet(safe_sheet_name(sheet_name))
        styles = Styles(book)
        for column, title in enumerate(headers):
            put(sheet, styles, 0, column, title, styles.head)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                put(sheet, styles, number, column, value)
    return out.getvalue()


class Styles:
    """The few looks a sheet needs."""

    def __init__(self, book: Any) -> None:
        self.head = book.add_format({"bold": True, "text_wrap": True, "border": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.bad = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})


def safe_sheet_name(name: str) -> str:
    """A name that Excel accepts for a sheet.

    >>> safe_sheet_name("2023/06 [月报]")
    '2023 06  月报'
    """
    cleaned = _BAD_NAME.sub(" ", writable(name)).strip().strip("'")[:31].strip().strip("'")
    return cleaned if cleaned and cleaned.casefold() != "history" else "Sheet"


def put(sheet: Any, styles: Styles, row: int, column: int, value: Cell, style: Any = None) -> None:
    """Write one cell by the kind of its value, never as a formula or a link."""
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value, style)
    elif isinstance(value, date) and _day(value) >= _FIRST_DAY:
        if isinstance(value, datetime):
            sheet.write_datetime(row, column, civil(value), style or styles.moment)
        else:
            sheet.write_datetime(row, column, value, style or styles.day)
    elif isinstance(value, int | Decimal) and _fits(Decimal(value)):
        sheet.write_number(row, column, value, style)
    elif value is not None:
        text = writable(value) if isinstance(value, str) else written(value)
        if len(text) > LONGEST:
            raise refuse(address(row, column), "table_text_too_long", len(text))
        if text:
            sheet.write_string(row, column, text, style)
    elif style is not None:
        sheet.write_blank(row, column, None, style)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _fits(number: Decimal) -> bool:
    """Whether a spreadsheet keeps every digit of `number`."""
    if not number.is_finite():
        return False
    return len(number.normalize().as_tuple().digits) <= 15 and abs(number) < 10**15
