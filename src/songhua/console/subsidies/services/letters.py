"""The decision as a document: what was decided, by which clause, on which facts, step by step."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from songhua.console import clock, files
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies.capitals import capitals
from songhua.console.subsidies.models import Application, DecisionLetter
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.services.rows import append, locked
from songhua.documents import Column, Report, Section, Table, render
from songhua.kit.errors import Conflict, NotAllowed, Problem
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Assessment
    from songhua.kit.messages import Language
    from songhua.policy import Rule

LIMIT = 20 * 1024 * 1024
DECIDED = ("paying", "evaluation", "archived", "refused", "not_accepted")
REFUSED = ("refused", "not_accepted")


def issue(actor: User, application: Application) -> DecisionLetter:
    """Render and file the decision; by the unit that handles the application, each time anew."""
    application = Application.objects.get(pk=application.pk)
    if actor.unit_id is None or actor.unit_id != application.unit_id:
        raise NotAllowed(Problem("unit", "not_your_row", str(application)))
    report = build(application, "zh")
    content = render(report, ["pdf"])["pdf"]
    stored = files.keep([content], LIMIT)[0]
    with transaction.atomic():
        row = locked(application)
        letter = DecisionLetter(
            application=row, number=f"{report.number}-{row.letters.count() + 1}",
            files={"pdf": stored}, audit_head=report.audit_head, issued_by=actor,
            issued_at=clock.now(),
        )  # fmt: skip
        return append(actor, letter, "decision_issued")


def _decided(application: Application) -> None:
    if application.state not in DECIDED:
        raise Conflict(Problem("state", "subsidy_not_decided"))


def build(application: Application, language: Language) -> Report:
    """The decision as a report: the same records give the same bytes."""
    _decided(application)
    rule = engine.rule_of(application.policy, application.version, application.rule)
    policy = engine.policy_of(application.policy, application.version)
    last = application.assessments.last()
    zh = language == "zh"
    decided_at = application.approved_at
    if application.state in REFUSED:
        decided_at = _refusal(application).at
    return Report(
        title="资金支持决定书" if zh else "Decision on support",
        subtitle=policy.zh if zh else policy.en,
        number=application.decision_number or f"R{application.pk}",
        period_label=_title(rule, zh=zh),
        issuer=application.unit.name_zh if zh else application.unit.name_en,
        issued_on=timezone.localtime(decided_at).date(),
        recipients=(application.subject.name,),
        summary=_summary(application, zh=zh),
        sections=(
            _basis(application, rule, last, zh=zh),
            _facts(application, rule, zh=zh),
            _computation(last, zh=zh),
            _remedy(zh=zh),
        ),
        simulated=settings.SIMULATED,
        audit_head=audit.head(),
        language=language,
    )


def _title(rule: Rule, *, zh: bool) -> str:
    return f"第{rule.article}条　{rule.zh}" if zh else f"Clause {rule.article}: {rule.en}"


def _summary(application: Application, *, zh: bool) -> tuple[tuple[str, str | Decimal], ...]:
    subject = application.subject
    lines: list[tuple[str, str | Decimal]] = [
        ("申报主体" if zh else "Applicant", subject.name),
        ("统一社会信用代码" if zh else "Credit code", subject.organisation_code),
    ]
    if application.state in REFUSED:
        decision = "不予支持" if zh else "Not supported"
        return (*lines, ("决定" if zh else "Decision", decision))
    amount = application.approved_fen or 0
    return (
        *lines,
        ("金额（元）" if zh else "Amount (yuan)", Decimal(yuan(amount))),
        ("金额大写" if zh else "In capitals", capitals(amount)),
    )


def _basis(application: Application, rule: Rule, last: Assessment | None, *, zh: bool) -> Section:
    quote = (last.award["quote"] if last else None) or ""
    said = f"“{quote}”" if quote else (rule.zh if zh else rule.en)
    word = "zh" if zh else "en"
    reasons = [reason[word] for reason in last.award["reasons"]] if last else []
    refused = application.state in REFUSED
    refusal = json.loads(_refusal(application).payload)["reason"] if refused else ""
    heading = "一、依据和理由" if zh else "1. Basis and reasons"
    return Section(heading, (said, *reasons, *([refusal] if refusal else [])))


def _refusal(application: Application) -> AuditEntry:
    """The entry of the log that says when and why it was refused."""
    actions = ("application_refuse", "application_decline")
    entries = AuditEntry.objects.filter(subject=vouch.subject(application), action__in=actions)
    return entries.order_by("-seq")[0]


def _facts(application: Application, rule: Rule, *, zh: bool) -> Section:
    known = application.facts | application.findings
    rows = [
        (fact.zh if zh else fact.en, _shown(known[name], zh=zh))
        for name, fact in rule.facts.items()
        if name in known
    ]
    columns = (
        Column("name", "事项" if zh else "Fact", "text", 2),
        Column("value", "内容" if zh else "Value", "text", 3),
    )
    table = Table("采用的事实" if zh else "Facts used", columns, tuple(rows))
    return Section("二、事实" if zh else "2. Facts", (), (table,))


def _shown(value: object, *, zh: bool) -> str:
    if isinstance(value, bool):
        return ("是" if value else "否") if zh else ("yes" if value else "no")
    if isinstance(value, list):
        return f"{len(value)} 项" if zh else f"{len(value)} items"
    return "—" if value is None else str(value)


def _computation(last: Assessment | None, *, zh: bool) -> Section:
    steps = [step["zh" if zh else "en"] for step in last.award["steps"]] if last else []
    none = "本决定不涉及金额计算。" if zh else "No amount was computed."
    return Section("三、计算过程" if zh else "3. Computation", tuple(steps) or (none,))


def _remedy(*, zh: bool) -> Section:
    text = (
        "【救济途径：由出具单位按适用法律填写复议、诉讼的机关和期限。】"
        if zh
        else "[Right of appeal: the issuing unit states the authority and the time limit.]"
    )
    return Section("四、救济途径" if zh else "4. Right of appeal", (text,))
