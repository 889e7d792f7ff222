"""The ledger's words, reasons and rights for its pages: ``{% load ledger %}``.

The words stand in ``words.csv``; a word that is not there is shown as it is written.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from django import template
from django.utils.html import format_html

from songhua.console import clock
from songhua.console.design import bilingual
from songhua.console.design.figures import figure
from songhua.console.design.icons import ICONS
from songhua.console.ledger import history as chronicle
from songhua.console.people.models import Role
from songhua.console.people.rights import may_open
from songhua.governance.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from django.utils.safestring import SafeString

    from songhua.console.ledger.models import AuditEntry, MonthlyReport
    from songhua.console.ledger.selectors import MonthCell
    from songhua.console.people.models import User

register = template.Library()

FEN_PER_WAN = 1_000_000
TONES = {
    "active": "blue", "closing": "yellow", "closed": "green", "suspended": "", "cancelled": "",
    "reminder": "blue", "supervision": "yellow", "interview": "red",
    "submitted": "yellow", "accepted": "green", "rejected": "red",
    "entered": "yellow", "confirmed": "green", "returned": "red", "withdrawn": "",
    "received": "blue", "running": "blue", "done": "green", "refused": "red",
    "open": "blue", "expired": "yellow",
    "queued": "blue", "failed": "red", "proposed": "yellow", "approved": "blue",
    "carried_out": "blue", "measured": "green", "benchmarked": "blue", "field_tested": "green",
}  # fmt: skip


@cache
def words() -> dict[tuple[str, str], tuple[str, str]]:
    """``{(kind, code): (zh, en)}`` as declared in ``words.csv``."""
    with (files("songhua.console.ledger") / "words.csv").open(encoding="utf-8") as stream:
        return {(r["kind"], r["code"]): (r["zh"], r["en"]) for r in csv.DictReader(stream)}


@register.filter
def word(code: object, kind: str) -> str:
    """``{{ task.state|word:"state" }}``: the word for a code in the reader's language."""
    pair = words().get((kind, str(code)))
    return bilingual.choose(*pair) if pair else str(code)


@register.simple_tag
def tag(code: object, kind: str) -> SafeString:
    """``{% tag task.state "state" %}``: the word as a small label in its colour."""
    tone = TONES.get(str(code), "")
    return format_html(
        '<span class="tag{}">{}</span>', f" tag-{tone}" if tone else "", word(code, kind)
    )


@register.filter
def pairs(kind: str) -> list[tuple[str, str]]:
    """``{% for code, text in "state"|pairs %}``: every code of a kind with its word."""
    return [(code, bilingual.choose(*pair)) for (k, code), pair in words().items() if k == kind]


@register.filter
def reasons(given: Iterable[Mapping[str, object] | str] | None) -> list[str]:
    """Stored reasons ``[{"code": …, "values": {…}}]`` as sentences in the reader's language."""
    return [
        each if isinstance(each, str)
        else Reason(str(each["code"]), each.get("values") or {}).text(bilingual.language())
        for each in given or ()
    ]  # fmt: skip


@register.filter
def reason(given: Iterable[Mapping[str, object] | str] | None) -> str:
    """The first of the stored reasons (the worst), as a sentence; "" where there is none."""
    return next(iter(reasons(given)), "")


@register.simple_tag(takes_context=True)
def may(context: template.Context, route: str, method: str = "GET") -> bool:
    """``{% may "task_new" as ok %}``: whether this person's role opens the route."""
    return may_open(context["request"].user, route, method)


@register.filter
def wan(fen: int | None) -> str:
    """Fen as 万元, exactly: 123456700 is 123.4567. Unknown stays a dash."""
    return figure(None if fen is None else Decimal(fen) / FEN_PER_WAN)


@register.filter
def days_until(day: date, today: date) -> int:
    """Days from `today` to `day`; negative where it is past."""
    return (day - today).days


