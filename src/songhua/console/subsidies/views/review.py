"""The blind panel, the public notices with their objections, and the files of other ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger.selectors import page as cut
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.subsidies import selectors, shown
from songhua.console.subsidies.models import CaseFile, Objection, Seat
from songhua.console.subsidies.services import intake, notices, panel
from songhua.console.subsidies.views.applications import own_application, page
from songhua.console.subsidies.views.steps import ticked
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem


def panels(request: HttpRequest) -> HttpResponse:
    """What waits for this expert, and what they have scored."""
    seats = Seat.objects.filter(expert=request.user).select_related("application").order_by("-pk")
    waiting = set(selectors.panel(request.user).values_list("pk", flat=True))
    lines = [
        (seat, seat.application_id in waiting and seat.round == seat.application.round)
        for seat in seats
    ]
    return render(request, "subsidies/panels.html", {"lines": lines})


def panel_application(request: HttpRequest, pk: int) -> HttpResponse:
    """An application without anything that names the applicant, and the form of the scores."""
    return _blind(request, pk)


def _blind(
    request: HttpRequest, pk: int, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    seat = get_object_or_404(
        Seat.objects.select_related("application"), application=pk, expert=request.user,
        recused=False, application__state="expert_review",
    )  # fmt: skip
    seen = selectors.blind(request.user, seat.application)
    known = {k: v for k, v in seen["facts"].items() if v is not None}
    context = {
        "seen": seen, "seat": seat, "facts": shown.facts(seen["rule"].facts, known),
        "problems": problems, "given": request.POST, "pass_mark": standard().settings.pass_mark,
    }  # fmt: skip
    return render(request, "subsidies/panel.html", context, status=status)


@require_POST
def panel_score(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the points, or step down."""
    seat = get_object_or_404(Seat, application=pk, expert=request.user, recused=False,
                             application__state="expert_review")  # fmt: skip
    given = request.POST
    try:
        if "recuse" in given:
            panel.recuse(request.user, seat.application, reason=given.get("reason", ""))
            return done(request, say("已回避。", "You have stepped down."), "panels")
        points = {c.code: given.get(c.code, "") for c in standard().settings.criteria}
        panel.score(request.user, seat.application, scores=points, opinion=given.get("opinion", ""))
    except (InputError, Conflict) as error:
        return _blind(request, pk, error.problems, 422)
    return done(request, say("评分已提交。", "Your scores are in."), "panels")


@login_not_required
def public_notices(request: HttpRequest) -> HttpResponse:
    """What is proposed and open to objection, for everybody."""
    return _notices(request)


def _notices(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    calendar, today = work_calendar(), clock.today()
    rows = [(row, calendar.workdays_between(today, row.ends)) for row in selectors.open_notices()]
    context = {"rows": rows, "problems": problems, "given": request.POST}
    return render(request, "subsidies/public_notices.html", context, status=status)


@require_POST
def objection_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Object to what is proposed."""
    notice = get_object_or_404(selectors.open_notices().select_related("application"), pk=pk)
    try:
        notices.object_to(request.user, notice.application, text=request.POST.get("text", ""))
    except (InputError, Conflict) as error:
        return _notices(request, error.problems, 422)
    return done(
        request,
        say("异议已提交，将由受理部门答复。", "Your objection is in and will be answered."),
        "public_notices",
    )


@require_POST
def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer an objection; upheld, it sends the application back to review."""
    row = get_object_or_404(Objection.objects.select_related("notice"), pk=pk)
    application = own_application(request, row.notice.application_id)
    try:
        notices.answer(
            request.user, row, upheld=ticked(request.POST, "upheld"),
            text=request.POST.get("text", ""),
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return page(request, application, error.problems, 422, "answer")
    return done(
        request, say("异议已答复。", "The objection is answered."), "application", application.pk
    )


def case_files(request: HttpRequest) -> HttpResponse:
    """Negotiations, referrals and data requests that clauses opened instead of an amount."""
    rows = CaseFile.objects.filter(application__in=selectors.applications(request.user))
    rows = rows.select_related("application__subject", "application__unit")
    if kind := request.GET.get("kind", ""):
        rows = rows.filter(kind=kind)
    context = {"page": cut(rows, request.GET.get("page", "1")), "given": request.GET,
               "kinds": CaseFile.Kind.values}  # fmt: skip
    return render(request, "subsidies/case_files.html", context)


@require_POST
def case_file_conclude(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what came of it."""
    row = get_object_or_404(CaseFile.objects.select_related("application"), pk=pk)
    application = own_application(request, row.application_id)
    try:
        intake.conclude(request.user, row, outcome=request.POST.get("outcome", ""))
    except (InputError, Conflict) as error:
        return page(request, application, error.problems, 422, "conclude")
    return done(request, say("已办结。", "The file is concluded."), "application", application.pk)
