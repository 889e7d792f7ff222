"""What of the subsidies desk the plan counts."""

from __future__ import annotations

from functools import partial

from django.db.models import F, OuterRef, Subquery
from django.urls import reverse

from songhua.console.ledger import counted
from songhua.console.subsidies.models import Application, CaseFile, Choice, Payment, Subject
from songhua.console.subsidies.services import counts

NAMES = {
    "firms": ("人工智能企业名录", "AI enterprises"),
    "platforms": ("技术平台和孵化平台", "Technology and incubation platforms"),
    "talent": ("高端人才", "Senior talents"),
    "talent_master": ("高端人才中的硕士", "Talents with a master's degree"),
    "talent_phd": ("高端人才中的博士", "Talents with a doctorate"),
    "talent_prof": ("副教授、教授和学科带头人", "Professors and leaders of a discipline"),
}


def _subject(row: Subject) -> str:
    return reverse("subject", args=[row.pk])


def _application(row: Payment | CaseFile) -> str:
    return reverse("application", args=[row.application_id])


def _paid(row: Payment) -> str:
    return f"{row.application.subject} · {row.application.rule} · {row.number}"


def register() -> None:
    """The registry's indicators, payments by clause, referrals, free choices."""
    for code in counts.counted_codes():
        counted.register(counted.Collection(
            code, *NAMES.get(code, (code, code)), rows=partial(counts.behind, code),
            name=str, day=lambda row: row.since, address=_subject,
        ))  # fmt: skip
    payments = Payment.objects.select_related("application__subject")
    for key, zh, en, chosen in (
        ("payments", "政策资金拨付", "Payments under the policy", payments),
        ("payments_research", "第一条研发补助拨付", "Payments under clause 1, research",
         payments.filter(application__rule__startswith="P01")),
        ("payments_carriers", "第三条载体和研发机构拨付", "Payments under clause 3, carriers",
         payments.filter(application__rule__startswith="P03")),
    ):  # fmt: skip
        counted.register(counted.Collection(
            key, zh, en, rows=lambda on, chosen=chosen: chosen.filter(paid_on__lte=on),
            name=_paid, day=lambda row: row.paid_on, address=_application,
        ))  # fmt: skip
    newest = Choice.objects.filter(subject=OuterRef("subject")).order_by("-pk").values("pk")[:1]
    counted.register(
        counted.Collection(
            "choices", "不重复支持的自愿选择", "Free choices where one support excludes another",
            rows=lambda on: Choice.objects.filter(made_at__date__lte=on)
            .annotate(newest=Subquery(newest)).filter(pk=F("newest")).select_related("subject"),
            name=lambda row: str(row.subject), day=lambda row: row.made_at.date(),
            address=lambda row: _subject(row.subject),
        ),
        counted.Collection(
            "negotiated_cases", "一事一议立案", "Negotiated cases",
            rows=lambda on: CaseFile.objects.filter(kind="negotiated", opened_at__date__lte=on)
            .select_related("application__subject"),
            name=lambda row: f"{row.application.subject} · {row.application.rule}",
            day=lambda row: row.opened_at.date(), address=_application,
        ),
        counted.Collection(
            "applications", "政策申报", "Applications under the policy",
            rows=lambda on: Application.objects.filter(applied_on__lte=on)
            .select_related("subject"),
            name=lambda row: f"{row.subject} · {row.rule}", day=lambda row: row.applied_on,
            address=lambda row: reverse("application", args=[row.pk]),
        ),
    )  # fmt: skip
