"""Decisions on the ground of a run, and evidence for the ledger."""

from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router, Status

from songhua.console.api.once import Key, once
from songhua.console.ledger.models import Task
from songhua.console.runs.api import shown
from songhua.console.runs.api.given import (
    Before,
    CarriedOut,
    Decided,
    DecisionProposed,
    DecisionState,
    EvidenceAttached,
    Measured,
    Most,
    Number,
)
from songhua.console.runs.api.rows import one, page, seen
from songhua.console.runs.api.shown import REFUSALS, DecisionPage, DecisionShown, EvidenceShown
from songhua.console.runs.models import Decision, Run
from songhua.console.runs.services import decisions as service
from songhua.console.runs.services import runs

router = Router(tags=["决定与佐证 / Decisions and evidence"])
PEOPLE = ("proposed_by", "decided_by", "carried_out_by", "measured_by")


@router.get(
    "/decisions", url_name="decisions", response={200: DecisionPage, **REFUSALS},
    summary="决定一览 / List decisions",
)  # fmt: skip
def decisions(
    request: HttpRequest,
    run: Annotated[Number | None, Query(None)],
    state: Annotated[DecisionState | None, Query(None)],
    before: Before,
    limit: Most,
) -> dict[str, Any]:
    """Newest first."""
    rows = seen(request, Decision, "run__").select_related(*PEOPLE)
    return page(rows, shown.decision, before, limit, run=run, state=state)


@router.post(
    "/decisions", url_name="decisions", response={201: DecisionShown, **REFUSALS},
    summary="提出决定 / Propose a decision",
)  # fmt: skip
def decision_propose(request: HttpRequest, body: DecisionProposed, key: Key) -> Status:
    """On the ground of a run that is done."""
    run = one(request, Run, body.run)

    def propose() -> dict[str, Any]:
        made = service.propose(request.user, run, text=body.text, indicator=body.indicator)
        return shown.decision(made)

    return Status(201, once(request, key, body.model_dump(mode="json"), propose))


@router.get(
    "/decisions/{number}", url_name="decision", response={200: DecisionShown, **REFUSALS},
    summary="一项决定 / One decision",
)  # fmt: skip
def decision(request: HttpRequest, number: Number) -> dict[str, Any]:
    """What was proposed, and what became of it."""
    return shown.decision(one(request, Decision, number, "run__"))


@router.post(
    "/decisions/{number}/decide", url_name="decision_decide",
    response={200: DecisionShown, **REFUSALS}, summary="批准或否决 / Approve or refuse",
)  # fmt: skip
def decision_decide(request: HttpRequest, number: Number, body: Decided) -> dict[str, Any]:
    """By the leader or the office, never by who proposed."""
    row = one(request, Decision, number, "run__")
    return shown.decision(
        service.decide(request.user, row, approved=body.approved, reason=body.reason)
    )


@router.post(
    "/decisions/{number}/carry-out", url_name="decision_carry_out",
    response={200: DecisionShown, **REFUSALS}, summary="登记执行 / Say that it was carried out",
)  # fmt: skip
def decision_carry_out(request: HttpRequest, number: Number, body: CarriedOut) -> dict[str, Any]:
    """After it was approved."""
    row = one(request, Decision, number, "run__")
    return shown.decision(service.carry_out(request.user, row, note=body.note))


@router.post(
    "/decisions/{number}/measure", url_name="decision_measure",
    response={200: DecisionShown, **REFUSALS}, summary="登记实测值 / Enter what was measured",
)  # fmt: skip
def decision_measure(request: HttpRequest, number: Number, body: Measured) -> dict[str, Any]:
    """After it was carried out."""
    row = one(request, Decision, number, "run__")
    return shown.decision(service.measure(request.user, row, value=body.value))


@router.post(
    "/evidence", url_name="evidence", response={201: EvidenceShown, **REFUSALS},
    summary="作为佐证提交 / Attach an indicator as evidence",
)  # fmt: skip
def evidence_attach(request: HttpRequest, body: EvidenceAttached, key: Key) -> Status:
    """The run's number, the digest of its inputs and its seed go with it."""
    run = one(request, Run, body.run)
    task = Task.objects.filter(code=body.task).first()
    if task is None:
        raise Http404

    def attach() -> dict[str, Any]:
        return shown.evidence(runs.attach(request.user, run, body.indicator, task))

    return Status(201, once(request, key, body.model_dump(mode="json"), attach))
