"""Values of records as people read them, as spreadsheets hold them, and as programs get them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone

from songhua.console.cooperation.words import said
from songhua.console.design.bilingual import choose, field, language
from songhua.console.design.figures import day_text, figure, moment
from songhua.console.people.models import User
from songhua.kit.messages import catalogue, sentence
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.cooperation.models import Record
    from songhua.console.cooperation.shelf import Column, Kind
    from songhua.console.ledger.models import AuditEntry
    from songhua.tables.grid import Cell

UNKNOWN = "—"
DONE = {
    "entered": ("登记", "entered"), "changed": ("更正", "corrected"),
    "struck": ("作废", "struck out"), "cancelled": ("取消", "cancelled"),
    "done": ("完成", "done"), "given": ("颁奖", "given"), "received": ("转入", "received"),
    "taken": ("对接基金", "taken up"), "placed": ("已支持并答复", "supported and answered"),
    "declined": ("不予支持并答复", "declined and answered"),
    "answered": ("转出部门已答复", "answered by the desk"),
}  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """A value in words, and where it leads, if anywhere."""

    text: str
    url: str = ""


def shown(column: Column, row: Record) -> Shown:
    """A value of a record for a page."""
    value = getattr(row, column.name)
    if value is None or value == "" or value == []:
        return Shown(UNKNOWN)
    match column.type:
        case "link":
            return Shown(str(value), reverse("cooperation_record", args=[column.to, value.pk]))
        case "subject":
            kept = value.merged_into or value
            return Shown(kept.name, reverse("subject", args=[kept.pk]))
        case "unit":
            return Shown(field(value, "name"))
        case "yuan":
            return Shown(figure(Decimal(yuan(value)), 2) + choose("元", " yuan"))
        case "yes":
            return Shown(choose("是", "yes") if value else choose("否", "no"))
        case "one_of":
            return Shown(said(column.words, value))
        case "day":
            return Shown(str(day_text(value)))
        case "hour":
            return Shown(str(moment(value)))
        case "names":
            return Shown(choose("、", ", ").join(value))
        case "prizes":
            return Shown(choose("、", ", ").join(f"{name} {count}" for name, count in value))
    return Shown(str(value))


def listed(kind: Kind) -> list[Column]:
    """The columns of a list: no long texts, and the title by itself."""
    wanted = [c for c in (*kind.columns, *kind.more) if c.type not in ("long", "names", "prizes")]
    return [c for c in wanted if c.name != "title"]


def typed(column: Column, row: Record) -> str:
    """A value as it would be typed into the form."""
    value = cell(column, row)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M}"
    return "" if value is None else str(value)


def cell(column: Column, row: Record) -> Cell:
    """A value for a spreadsheet, in the form in which it can be brought in again."""
    value: Any = getattr(row, column.name)
    if value is None or value == "":
        return None
    match column.type:
        case "link":
            return f"#{value.pk} {value}"
        case "subject":
            return str((value.merged_into or value).organisation_code or value.name)
        case "unit":
            return str(value.name_zh)
        case "yuan":
            return Decimal(yuan(value))
        case "yes":
            return "是" if value else "否"
        case "one_of":
            return said(column.words, value)
        case "hour":
            return timezone.localtime(value).replace(tzinfo=None)
        case "names":
            return "、".join(value)
        case "prizes":
            return "，".join(f"{name} {count}" for name, count in value)
    return value if isinstance(value, int | date) else str(value)


def plain(kind: Kind, row: Record) -> dict[str, Any]:
    """A record for programs: instants and days as ISO 8601, money in yuan as text."""
    values = {}
    for column in (*kind.columns, *kind.more):
        value = getattr(row, column.name)
        if column.type in ("link", "subject") and value is not None:
            value = value.pk
        elif column.type == "yuan" and value is not None:
            value = yuan(value)
        elif isinstance(value, date):
            value = value.isoformat()
        values[column.name] = value
    return {
        "id": row.pk, "title": values.pop("title"), "unit": row.unit.code,
        "state": getattr(row, "state", None), "values": values,
    }  # fmt: skip


def rows_of(kind: Kind, found: Iterable[Record], columns: list[Column]) -> Iterable[list[Cell]]:
    """The lines of a spreadsheet: the number of each record, then its columns."""
    for row in found:
        yield [row.pk, *(cell(column, row) for column in columns)]


def story(entries: Iterable[AuditEntry]) -> list[tuple[datetime, str, str, str]]:
    """The steps of a record, newest first: when, who, what, why; 1 query for the names."""
    entries = list(entries)
    people = {u.username: u for u in User.objects.filter(username__in={e.actor for e in entries})}
    return [
        (entry.at, str(people.get(entry.actor, entry.actor)), _act(entry.action),
         str(json.loads(entry.payload).get("reason") or ""))
        for entry in reversed(entries)
    ]  # fmt: skip


def _act(action: str) -> str:
    """What was done, in words."""
    step = f"contest_action_{action.removeprefix('contest_')}"
    if step in catalogue():
        return sentence(step, language())
    word = action.rpartition("_")[2]
    return choose(*DONE[word]) if word in DONE else action
