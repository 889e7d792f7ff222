"""The list of challenges, one of them with all that came of it, and its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.innovation import challenge_access, challenge_selectors, challenge_shown
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Challenge, MilestoneReport
from songhua.console.innovation.services import challenge_measured
from songhua.console.innovation.services.challenge_demands import usual_panel
from songhua.console.innovation.services.challenge_guards import newest_draw
from songhua.console.innovation.views.challenge_steps import STEPS
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, Infeasible, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem

PATH = (
    "draft", "submitted", "published", "opened", "sealed", "scoring", "ranked", "notice",
    "contract", "running", "accepted", "supported",
)  # fmt: skip


@login_not_required
def challenges(request: HttpRequest) -> HttpResponse:
    """What is published, for everybody; officials and whoever asks see what is not yet."""
    rows = challenge_selectors.challenges(request.user)
    found = challenge_selectors.filtered(rows, request.GET)
    context = {
        "page": cut(found, request.GET.get("page", "1")), "given": request.GET,
        "states": challenge_selectors.counts(rows), "fields": standard().settings.fields,
        "asking": getattr(request.user, "role", "") in (Role.STAFF, Role.ENTERPRISE),
    }  # fmt: skip
    return render(request, "innovation/challenges.html", context)


@login_not_required
def challenge(request: HttpRequest, pk: int) -> HttpResponse:
    """One challenge: what is wanted, where it stands, what may be done, what came of it."""
    return page(request, own_challenge(request, pk))


def own_challenge(request: HttpRequest, pk: int) -> Challenge:
    """The challenge, if this person may see it; 404 otherwise."""
    return get_object_or_404(challenge_selectors.challenges(request.user), pk=pk)


def page(
    request: HttpRequest,
    row: Challenge,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of a challenge, with what was wrong with the step just tried."""
    user = request.user
    mine = challenge_access.capacities(user, row)
    official = getattr(user, "role", "") in challenge_selectors.OFFICIALS
    named = row.state in challenge_selectors.NAMED
    contract = getattr(row, "contract", None)
    party = official or mine & {"owner", "contractor"}
    drawn = newest_draw(row)
    context: dict[str, object] = {
        "row": row, "problems": problems, "given": request.POST, "official": official,
        "mine": mine, "path": PATH, "today": clock.today(), "named": named,
        "offers": challenge_selectors.offers(user, row) if mine else [],
        "targets": challenge_measured.targets(row), "drawn": drawn,
        "experts": challenge_shown.panel(row, drawn, official=official),
        "ranking": row.ranking if official or named else {}, "contract": contract,
        "notices": row.notices.prefetch_related("objections"),
        "usual_panel": usual_panel(row.field),
    }  # fmt: skip
    if user.is_authenticated:
        context["receipts"] = challenge_selectors.receipts(user, row)
        context["bids"] = challenge_selectors.opened(user, row)
    if contract is not None and party:
        reports = MilestoneReport.objects.filter(milestone__contract=contract)
        context["milestones"] = challenge_shown.milestones(contract, reports, clock.today())
        context["judgements"] = challenge_measured.judgements(row)
    if row.application is not None and party:
        context["payments"] = row.application.payments.all()
    if official:
        context["history"] = challenge_shown.story(challenge_selectors.history(row))
    return render(request, "innovation/challenge.html", context, status=status)


@require_POST
def challenge_step(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Take one step."""
    row = own_challenge(request, pk)
    if action not in STEPS:
        raise Http404
    try:
        STEPS[action](request.user, row, request)
    except InputError as error:
        return page(request, own_challenge(request, pk), error.problems, 422)
    except (Conflict, Infeasible) as error:
        return page(request, own_challenge(request, pk), error.problems, 409)
    name = challenge_shown.act(f"challenge_{action}")
    return done(request, say("已办理：{a}。", "Done: {a}.", a=name), "challenge", pk)
