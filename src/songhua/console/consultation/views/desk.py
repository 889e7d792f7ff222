"""The desk: drafting and publishing a notice, entering what came by other ways, answering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.consultation import access, selectors
from songhua.console.consultation.models import Answer, Opinion
from songhua.console.consultation.services import answers, notices, opinions, tables
from songhua.console.consultation.views.public import said
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role, Unit
from songhua.governance.consultation import CHANNELS, OUTCOMES
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.time import instant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse, QueryDict

    from songhua.console.consultation.models import Consultation


def consultation_new(request: HttpRequest) -> HttpResponse:
    """Draft a notice with the first version of its text."""
    user, given = request.user, request.POST
    units = Unit.objects.filter(pk=user.unit_id) if user.role == Role.STAFF else Unit.objects.all()
    context = {"units": units, "given": given}
    if request.method == "GET":
        return render(request, "consultation/new.html", context)
    try:
        unit = units.filter(code=given.get("unit", "")).first()
        if unit is None:
            raise InputError(Problem("unit", "unit_unknown", given.get("unit", "")))
        row = notices.create(user, unit, text=given.get("text", ""), **_words(given))
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "consultation/new.html", context, status=422)
    return done(request, say("草稿已保存。", "The draft is saved."), "consultation_desk", row.pk)


def consultation_desk(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that officers do with one consultation."""
    return _desk(request, get_object_or_404(selectors.desk(request.user), pk=pk))


def _desk(
    request: HttpRequest,
    row: Consultation,
    problems: Sequence[Problem] = (),
    status: int = 200,
    step: str = "",
) -> HttpResponse:
    state = request.GET.get("state", "")
    page = cut(selectors.answers(row, state), request.GET.get("page", "1"))
    called = selectors.numbers(row)
    context = {
        "row": row, "versions": row.versions.defer("text", "clauses"), "state": state,
        "heard": selectors.heard(row), "page": page,
        "lines": [(one, selectors.clause_called(called, one.opinions.all()[0])) for one in page],
        "unarranged": row.opinions.filter(answer=None).count(),
        "drafts": access.drafts_for(request.user, row.unit),
        "approves": access.approves(request.user), "channels": CHANNELS[1:],
        "outcomes": OUTCOMES, "senders": opinions.SENDERS, "step": step,
        "clauses": row.versions.last().read(), "participants": selectors.participants(row),
        "given": request.POST, "problems": problems,
    }  # fmt: skip
    return render(request, "consultation/desk.html", context, status=status)


@require_POST
def consultation_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one step; what stands in the way is shown on the desk."""
    row = get_object_or_404(selectors.desk(request.user), pk=pk)
    if action not in STEPS:
        raise Http404
    try:
        STEPS[action](request, row)
    except (InputError, Conflict) as error:
        return _desk(request, row, error.problems, 422, action)
    return done(request, say("已办理。", "Done."), "consultation_desk", pk)


def _words(given: QueryDict) -> dict[str, str]:
    return {name: given.get(name, "") for name in notices.WORDS}


def _publish(request: HttpRequest, row: Consultation) -> None:
    notices.publish(
        request.user, row, closes_at=_moment(request.POST, "closes_at"),
        contacts_until=civil(request.POST.get("contacts_until", ""), "contacts_until"),
    )  # fmt: skip


def _extend(request: HttpRequest, row: Consultation) -> None:
    notices.extend(
        request.user, row, closes_at=_moment(request.POST, "closes_at"),
        reason=request.POST.get("reason", ""),
    )  # fmt: skip


def _version(request: HttpRequest, row: Consultation) -> None:
    given = request.POST
    notices.add_version(request.user, row, text=given.get("text", ""), label=given.get("label", ""))


def _enter(request: HttpRequest, row: Consultation) -> None:
    given = request.POST
    opinions.enter(
        request.user, row, said(given), channel=given.get("channel", ""),
        received=_moment(given, "received"),
    )  # fmt: skip


def _decide(request: HttpRequest, row: Consultation) -> None:
    given = request.POST
    answers.decide(
        request.user, row, _ticked(request, row), outcome=given.get("outcome", ""),
        reason=given.get("reason", ""), wording=given.get("wording", ""),
    )  # fmt: skip


def _join(request: HttpRequest, row: Consultation) -> None:
    first, *others = Answer.objects.filter(consultation=row, pk__in=_ticked(request, row)) or [None]
    if first is None or not others:
        raise InputError(Problem("answers", "answer_two"))
    for other in others:
        answers.join(request.user, first, other)


def _split(request: HttpRequest, row: Consultation) -> None:
    key = request.POST.get("opinion", "")
    rows = Opinion.objects.select_related("consultation__unit", "answer")
    answers.split(
        request.user,
        get_object_or_404(rows, consultation=row, pk=int(key) if key.isdecimal() else 0),
    )


def _ticked(request: HttpRequest, row: Consultation) -> list[int]:
    """The rows ticked, or all that the filter shows."""
    if "all" in request.POST:
        state = request.GET.get("state", "")
        return list(selectors.answers(row, state).values_list("pk", flat=True))
    return [int(key) for key in request.POST.getlist("answers") if key.isdecimal()]


def _moment(given: QueryDict, where: str) -> datetime:
    text = given.get(where, "")
    try:
        return instant(text)
    except ValueError as error:
        code = "consultation_moment" if text else "empty"
        raise InputError(Problem(where, code, text[:40])) from error


STEPS = {
    "revise": lambda request, row: notices.revise(request.user, row, **_words(request.POST)),
    "publish": _publish, "extend": _extend, "version": _version, "enter": _enter,
    "arrange": lambda request, row: answers.arrange(request.user, row),
    "decide": _decide, "join": _join, "split": _split,
    "approve": lambda request, row: answers.approve(request.user, row, _ticked(request, row)),
    "issue": lambda request, row: tables.issue(request.user, row),
}  # fmt: skip
