"""A report as an Excel file: a summary and one sheet a table.

Every text is written as text, whatever it begins with. Totals are plain numbers, not formulas:
they are the ledger's exact totals, every reader sees them (a preview or a parser computes
nothing), and a filter or an edit cannot quietly change an issued figure. A percent of 37.5 is
stored as 0.375 in Excel's own percent format. A figure that a double cannot carry exactly is
written as text.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import TYPE_CHECKING, Any

from songhua.documents.figures import EXACT, clean, day, figure, key_figure, printed
from songhua.documents.layout import em
from songhua.documents.model import LIGHTS, Column
from songhua.documents.words import PAINTS, word

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.documents.model import Cell, Report, Table
    from songhua.kit.messages import Language

_RISKY = ("=", "+", "-", "@", "\t", "\n", "{")
_CELL_LIMIT = 32_000
_HEADER_ROW = 2  # row 1 the title, row 2 the period and issuer, row 3 the heads


class _Book:
    """A workbook with its formats, each made once."""

    def __init__(self, workbook: Any, language: Language) -> None:
        self.workbook, self.language = workbook, language
        self._formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def format(self, **look: object) -> Any:
        """The cell format with this look."""
        key = tuple(sorted(look.items()))
        if key not in self._formats:
            base = {"font_name": "宋体" if self.language == "zh" else "Arial", "font_size": 10.5}
            self._formats[key] = self.workbook.add_format(
                {**base, "valign": "vcenter", **dict(key)}
            )
        return self._formats[key]

    def text(self, sheet: Any, row: int, at: int, text: str, **look: object) -> None:
        """Write `text` as text."""
        if len(text) > _CELL_LIMIT:
            text = text[:_CELL_LIMIT] + word("cut", self.language)
        if text.startswith(_RISKY):
            look["quote_prefix"] = True  # it stays text when somebody edits the cell
        sheet.write_string(row, at, text, self.format(text_wrap=True, **look))

    def cell(
        self, sheet: Any, row: int, at: int, cell: Cell, column: Column, missing: str, **look: Any
    ) -> None:
        """Write one cell as the kind of its column."""
        if isinstance(cell, str) or cell is None:
            if column.kind == "light" and cell in LIGHTS:
                paint = PAINTS[str(cell)]
                look |= {"font_color": f"#{paint.ink}", "bg_color": f"#{paint.wash}"}
            shown = printed(cell, column, self.language, missing)
            side = "right" if column.kind in ("int", "decimal", "percent") else "left"
            self.text(sheet, row, at, shown, align=side, **look)
        elif isinstance(cell, date):
            if cell.year < 1900:
                self.text(sheet, row, at, printed(cell, column, self.language, ""), **look)
            else:
                form = self.format(num_format=self._pattern(column), align="center", **look)
                sheet.write_datetime(row, at, cell, form)
        else:
            hundred = 100 if column.kind == "percent" else 1
            value = EXACT.divide(Decimal(cell), Decimal(hundred))
            if _fits(value):
                form = self.format(num_format=self._pattern(column), **look)
                sheet.write_number(row, at, float(value), form)
            else:
                shown = printed(cell, column, self.language, "")
                self.text(sheet, row, at, shown, align="right", **look)

    def _pattern(self, column: Column) -> str:
        if column.kind == "date":
            return "yyyy-mm-dd"
        if column.kind == "month":
            return 'yyyy"年"m"月"' if self.language == "zh" else "yyyy-mm"
        decimals = "." + "0" * column.places if column.places and column.kind != "int" else ""
        return f"0{decimals}%" if column.kind == "percent" else f"#,##0{decimals}"


def _fits(value: Decimal) -> bool:
    """Whether Excel keeps `value` exactly: it has 15 digits and writes no more.

    >>> _fits(Decimal("123456789012.34")), _fits(Decimal("12345678901234567.89"))
    (True, False)
    """
    near = Decimal(repr(float(value)))
    return near == value and len(near.normalize().as_tuple().digits) <= 15


def _sheet_name(title: str, number: int, taken: set[str]) -> str:
    """A name Excel accepts: at most 31 characters, none of ``[]:*?/\\``, not used yet."""
    name = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", clean(title)).strip(" '")
    name = f"{number} {name}"[:31].rstrip(" '")
    assert name.lower() not in taken  # the number makes it its own
    taken.add(name.lower())
    return name


def _header(text: str) -> str:
    """`text` for a page header, where & is a command and 255 characters are the limit."""
    return " ".join(text.split())[:100].replace("&", "&&")


def _printing(sheet: Any, report: Report) -> None:
    mark = word("simulated", report.language) if report.simulated else ""
    page = word("page", report.language, page="&P", pages="&N")
    head = _header(clean(report.audit_head)[:60])
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_header(f"&L{_header(clean(report.title))}&R{mark}")
    sheet.set_footer(f"&L{head}&R{page}")


def _write_table(book: _Book, sheet: Any, table: Table, report: Report) -> None:
    columns, language = table.columns, report.language
    last = len(columns) - 1
    total = {"bold": True, "bg_color": "#E9EDF2", "top": 1}
    for at, column in enumerate(columns):
        cells = [row[at] for row in table.rows] + [table.totals[at] if table.totals else None]
        shown = (printed(cell, column, language, table.missing) for cell in cells)
        widest = max((em(line) for text in shown for line in text.split("\n")), default=0)
        sheet.set_column(at, at, min(max(widest * 2, em(column.title) * 2, 6) + 3.5, 48))
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, clean(table.title)[:_CELL_LIMIT], book.format(bold=True, font_size=14))
    about = [clean(report.period_label), clean(report.issuer)]
    if report.simulated:
        about.insert(0, word("simulated_line", language))
    sheet.write_string(1, 0, "　".join(about)[:_CELL_LIMIT], book.format(font_color="#8A4F00"))
    for at, column in enumerate(columns):
        book.text(sheet, _HEADER_ROW, at, clean(column.title), bold=True, align="center",
                  bg_color="#F3E9E6", top=1, bottom=1)  # fmt: skip
    for number, row in enumerate(table.rows, start=_HEADER_ROW + 1):
        for at, column in enumerate(columns):
            book.cell(sheet, number, at, row[at], column, table.missing, bottom=4)
    end = _HEADER_ROW + len(table.rows)
    sheet.autofilter(_HEADER_ROW, 0, max(end, _HEADER_ROW), last)  # the totals stay outside
    if not table.rows:
        end += 1
        book.text(sheet, end, 0, word("no_rows", language), font_color="#667080")
    if table.totals:
        end += 1
        for at, column in enumerate(columns):
            book.cell(sheet, end, at, table.totals[at], column, "", **total)
    if table.note:
        note = word("note", language, note=clean(table.note))[:_CELL_LIMIT]
        sheet.write_string(end + 2, 0, note, book.format(font_color="#667080"))
    sheet.freeze_panes(_HEADER_ROW + 1, 1 if last > 3 else 0)
    sheet.repeat_rows(_HEADER_ROW)
    if last > 5:
        sheet.set_landscape()


def _write_summary(book: _Book, sheet: Any, report: Report, names: Iterable[str]) -> None:
    language = report.language
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 60)
    sheet.write_string(
        0, 0, clean(report.title)[:_CELL_LIMIT], book.format(bold=True, font_size=16)
    )
    sheet.write_string(1, 0, clean(report.subtitle)[:_CELL_LIMIT], book.format())
    row = 2
    if report.simulated:
        look = book.format(font_color="#8A4F00", bold=True)
        sheet.write_string(row, 0, word("simulated_line", language), look)
        row += 1
    for label, value in (
        ("number", report.number),
        ("period", report.period_label),
        ("issuer", report.issuer),
        ("issued_on", day(report.issued_on, language)),
    ):
        book.text(sheet, row, 0, word(label, language), font_color="#667080")
        book.text(sheet, row, 1, clean(value))
        row += 1
    row += 1
    if report.summary:
        book.text(sheet, row, 0, word("summary", language), bold=True)
    for key, figures in report.summary:
        row += 1
        book.text(sheet, row, 0, clean(key), bottom=4)
        if isinstance(figures, int | Decimal):
            shown = figure(figures, None)
            column = Column("", "", "decimal", places=len(shown.partition(".")[2]))
            book.cell(sheet, row, 1, figures, column, "", align="left", bottom=4)
        else:
            book.text(sheet, row, 1, key_figure(figures, language), bottom=4)
    row += 2
    book.text(sheet, row, 0, word("contents", language), bold=True)
    for name in names:
        row += 1
        target = "internal:'" + name.replace("'", "''") + "'!A1"
        look = book.format(font_color="#2166AC", underline=1)
        sheet.write_url(row, 0, target, look, string=name)
    if report.recipients:
        between = word("between", language).join(map(clean, report.recipients))
        sheet.write_string(
            row + 2, 0, word("copies", language, names=between)[:_CELL_LIMIT], book.format()
        )
        row += 2
    audit = word("audit", language, head=clean(report.audit_head))[:_CELL_LIMIT]
    sheet.write_string(row + 2, 0, audit, book.format(font_color="#667080"))


def render_xlsx(report: Report) -> bytes:
    """`report` as an Excel file, created on the day of issue as far as anyone can tell."""
    from xlsxwriter import Workbook

    out = BytesIO()
    plain = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(out, plain) as workbook:
        issued = report.issued_on
        workbook.set_properties(
            {
                "title": " ".join(clean(report.title).split())[:255],
                "author": clean(report.issuer)[:255],
                "created": datetime(issued.year, issued.month, issued.day),  # noqa: DTZ001
            }
        )
        book = _Book(workbook, report.language)
        tables = [table for section in report.sections for table in section.tables]
        taken: set[str] = set()
        names = [_sheet_name(table.title, at, taken) for at, table in enumerate(tables, start=1)]
        summary = workbook.add_worksheet(word("sheet_summary", report.language))
        _write_summary(book, summary, report, names)
        _printing(summary, report)
        for name, table in zip(names, tables, strict=True):
            sheet = workbook.add_worksheet(name)
            _write_table(book, sheet, table, report)
            _printing(sheet, report)
    return out.getvalue()