@register.filter
def locked(account: User) -> bool:
    """Whether too many wrong passwords keep this account out now."""
    return account.locked_until is not None and account.locked_until > clock.now()


@register.filter
def item(mapping: Mapping[object, object], key: object) -> object:
    """``{{ rows|item:task.pk }}``; None where there is no such key."""
    return mapping.get(key)


@register.filter
def task_acts(names: str, actions: Mapping[str, bool]) -> list[str]:
    """Those of ``"activate,suspend"`` whose ``may_activate`` … is true."""
    return [name for name in names.split(",") if actions.get(f"may_{name}")]


@register.filter
def window_state(cell: MonthCell | Mapping[str, object], today: date) -> str:
    """closed by the office, expired by its deadline, open, or none (the month is not over)."""
    window = bilingual.value(cell, "window")
    if window is None:
        return "none"
    if window.closed_at is not None:
        return "closed"
    return "expired" if today > window.expires_on else "open"


@register.filter
def after(cells: Iterable[MonthCell], today: date) -> list[MonthCell]:
    """The months that have not begun."""
    return [cell for cell in cells if cell.month > today and cell.report is None]


@register.simple_tag(takes_context=True)
def reportable(context: template.Context, cells: Iterable[MonthCell]) -> list[MonthCell]:
    """``{% reportable cells as free %}``: months that still take a first report: ended ones, the
    newest first, then the present one. What is closed or expired only the office may fill in."""
    today = clock.today()
    taken = () if context["request"].user.role == Role.OFFICE else ("closed", "expired")
    free = [
        cell for cell in cells
        if cell.report is None and cell.month <= today and window_state(cell, today) not in taken
    ]  # fmt: skip
    ended = [cell for cell in free if cell.window is not None]
    return [*reversed(ended), *(cell for cell in free if cell.window is None)]


@register.filter
def superseded(cell: MonthCell) -> list[tuple[MonthlyReport, MonthlyReport | None]]:
    """The earlier figures of a month, newest first, each with the report that replaced it."""
    versions = [*cell.earlier, *([cell.report] if cell.report else [])]
    replaced_by = {row.supersedes_id: row for row in versions if row.supersedes_id}
    return [(row, replaced_by.get(row.pk)) for row in reversed(cell.earlier)]


@register.simple_tag(takes_context=True)
def sort_head(
    context: template.Context, name: str, zh: str, en: str, target: str = "#grid", css: str = ""
) -> SafeString:
    """A column's head that sorts by `name`: a link, an arrow, and aria-sort."""
    request = context["request"]
    now = request.GET.get("sort") or "code"
    up, down = now == name, now == f"-{name}"
    parameters = request.GET.copy()
    parameters["sort"] = f"-{name}" if up else name
    parameters.pop("page", None)
    address = f"{request.path}?{parameters.urlencode()}"
    return format_html(
        '<th scope="col" class="{}"{}><a class="text-reset text-nowrap" href="{}" hx-get="{}"'
        ' hx-target="{}" hx-swap="outerHTML" hx-push-url="true">{}'
        '<span aria-hidden="true">{}</span></a></th>',
        css,
        format_html(' aria-sort="{}"', "ascending" if up else "descending") if up or down else "",
        address, address, target, bilingual.choose(zh, en),
        " ▲" if up else " ▼" if down else "",
    )  # fmt: skip


@register.filter
def timeline(entries: Iterable[AuditEntry]) -> list[dict[str, object]]:
    """Audit entries as the timeline component takes them, in words."""
    found = chronicle.told(list(entries), word)
    return [{**line, "icon": line["icon"] if line["icon"] in ICONS else "check"} for line in found]


@register.filter
def told(entry: AuditEntry) -> str:
    """What an audit entry holds, in one readable line."""
    return chronicle.text(entry, word)


@register.filter
def subject(entry: AuditEntry) -> str:
    """``task:17`` as 任务 17."""
    kind, _, key = entry.subject.partition(":")
    return f"{word(kind, 'subject')} {key}".strip()
