"""Published consultations for programs, without a token: notices, clauses and adoption tables."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Router, Schema

from songhua.console.consultation import selectors
from songhua.console.consultation.models import AdoptionTable, Consultation
from songhua.console.runs.api.given import Before, Most, Number
from songhua.console.runs.api.rows import page
from songhua.console.runs.api.shown import REFUSALS

router = Router(tags=["征求意见 / Consultations"], auth=None)


class ConsultationShown(Schema):
    """A notice as published; `opinions` is how many were received so far."""

    id: int
    title: str
    unit: str
    state: Literal["open", "closed", "answered"]
    published_at: datetime
    closes_at: datetime
    answered_at: datetime | None
    opinions: int


class ConsultationList(Schema):
    """A page of notices, and the number to go on below."""

    rows: list[ConsultationShown]
    next: int | None


class ClauseShown(Schema):
    """A clause of the newest version of the draft; `id` stays through the versions."""

    id: int
    number: str
    parent: int | None
    text: str


class AdoptionShown(Schema):
    """A row of the adoption table; `count` opinions say the same."""

    number: int
    sender: str
    opinion: str
    count: int
    outcome: Literal["adopted", "partly", "not_adopted"]
    reason: str


class ConsultationWhole(ConsultationShown):
    """A notice with its draft and, once it is answered, with the adoption table."""

    about: str
    clauses: list[ClauseShown]
    table: list[AdoptionShown] | None


def _shown(row: Consultation) -> dict[str, Any]:
    return {
        "id": row.pk, "title": row.title, "unit": row.unit.name_zh, "state": row.phase,
        "published_at": row.published_at, "closes_at": row.closes_at,
        "answered_at": row.answered_at, "opinions": row.opinions.count(),
    }  # fmt: skip


@router.get(
    "/consultations", url_name="consultations", response={200: ConsultationList, **REFUSALS},
    summary="征求意见一览 / List consultations",
)  # fmt: skip
def consultations(request: HttpRequest, before: Before = None, most: Most = 50) -> dict[str, Any]:
    """Everything published, newest first; no token is needed."""
    return page(selectors.published(), _shown, before, most)


@router.get(
    "/consultations/{number}", url_name="consultation",
    response={200: ConsultationWhole, **REFUSALS}, summary="一次征求意见 / One consultation",
)  # fmt: skip
def consultation(request: HttpRequest, number: Number) -> dict[str, Any]:
    """The notice, the draft by clause, and the adoption table once it is published."""
    row = get_object_or_404(selectors.published(), pk=number)
    version, table = row.versions.last(), AdoptionTable.objects.filter(consultation=row).first()
    clauses = [
        {"id": c.id, "number": c.number, "parent": c.parent, "text": c.text.strip("\n")}
        for c in version.read()
    ]
    return _shown(row) | {"about": row.about, "clauses": clauses, "table": table and table.rows}
