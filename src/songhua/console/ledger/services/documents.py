"""月调度, 季通报, 年总结: drafted from the same rows that the pages show, filed by content.

Lights and missing months of a closed month are read from its snapshot, so a document of a past
period says what shone then; progress is read from the live rows, so what was corrected since is
printed as corrected.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q

from songhua.console import clock, files
from songhua.console.ledger import selectors
from songhua.console.ledger.models import (
    Document,
    MonthlyReport,
    Notice,
    Task,
)
from songhua.console.ledger.services import audit, sections
from songhua.console.ledger.services.programme import current
from songhua.console.ledger.services.rows import office_only
from songhua.documents import Report, render
from songhua.governance.periods import Period, parse_period
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from songhua.console.people.models import User
    from songhua.kit.messages import Language

    Say = Callable[[str, str], str]

KINDS = {
    "month": Document.Kind.MONTH,
    "quarter": Document.Kind.QUARTER,
    "year": Document.Kind.YEAR,
}
TITLES = {
    "month": ("月调度报告", "Monthly review"),
    "quarter": ("季通报", "Quarterly bulletin"),
    "year": ("年总结", "Annual summary"),
}
FILE_LIMIT = 200 * 1024 * 1024


def issue(actor: User, kind: str, text: str) -> Document:
    """Draft, render and file a document with its Chinese PDF, DOCX and XLSX."""
    office_only(actor)
    period = parse_period(text)
    if kind and KINDS[period.kind] != kind:
        raise InputError(Problem("period", "period_kind", text))
    if period.first > clock.today():
        raise Conflict(Problem("period", "period_not_begun", text))
    report, totals = build(period, "zh")
    contents = render(report)
    stored = {form: files.keep([data], FILE_LIMIT)[0] for form, data in contents.items()}
    with transaction.atomic():
        audit.hold()
        edition = _number(period)
        row = Document.objects.create(
            kind=KINDS[period.kind], period=period.name, edition=edition, issued_by=actor,
            issued_at=clock.now(), files=stored, totals=totals, audit_head=report.audit_head,
        )  # fmt: skip
        audit.record(
            actor, "document_issued", f"document:{row.pk}", kind=row.kind, period=text,
            edition=edition, files=stored, totals=totals,
        )  # fmt: skip
    return row


@transaction.atomic
def publish(actor: User, document: Document) -> Document:
    """Show a document to enterprises and the public."""
    office_only(actor)
    document.published = True
    document.save(update_fields=["published"])
    audit.record(actor, "document_published", f"document:{document.pk}")
    return document


def draft(text: str, language: Language = "zh") -> Report:
    """The report of a period such as 2023-06, 2023Q2 or 2023."""
    return build(parse_period(text), language)[0]


def build(period: Period, language: Language) -> tuple[Report, dict[str, int]]:
    """The report of a period and its totals, each of which is a count that SQL can repeat."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    programme = current()
    lines = sections.task_lines(period)
    totals = _totals(period, lines)
    parts = [
        sections.overview(say, totals, lines),
        *([sections.indicators(say, period)] if period.kind != "month" else []),
        sections.units(say, period, lines),
        sections.notices(say, period),
        *([sections.corrections(say, period)] if period.kind == "year" else []),
        sections.tasks(say, lines),
    ]
    names = {u.code: u for u in programme.units}
    lead = names[programme.lead_unit]
    title = say(*TITLES[period.kind])
    report = Report(
        title=say(programme.name_zh, programme.name_en) + say("", " – ") + title,
        subtitle=say(f"{period.first} 至 {period.last}", f"{period.first} to {period.last}"),
        number=say(f"{period.label_zh}第 {_number(period)} 号", f"No. {_number(period)}"),
        period_label=say(period.label_zh, period.label_en),
        issuer=say(lead.name_zh, lead.name_en),
        issued_on=clock.today(),
        recipients=(say("领导小组成员单位", "Members of the leading group"),),
        summary=(
            (say("任务总数", "Tasks"), totals["tasks"]),
            (say("红灯", "Red"), totals["red"]),
            (say("应报", "Reports due"), totals["reports_due"]),
            (say("已报", "Reports in"), totals["reports_in"]),
            (say("按时", "On time"), totals["on_time"]),
            (say("已销号", "Closed"), totals["closed"]),
        ),
        sections=tuple(
            replace(part, heading=f"{say(numeral, f'{n}.')}{say('、', ' ')}{part.heading}")
            for n, (numeral, part) in enumerate(zip("一二三四五六七八", parts, strict=False), 1)
        ),
        simulated=settings.SIMULATED,
        audit_head=audit.head(),
        language=language,
    )
    return report, totals


def _number(period: Period) -> int:
    return Document.objects.filter(kind=KINDS[period.kind], period=period.name).count() + 1


def _totals(period: Period, lines: list[sections.TaskLine]) -> dict[str, int]:
    months_over = [m for m in period.months if m < clock.today().replace(day=1)]
    reports = MonthlyReport.objects.filter(is_current=True, month__in=period.months).aggregate(
        reports_in=Count("pk"), on_time=Count("pk", filter=Q(on_time=True))
    )
    notices = Notice.objects.filter(opened_on__range=(period.first, period.last))
    by_level = dict(notices.order_by().values_list("level").annotate(n=Count("pk")))
    return {
        "tasks": len(lines),
        **{c: sum(line.light == c for line in lines) for c in selectors.COLOURS},
        "reports_due": sum(Task.objects.filter(selectors.due_in(m)).count() for m in months_over),
        **reports,
        "evidence": sum(line.evidence for line in lines),
        "closed": Task.objects.filter(
            closed_at__gte=clock.midnight(period.first),
            closed_at__lt=clock.midnight(period.last + timedelta(days=1)),
        ).count(),
        **{level: by_level.get(level, 0) for level in sections.NOTICE_NAMES},
    }
