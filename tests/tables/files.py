"""Builds the files that offices, and people with worse intentions, send."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import xlsxwriter

from songhua.kit.figures import decimal, percent, plain
from songhua.tables import Field

if TYPE_CHECKING:
    from collections.abc import Callable

NAMESPACE = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(fill: Callable[[Any, Any], object], name: str = "月报") -> bytes:
    """A workbook whose one sheet `fill(book, sheet)` has written."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        fill(made, made.add_worksheet(name))
    return out.getvalue()


def table(rows: list[list[Any]]) -> bytes:
    """A workbook with `rows` from A1."""
    return book(lambda _, sheet: [sheet.write_row(n, 0, row) for n, row in enumerate(rows)])


def with_parts(changed: dict[str, bytes | str], data: bytes | None = None) -> bytes:
    """A workbook with some parts replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or table([["a"]]))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in changed:
                new.writestr(name, old.read(name))
        for name, content in changed.items():
            new.writestr(name, content)
    return out.getvalue()


def with_sheet(sheet_data: str, before: str = "") -> bytes:
    """A workbook whose first sheet holds this XML."""
    xml = f"{before}<worksheet {NAMESPACE}><sheetData>{sheet_data}</sheetData></worksheet>"
    return with_parts({"xl/worksheets/sheet1.xml": xml})


def text(cell: object, where: str) -> str:
    return plain(cell)


def raw(cell: object, where: str) -> object:
    return cell


UNIT = Field("unit", ("责任单位", "单位", "Unit"), text)
PLANNED = Field("planned", ("计划进度(%)", "进度/计划", "计划"), percent)
ACTUAL = Field("actual", ("完成进度(%)", "进度/实际", "实际", "Actual"), percent)
FUNDS = Field("funds", ("到位资金(万元)",), decimal, required=False)
