"""Reports as PDF, Word and Excel: the same records in, the same bytes out, on any day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from songhua.documents.model import LIGHTS, Cell, Column, Kind, Report, Section, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

Format = Literal["pdf", "docx", "xlsx"]

__all__ = ["LIGHTS", "Cell", "Column", "Format", "Kind", "Report", "Section", "Table", "render"]


def render(report: Report, formats: Iterable[Format] = ("pdf", "docx", "xlsx")) -> dict[str, bytes]:
    """`report` in each of `formats`, as bytes ready to be kept or sent.

    >>> from datetime import date
    >>> made = render(Report("月调度", "", "1", "2023-06", "办公室", date(2023, 7, 5), (), (), (),
    ...               simulated=True, audit_head="3f9c"), ["xlsx"])
    >>> made["xlsx"][:2]
    b'PK'
    """
    made: dict[str, bytes] = {}
    for name in formats:
        if name == "pdf":
            from songhua.documents.pdf import render_pdf

            made[name] = render_pdf(report)
        elif name == "docx":
            from songhua.documents.docx import render_docx

            made[name] = render_docx(report)
        elif name == "xlsx":
            from songhua.documents.xlsx import render_xlsx

            made[name] = render_xlsx(report)
        else:
            raise ValueError(f"unknown format {name!r}: pdf, docx or xlsx")
    return made
