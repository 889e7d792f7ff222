"""What people make of a run: evidence for the ledger, and decisions with their four steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import selectors as ledger
from songhua.console.runs import selectors
from songhua.console.runs.services import decisions as service
from songhua.console.runs.services import runs
from songhua.console.runs.views.runs import page
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

    from songhua.console.runs.models import Decision, Run


@require_POST
def run_attach(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand an indicator to a task of the ledger as evidence."""
    row = selectors.run_of(request.user, pk)
    code = request.POST.get("task", "").strip()
    task = ledger.tasks(request.user, {}).filter(code=code).first()
    if task is None:
        return page(request, row, [Problem("task", "task_unknown", code)], 422)
    try:
        runs.attach(request.user, row, request.POST.get("indicator", ""), task)
    except InputError as error:
        return page(request, row, error.problems, 422)
    text = say("已作为佐证提交给任务 {code}。", "Submitted as evidence of task {code}.", code=code)
    return done(request, text, "run", pk)


@require_POST
def run_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose to do what the run shows."""
    row, given = selectors.run_of(request.user, pk), request.POST
    return _step(
        request, row, say("决定已提出，等待批准。", "The decision is proposed."),
        lambda: service.propose(
            request.user, row, text=given.get("text", ""), indicator=given.get("indicator", "")
        ),
    )  # fmt: skip


@require_POST
def decision_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve or refuse."""
    row, approved = selectors.decision_of(request.user, pk), request.POST.get("approved") == "1"
    text = say("已批准。", "Approved.") if approved else say("已否决。", "Refused.")
    reason = request.POST.get("reason", "")
    return _step(
        request, row.run, text,
        lambda: service.decide(request.user, row, approved=approved, reason=reason),
    )  # fmt: skip


@require_POST
def decision_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that and how it was done."""
    row, note = selectors.decision_of(request.user, pk), request.POST.get("note", "")
    return _step(
        request, row.run, say("已登记执行情况。", "Entered as carried out."),
        lambda: service.carry_out(request.user, row, note=note),
    )  # fmt: skip


@require_POST
def decision_measure(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what the indicator really came to."""
    row, value = selectors.decision_of(request.user, pk), request.POST.get("measured", "")
    return _step(
        request, row.run, say("实测值已登记。", "The measured figure is entered."),
        lambda: service.measure(request.user, row, value=value),
    )  # fmt: skip


def _step(request: HttpRequest, run: Run, text: str, take: Callable[[], Decision]) -> HttpResponse:
    try:
        take()
    except InputError as error:
        return page(request, run, error.problems, 422)
    return done(request, text, "run", run.pk)
