"""A report as a Word file, through the office's own template or ours.

A template is data that somebody uploads, so it runs in Jinja's sandbox and a name it misspells
is an `InputError`. The text of the report is escaped once, here.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

from songhua.documents.archive import repacked
from songhua.documents.figures import clean
from songhua.documents.layout import TALL_PT, Page, Sheet, laid_out
from songhua.documents.word_template import HEI, SONG, default_template, fonts
from songhua.documents.words import PAINTS
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.documents.model import Report

_RULE = 'w:val="single" w:sz="4" w:space="0" w:color="C3C9D1"'
_RED = 'w:val="single" w:sz="8" w:space="0" w:color="B8161B"'
_EDGES = (
    f"<w:tblBorders><w:top {_RED}/><w:bottom {_RED}/><w:insideH {_RULE}/></w:tblBorders>"
    '<w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="70" w:type="dxa"/>'
    '<w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
)


def _safe(text: str) -> Markup:
    """`text` for the inside of a run; docxtpl's own marks (``{_{``) stay as they were written."""
    once = str(escape(text))
    return Markup(once.replace("{_", "{&#95;").replace("_}", "&#95;}").replace("%_", "%&#95;"))


def _all_safe(value: Any) -> Any:
    if isinstance(value, str):
        return _safe(value)
    if isinstance(value, dict):
        return {key: _all_safe(inner) for key, inner in value.items()}
    return [_all_safe(inner) for inner in value] if isinstance(value, list | tuple) else value


def _cell(
    text: str,
    width: int,
    align: str,
    run: str,
    fill: str = "",
    *,
    span: int = 1,
    tied: bool = False,
) -> str:
    shade = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    across = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    words = str(_safe(text)).replace("\n", '</w:t><w:br/><w:t xml:space="preserve">')
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{across}{shade}'
        '<w:vAlign w:val="center"/></w:tcPr>'
        f"<w:p><w:pPr>{'<w:keepNext/>' if tied else ''}"
        f'<w:spacing w:before="40" w:after="40"/><w:jc w:val="{align}"/></w:pPr>'
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r></w:p></w:tc>'
    )


def _frame(widths: Iterable[int], rows: Iterable[str], name: str) -> Markup:
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    label = f'<w:tblCaption w:val="{_safe(" ".join(name.split()))}"/>'
    total = f'<w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
    return Markup(
        f"<w:tbl><w:tblPr>{total}{_EDGES}{label}</w:tblPr><w:tblGrid>{grid}</w:tblGrid>"
        f"{''.join(rows)}</w:tbl>"
    )


def _grid(page: Page, sheet: Sheet) -> Markup:
    """A table as WordprocessingML: its head repeats on every page, no row breaks in two."""
    widths = [int(width * 20) for width in page.widths]
    half = round(page.size * 2) + 2
    size = f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>'
    plain, bold = fonts(SONG) + size, fonts(HEI) + "<w:b/>" + size
    inks = {
        word: fonts(SONG) + f'<w:color w:val="{PAINTS[code].ink}"/>' + size
        for word, code in sheet.lights.items()
    }

    def line(
        texts: tuple[str, ...], run: str, fill: str = "", props: str = "", tied: bool = False
    ) -> str:
        cells = []
        for text, width, align, lit in zip(texts, widths, page.aligns, page.lights, strict=True):
            if lit and text in inks:
                mark = PAINTS[sheet.lights[text]].mark
                cells.append(_cell(f"{mark} {text}", width, align, inks[text], fill, tied=tied))
            else:
                cells.append(_cell(text, width, align, run, fill, tied=tied))
        return f"<w:tr><w:trPr>{props}</w:trPr>{''.join(cells)}</w:tr>"

    whole = "<w:cantSplit/>"
    rows = [line(page.heads, bold, "F3E9E6", whole + "<w:tblHeader/>")]
    for number, texts in enumerate(page.rows):
        long = any(len(text) > 600 for text in texts)  # longer than a page must be let go
        tied = page.totals is not None and number == len(page.rows) - 1
        shade = "F7F8FA" if number % 2 else ""
        rows.append(line(texts, plain, shade, "" if long else whole, tied))
    if not page.rows:
        empty = _cell(sheet.no_rows, sum(widths), "center", plain, span=len(widths))
        rows.append(f"<w:tr>{empty}</w:tr>")
    if page.totals is not None:
        rows.append(line(page.totals, bold, "E9EDF2", whole))
    return _frame(widths, rows, page.title)


def _summary_grid(sheet: Sheet) -> Markup:
    widths = [int(TALL_PT * 12), int(TALL_PT * 8)]
    size = '<w:sz w:val="24"/><w:szCs w:val="24"/>'
    rows = [
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{_cell(label, widths[0], 'left', size)}"
        f"{_cell(value, widths[1], 'right', fonts(HEI) + size)}</w:tr>"
        for label, value in sheet.summary
    ]
    return _frame(widths, rows, sheet.summary_title)


def _context(sheet: Sheet) -> dict[str, Any]:
    context: dict[str, Any] = _all_safe(asdict(sheet))
    context["summary_grid"] = _summary_grid(sheet)
    lies_wide = False
    for part, made in zip(sheet.parts, context["parts"], strict=True):
        made["turns"] = "" if part.wide == lies_wide else "wide" if part.wide else "tall"
        lies_wide = part.wide
        for page, table in zip(part.tables, made["tables"], strict=True):
            table["grid"] = _grid(page, sheet)
    return context


def _lay_on_side(document: Any) -> None:
    """Turn the last section, when our template ends on wide pages."""
    from docx.enum.section import WD_ORIENT
    from docx.shared import Twips

    last = document.sections[-1]
    last.orientation = WD_ORIENT.LANDSCAPE
    last.page_width, last.page_height = Twips(16838), Twips(11906)
    last.top_margin, last.bottom_margin = Twips(1474), Twips(1361)
    last.left_margin = last.right_margin = Twips(1247)


def _filled(template: bytes, sheet: Sheet) -> Any:
    from docxtpl import DocxTemplate
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    rules = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
    book = DocxTemplate(BytesIO(template))
    book.render(_context(sheet), rules)
    return book


def _filled_by_office(template: bytes, sheet: Sheet) -> Any:
    """As `_filled`; whatever goes wrong inside somebody's template is theirs to mend."""
    try:
        return _filled(template, sheet)
    except Exception as error:
        raise InputError(Problem("template", "word_template", str(error))) from error


def render_docx(report: Report, template: bytes | None = None) -> bytes:
    """`report` as a Word file; `template` is an office's own .docx with docxtpl's tags.

    The names a template may use are the fields of `songhua.documents.layout.Sheet`, and
    ``summary_grid`` and each table's ``grid`` as finished tables (``{{p t.grid }}``).
    """
    sheet = laid_out(report)
    if template is not None:
        book = _filled_by_office(template, sheet)
    else:
        book = _filled(default_template(), sheet)
        if sheet.parts and sheet.parts[-1].wide:
            _lay_on_side(book.docx)
    about = book.docx.core_properties
    day = report.issued_on
    about.created = about.modified = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    about.author = about.last_modified_by = clean(report.issuer)[:255]
    about.title = " ".join(clean(report.title).split())[:255]
    about.language = "zh-CN" if report.language == "zh" else "en-GB"
    about.revision = 1
    about.comments = about.subject = about.keywords = ""
    out = BytesIO()
    book.save(out)
    return repacked(out.getvalue())
