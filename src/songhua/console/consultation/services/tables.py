"""意见采纳情况表: published once, when every opinion has its answer, as a page and as documents."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from songhua.console import clock, files
from songhua.console.consultation import access, selectors
from songhua.console.consultation.models import AdoptionTable, Consultation
from songhua.console.consultation.services.rows import append, locked, save
from songhua.console.consultation.words import said
from songhua.console.ledger.services import audit
from songhua.documents import Column, Report, Section, Table, render
from songhua.governance.consultation import OUTCOMES, refuse_incomplete
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from songhua.console.people.models import User
    from songhua.governance.consultation import Row
    from songhua.kit.messages import Language

    Say = Callable[[str, str], str]

LIMIT = 200 * 1024 * 1024


def issue(actor: User, consultation: Consultation) -> AdoptionTable:
    """Publish the table with its PDF, DOCX and XLSX. Raises `Conflict` with everything that is
    still missing."""
    access.demand_drafter(actor, consultation)
    if consultation.phase != "closed":
        code = "consultation_answered" if consultation.answered_at else "consultation_not_closed"
        raise Conflict(Problem("state", code))
    rows, counts = selectors.rows(consultation), selectors.counted(consultation)
    refuse_incomplete(rows, counts["total"])
    day, head = clock.today(), audit.head()
    report = build(consultation, rows, counts, day=day, head=head, language="zh")
    kept = {form: files.keep([data], LIMIT)[0] for form, data in render(report).items()}
    with transaction.atomic():
        row = locked(consultation)
        # The documents were drawn without holding up anybody: nothing may have changed since.
        if row.answered_at or selectors.rows(row) != rows or selectors.counted(row) != counts:
            raise Conflict(Problem("state", "consultation_moved_on"))
        table = AdoptionTable(
            consultation=row, rows=[asdict(one) for one in rows], counts=counts, files=kept,
            audit_head=head, issued_by=actor, issued_at=clock.now(),
        )  # fmt: skip
        append(actor, table, "adoption_table_issued")
        row.answered_at = table.issued_at
        save(actor, row, "consultation_answered", "answered_at")
    return table


def build(
    consultation: Consultation,
    rows: Sequence[Row],
    counts: dict[str, object],
    *,
    day: date,
    head: str,
    language: Language,
) -> Report:
    """The table as a report: the same records give the same bytes."""

    def say(zh: str, en: str) -> str:
        return zh if language == "zh" else en

    unit, closes = consultation.unit, timezone.localtime(consultation.closes_at)
    opened = timezone.localtime(consultation.published_at)
    adopted = {o: sum(row.count for row in rows if row.outcome == o) for o in OUTCOMES}
    return Report(
        title=say("意见采纳情况表", "Adoption of opinions"),
        subtitle=consultation.title,
        number=say(f"征求意见〔{opened.year}〕{consultation.pk} 号",
                   f"Consultation {opened.year}-{consultation.pk}"),
        period_label=f"{opened:%Y-%m-%d %H:%M} – {closes:%Y-%m-%d %H:%M:%S}",
        issuer=say(unit.name_zh, unit.name_en),
        issued_on=day,
        recipients=(),
        summary=(
            (say("收到意见（条）", "Opinions"), counts["total"]),
            *((said("outcome", code, language), count) for code, count in adopted.items()),
        ),
        sections=(_statistics(say, counts, language), _table(say, rows, language)),
        simulated=settings.SIMULATED,
        audit_head=head,
        language=language,
    )  # fmt: skip


def _statistics(say: Say, counts: dict[str, Any], language: Language) -> Section:
    columns = (
        Column("of", say("项目", "Of"), "text", 3),
        Column("n", say("条数", "Number"), "int"),
    )
    by_way = tuple((said("channel", code, language), n) for code, n in counts["by_channel"].items())
    by_sender = tuple((said("sender", c, language), n) for c, n in counts["by_sender"].items())
    tables = (
        Table(say("按渠道", "By channel"), columns, by_way),
        Table(say("按反馈人类别", "By sender"), columns, by_sender),
        Table(say("按条款", "By clause"), columns, tuple(map(tuple, counts["by_clause"]))),
    )
    return Section(say("一、基本情况", "1. What came in"), (), tables)


def _table(say: Say, rows: Sequence[Row], language: Language) -> Section:
    columns = (
        Column("number", say("序号", "No."), "int", 0.6),
        Column("sender", say("反馈人", "From"), "text", 1.2),
        Column("opinion", say("意见", "Opinion"), "text", 5),
        Column("outcome", say("是否采纳", "Adopted"), "text", 1.1),
        Column("reason", say("理由", "Reason"), "text", 4),
    )
    lines = tuple(
        (row.number, row.sender, row.opinion, said("outcome", row.outcome, language), row.reason)
        for row in rows
    )
    note = say(
        "反馈人姓名已作隐名处理；内容相近的意见合并为一项，合并条数见反馈人栏。",
        "Names are masked; opinions that say the same stand in one row with their number.",
    )
    title = say("意见采纳情况", "Opinions and answers")
    return Section(say("二、采纳情况", "2. What became of it"), (),
                   (Table(title, columns, lines, note=note),))  # fmt: skip
