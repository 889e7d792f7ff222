"""A report as a PDF/A file, set by Typst with the fonts of the package and nothing of the machine.

Everything a person wrote reaches `report.typ` as JSON and is placed as text, so ``#eval``, ``$``,
``*`` and ``@`` stay what they are. The only date in the file is the day of issue.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from songhua.documents.figures import clean
from songhua.documents.glyphs import drawable
from songhua.documents.layout import TALL_PT, WIDE_PT, Page, Part, Sheet, breakable, laid_out
from songhua.documents.words import PAINTS

if TYPE_CHECKING:
    from typst import Compiler

    from songhua.documents.model import Report

_one_at_a_time = Lock()  # the compiler is cached and is not ours to share between threads


@cache
def _compiler() -> Compiler:
    import pylopdf_fonts_zh_cn
    import typst

    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(Path(pylopdf_fonts_zh_cn.sans_path()).parent)],
    )
    absent = {"Noto Sans SC", "Noto Serif SC"} - set(fonts.families())
    if absent:  # Typst would print an empty page without a word
        raise RuntimeError(f"pylopdf-fonts-zh-cn carries no {', '.join(sorted(absent))}")
    return typst.Compiler(root=str(Path(__file__).parent), font_paths=fonts)


@cache
def _template() -> bytes:
    return files("songhua.documents").joinpath("report.typ").read_bytes()


def _wrapped(page: Page) -> Page:
    """`page` whose cells can break wherever they must."""
    rooms = [width / page.size - 0.9 for width in page.widths]

    def row(cells: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(breakable(cell, room) for cell, room in zip(cells, rooms, strict=True))

    return replace(
        page,
        title=breakable(page.title, TALL_PT / 11),
        note=breakable(page.note, TALL_PT / 9),
        heads=row(page.heads),
        rows=tuple(row(cells) for cells in page.rows),
        totals=None if page.totals is None else row(page.totals),
    )


def _wrapped_part(part: Part) -> Part:
    room = (WIDE_PT if part.wide else TALL_PT) / 13
    return replace(
        part,
        heading=breakable(part.heading, room * 0.8),
        paragraphs=tuple(breakable(paragraph, room * 0.9 - 2) for paragraph in part.paragraphs),
        tables=tuple(_wrapped(page) for page in part.tables),
    )


def _wrapped_sheet(sheet: Sheet) -> Sheet:
    return replace(
        sheet,
        title=breakable(sheet.title, 19),
        subtitle=breakable(sheet.subtitle, 30),
        issuer=breakable(sheet.issuer, 15),
        number=breakable(sheet.number, 18),
        audit=breakable(sheet.audit, 50),
        copies=breakable(sheet.copies, 34),
        summary=tuple((breakable(k, 12), breakable(v, 8)) for k, v in sheet.summary),
        parts=tuple(_wrapped_part(part) for part in sheet.parts),
    )


def render_pdf(report: Report) -> bytes:
    """`report` as PDF: A4, its wide sections on their side, the same bytes on any day."""
    data = asdict(_wrapped_sheet(laid_out(report)))
    data["paints"] = {code: paint._asdict() for code, paint in PAINTS.items()}
    data["plain_title"] = " ".join(clean(report.title).split())
    day = report.issued_on
    data["date"] = [day.year, day.month, day.day]
    text = drawable(json.dumps(data, ensure_ascii=False))
    with _one_at_a_time:
        compiler = _compiler()
        made = compiler.compile(
            _template(),
            sys_inputs={"report": text},
            format="pdf",
            pdf_standards=["a-2a"],
            timestamp=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
        for _ in range(11):  # Typst remembers ten documents; ours may hold a whole city's ledger
            compiler.compile(b"", sys_inputs={}, format="pdf")
    assert isinstance(made, bytes)
    return made
