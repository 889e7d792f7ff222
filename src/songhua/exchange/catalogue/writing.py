"""The catalogue as a workbook: sheets to fill in, and a guide to them."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from songhua.exchange.catalogue.catalogue import Catalogue
from songhua.exchange.catalogue.columns import SHEETS, Cell, Column, columns, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.kit.messages import Language

GUIDE = ("填写说明", "Guide")
_GUIDE_TITLES = (
    ("工作表", "列名", "是否必填", "填写要求", "可选值"),
    ("Sheet", "Column", "Required", "What to write", "Choices"),
)
_CHECKED_ROWS = 10_000
_FIRST_DAY = date(1900, 3, 1)  # spreadsheets miscount the days before


def write_template(language: Language = "zh") -> bytes:
    """An empty workbook to be filled in: lists to choose from, notes on the headings, a guide."""
    return write_catalogue(Catalogue(), language)


def write_catalogue(catalogue: Catalogue, language: Language = "zh") -> bytes:
    """`catalogue` as an xlsx workbook, which `read_catalogue` turns back into the same. Text is
    stored as text whatever it looks like: no cell is ever a formula."""
    import xlsxwriter

    out, side = io.BytesIO(), 0 if language == "zh" else 1
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        styles = {
            "head": book.add_format({"bold": True, "text_wrap": True, "border": 1}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        for name, titles in SHEETS.items():
            sheet = book.add_worksheet(titles[side])
            _headings(sheet, styles, columns(name), language)
            for number, record in enumerate(_records(catalogue, name), start=1):
                for at, column in enumerate(columns(name)):
                    content = written(column, record[column.attribute], language)
                    _put(sheet, styles, number, at, content)
        sheet = book.add_worksheet(GUIDE[side])
        for number, row in enumerate(_guide(language)):
            for at, text in enumerate(row):
                sheet.write_string(number, at, text, styles["head"] if number == 0 else None)
        sheet.set_column(0, 4, 24)
    return out.getvalue()


def _records(catalogue: Catalogue, sheet: str) -> Iterator[dict[str, Any]]:
    """The rows of a sheet, each attribute by its name."""
    if sheet == "codes":
        for table in catalogue.code_tables:
            yield from ({"table": table.name, **vars(code)} for code in table.codes)
        return
    for resource in catalogue:
        if sheet == "resources":
            yield vars(resource)
        else:
            yield from ({"resource": resource.code, **vars(field)} for field in resource.fields)


def _headings(
    sheet: Any, styles: dict[str, Any], shown: tuple[Column, ...], language: Language
) -> None:
    sheet.freeze_panes(1, 0)
    for at, column in enumerate(shown):
        sheet.write_string(0, at, column.title(language), styles["head"])
        sheet.set_column(at, at, 18)
        if help_text := column.help(language):
            sheet.write_comment(0, at, help_text)
        if column.vocabulary and column.form != "list":
            choice = {"validate": "list", "source": column.choices(language)}
            if len(",".join(choice["source"])) <= 255:  # Excel's own limit
                sheet.data_validation(1, at, _CHECKED_ROWS, at, choice)


def _put(sheet: Any, styles: dict[str, Any], row: int, at: int, content: Cell) -> None:
    if isinstance(content, str):
        sheet.write_string(row, at, content)
    elif isinstance(content, date) and content >= _FIRST_DAY:
        sheet.write_datetime(row, at, content, styles["day"])
    elif isinstance(content, int | Decimal) and _kept(Decimal(content)):
        sheet.write_number(row, at, content)
    elif content is not None:
        digits = f"{content:f}" if isinstance(content, Decimal) else str(content)
        sheet.write_string(row, at, digits)


def _kept(number: Decimal) -> bool:
    """Whether a spreadsheet keeps every digit."""
    return len(number.normalize().as_tuple().digits) <= 15 and abs(number) < 10**15


def _guide(language: Language) -> Iterator[tuple[str, ...]]:
    side = 0 if language == "zh" else 1
    yield _GUIDE_TITLES[side]
    for name, titles in SHEETS.items():
        for column in columns(name):
            needed = (("是", "Yes") if column.required else ("", ""))[side]
            choices = "；".join(column.choices(language))
            yield titles[side], column.title(language), needed, column.help(language), choices
