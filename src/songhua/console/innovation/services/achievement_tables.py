"""Achievements and demands as spreadsheets. One that is brought in is entered whole, or not at
all, with every cell that stands in the way named."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.design.bilingual import choose, language
from songhua.console.innovation.models import Achievement
from songhua.console.innovation.services.achievement_registry import enter
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem
from songhua.kit.money import yuan
from songhua.tables import Field, annotated_copy, match, read, to_xlsx
from songhua.tables.grid import letters

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from songhua.console.people.models import User
    from songhua.tables.grid import Cell

COLUMNS = {
    "kind": ("类别", "Kind"), "title": ("名称", "Title"), "text": ("说明", "Description"),
    "field": ("领域", "Field"), "district": ("区县", "District"), "stage": ("阶段", "Stage"),
    "trl_low": ("成熟度从", "TRL from"), "trl_high": ("成熟度到", "TRL to"),
    "low_yuan": ("金额从（元）", "Yuan from"), "high_yuan": ("金额到（元）", "Yuan to"),
    "rights": ("权属", "Rights"),
}  # fmt: skip
MORE = {"number": ("编号", "No."), "owner": ("单位", "Owner")}
NEEDED = ("kind", "title", "text", "field")
MOST_ROWS = 5000
CODES = {
    figures.plain(label): code
    for words in (Achievement.Kind, Achievement.Stage) for code, label in words.choices
}  # fmt: skip


def template() -> bytes:
    """An empty sheet with the headings."""
    return to_xlsx(choose("成果与需求", "Achievements"), _headings(COLUMNS.values()), [])


def _headings(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [choose(*pair) for pair in pairs]


def export(rows: Iterable[Achievement]) -> bytes:
    """These records as a workbook that can be brought in again."""
    headings = _headings([*COLUMNS.values(), *MORE.values()])
    return to_xlsx(choose("成果与需求", "Achievements"), headings, _lines(rows))


def _lines(rows: Iterable[Achievement]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        money = [None if fen is None else yuan(fen) for fen in (row.low_fen, row.high_fen)]
        yield [
            row.get_kind_display(), row.title, row.text, row.field, row.district,
            row.get_stage_display(), row.trl_low, row.trl_high, *money, row.rights, row.pk,
            str(row.owner),
        ]  # fmt: skip


def bring(actor: User, name: str, content: bytes) -> int:
    """Enter every row; how many. Raises `InputError` with all that is wrong."""
    fields = [
        Field(code, titles, lambda cell, _where: str(cell), required=code in NEEDED)
        for code, titles in COLUMNS.items()
    ]
    allowed = [title for pair in MORE.values() for title in pair]
    records = match(read(content, name), fields, key=(), allow=allowed)
    if len(records) > MOST_ROWS:
        raise InputError(Problem(name, "cooperation_rows", str(MOST_ROWS)))
    problems: list[Problem] = []
    with transaction.atomic():
        for record in records:
            given = {code: str(value or "") for code, value in record.values.items()}
            for code in ("kind", "stage"):
                given[code] = CODES.get(figures.plain(given[code]), given[code])
            try:
                enter(actor, **given)
            except InputError as error:
                problems += [
                    replace(p, row=record.row, column=_place(record.columns.get(p.where), p.where))
                    for p in error.problems
                ]
        if problems:
            raise InputError(problems)
    return len(records)


def _place(column: int | None, where: str) -> str:
    """The column as people find it: "C 说明"."""
    return where if column is None else f"{letters(column)} {choose(*COLUMNS[where])}"


def marked(name: str, content: bytes, problems: Sequence[Problem]) -> bytes:
    """The spreadsheet with every bad cell marked and the sentence as its comment."""
    return annotated_copy(read(content, name), problems, language())
