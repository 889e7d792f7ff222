"""What of the consultations the plan counts."""

from __future__ import annotations

from django.urls import reverse

from songhua.console.consultation.models import AdoptionTable, Consultation, Opinion
from songhua.console.ledger import counted


def register() -> None:
    """Notices, opinions by the way they came, and the tables of what became of them."""
    counted.register(
        counted.Collection(
            "consultations", "征求意见公告", "Notices of consultation",
            rows=lambda on: Consultation.objects.filter(published_at__date__lte=on),
            name=str, day=lambda row: row.published_at.date(),
            address=lambda row: reverse("consultation", args=[row.pk]),
        ),
        counted.Collection(
            "adoption_tables", "意见采纳情况反馈表", "Tables of what was adopted",
            rows=lambda on: AdoptionTable.objects.filter(issued_at__date__lte=on)
            .select_related("consultation"),
            name=lambda row: str(row.consultation), day=lambda row: row.issued_at.date(),
            address=lambda row: reverse("consultation", args=[row.consultation_id]),
        ),
    )  # fmt: skip
    opinions = Opinion.objects.select_related("consultation")
    for key, zh, en, chosen in (
        ("opinions", "公众意见", "Opinions of the public", opinions),
        ("opinions_registered", "书面、电话和电子邮件意见", "Opinions by post, phone and e-mail",
         opinions.exclude(channel="web")),
    ):  # fmt: skip
        counted.register(counted.Collection(
            key, zh, en, rows=lambda on, chosen=chosen: chosen.filter(received_at__date__lte=on),
            name=lambda row: f"{row.consultation} · {row.receipt}",
            day=lambda row: row.received_at.date(),
            address=lambda row: reverse("consultation_desk", args=[row.consultation_id]),
        ))  # fmt: skip
