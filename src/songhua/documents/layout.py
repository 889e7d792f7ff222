"""A report as printed words on pages: what the PDF and the Word file share.

Widths are reckoned in em, the width of one Chinese character. Figures and dates never wrap, so
a column is at least as wide as its longest figure; what is left is shared by `Column.width`.
A section with a table too wide for an upright page is laid on its side, and only a table too
wide even for that is set smaller.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import combining, east_asian_width

from songhua.documents.figures import clean, day, key_figure, printed
from songhua.documents.words import PAINTS, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from songhua.documents.model import Column, Report, Section, Table
    from songhua.kit.messages import Language

TALL_PT, WIDE_PT = 442.0, 717.0  # the breadth between the margins, upright and on its side
SIZES_PT = (9.0, 8.0, 7.0, 6.0)
_PAD_EM = 1.0
_ROOMY = "mwMW%@&—…"


@dataclass(frozen=True)
class Page:
    """A table ready to be set: every cell is text, widths are points and fill the breadth."""

    title: str
    note: str
    heads: tuple[str, ...]
    aligns: tuple[str, ...]
    widths: tuple[float, ...]
    size: float
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] | None
    lights: tuple[bool, ...]  # which columns hold lights


@dataclass(frozen=True)
class Part:
    """A section ready to be set."""

    heading: str
    wide: bool
    paragraphs: tuple[str, ...]
    tables: tuple[Page, ...]


@dataclass(frozen=True)
class Sheet:
    """A report ready to be set, every text clean."""

    language: Language
    title: str
    subtitle: str
    number: str
    period: str
    issuer: str
    issued_on: str
    issued: str
    copies: str
    simulated: str
    simulated_line: str
    audit: str
    summary_title: str
    summary: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    no_rows: str
    page: tuple[str, str, str]  # before, between and after the two page numbers
    lights: dict[str, str]  # a light's word to its code


def em(text: str) -> float:
    """About how wide `text` is.

    >>> em("松花江"), round(em("1,234"), 2)
    (3.0, 2.85)
    """
    return sum(_em(character) for character in text)


def _em(character: str) -> float:
    if character < "\u0300":
        return 0.95 if character in _ROOMY else 0.72 if character.isupper() else 0.57
    if combining(character):
        return 0.0
    return 1.0 if east_asian_width(character) in "WFA" else 0.62


def breakable(text: str, room_em: float) -> str:
    """`text` with a zero-width space wherever a run without a break is wider than the room.

    >>> breakable("ab" * 4, 2.5).split("\\u200b")
    ['abab', 'abab']
    """
    room = max(room_em, 1.0)

    def cut(run: re.Match[str]) -> str:
        out, filled = [], 0.0
        if em(run[0]) <= room:
            return run[0]
        for character in run[0]:
            if filled + _em(character) > room:
                out.append("\u200b")
                filled = 0.0
            out.append(character)
            filled += _em(character)
        return "".join(out)

    return re.sub(r"[^\s\u2e80-\uffef]+", cut, text)


def needs(column: Column, cells: Sequence[str], ease_em: float) -> float:
    """The em a column asks for: all of a figure, up to `ease_em` of a text, a word of the head."""
    longest = max((em(line) for cell in cells for line in cell.split("\n")), default=0.0)
    head = max((em(w) for w in re.findall(r"[\u2e80-\uffef]{1,4}|\w+", column.title)), default=0.0)
    if column.kind == "text":
        return max(min(longest, ease_em), min(head, ease_em)) + _PAD_EM
    mark = 1.5 if column.kind == "light" else 0.0
    return max(longest + mark, min(head, 6.0)) + _PAD_EM


def share(least: Sequence[float], weights: Sequence[float], breadth: float) -> tuple[float, ...]:
    """`breadth` divided by `weights`, nobody below their least while the breadth allows it.

    >>> share([1, 6], [1, 1], 10)
    (4.0, 6.0)
    """
    if sum(least) >= breadth:
        return tuple(want * breadth / sum(least) for want in least)
    free = dict(enumerate(weights))
    while True:
        left = breadth - sum(want for at, want in enumerate(least) if at not in free)
        unit = left / sum(free.values())
        short = [at for at in free if free[at] * unit < least[at]]
        if not short:
            return tuple(
                free[at] * unit if at in free else float(want) for at, want in enumerate(least)
            )
        for at in short:
            del free[at]


def _columns(table: Table, language: Language) -> list[list[str]]:
    rows = table.rows
    return [
        [printed(row[at], column, language, table.missing) for row in rows]
        for at, column in enumerate(table.columns)
    ]


def _totals(table: Table, language: Language) -> tuple[str, ...] | None:
    if table.totals is None:
        return None
    pairs = zip(table.columns, table.totals, strict=True)
    return tuple(printed(cell, column, language, "") for column, cell in pairs)


def _part(section: Section, language: Language, number: Callable[[], int]) -> Part:
    sets = [
        (table, _columns(table, language), _totals(table, language)) for table in section.tables
    ]
    asked = [
        [
            [
                needs(column, cells[at] + ([totals[at]] if totals else []), ease)
                for at, column in enumerate(table.columns)
            ]
            for ease in (7.0, 3.0)
        ]
        for table, cells, totals in sets
    ]
    wide = any(sum(comfort) * SIZES_PT[0] > TALL_PT for comfort, _ in asked)
    breadth = WIDE_PT if wide else TALL_PT
    pages = []
    for (table, cells, totals), (_, least) in zip(sets, asked, strict=True):
        size = next((pt for pt in SIZES_PT if sum(least) * pt <= breadth), SIZES_PT[-1])
        widths = share([want * size for want in least], [c.width for c in table.columns], breadth)
        pages.append(
            Page(
                title=word("table", language, n=number(), title=clean(table.title)),
                note=word("note", language, note=clean(table.note)) if table.note else "",
                heads=tuple(clean(column.title) for column in table.columns),
                aligns=tuple(ALIGNS[column.kind] for column in table.columns),
                widths=tuple(int(width * 100) / 100 for width in widths),
                size=size,
                rows=tuple(zip(*cells, strict=True)),
                totals=totals,
                lights=tuple(column.kind == "light" for column in table.columns),
            )
        )
    paragraphs = tuple(clean(paragraph) for paragraph in section.paragraphs)
    return Part(clean(section.heading), wide, paragraphs, tuple(pages))


ALIGNS = {
    "text": "left",
    "int": "right",
    "decimal": "right",
    "percent": "right",
    "date": "center",
    "month": "center",
    "light": "left",
}


def laid_out(report: Report) -> Sheet:
    """`report` as printed text, the same for the PDF and the Word file."""
    language = report.language
    count = iter(range(1, 1_000_000))
    before, rest = word("page", language, page="\0", pages="\1").split("\0")
    between, after = rest.split("\1")
    names = word("between", language).join(clean(name) for name in report.recipients)
    issued_on = day(report.issued_on, language)
    return Sheet(
        language=language,
        title=clean(report.title),
        subtitle=clean(report.subtitle),
        number=clean(report.number),
        period=clean(report.period_label),
        issuer=clean(report.issuer),
        issued_on=issued_on,
        issued=word("issued", language, date=issued_on),
        copies=word("copies", language, names=names) if names else "",
        simulated=word("simulated", language) if report.simulated else "",
        simulated_line=word("simulated_line", language) if report.simulated else "",
        audit=word("audit", language, head=clean(report.audit_head)),
        summary_title=word("summary", language),
        summary=tuple((clean(k), key_figure(v, language)) for k, v in report.summary),
        parts=tuple(_part(section, language, count.__next__) for section in report.sections),
        no_rows=word("no_rows", language),
        page=(before, between, after),
        lights={word(f"light_{code}", language): code for code in PAINTS},
    )
