"""The ladder: who stands where, what is proposed, the criteria; and cohorts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.growth import cohorts as cohort_tables
from songhua.console.growth import ladder as standing
from songhua.console.growth.models import LadderMove
from songhua.console.growth.services import moves
from songhua.console.growth.services.given import year
from songhua.console.growth.views.common import asked_day, key
from songhua.console.growth.views.firms import ALERTS
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.governance.cultivation.facts import FACTS
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem

CRITERION = ("rung", "fact", "at_least", "at_most", "since", "basis")


def ladder(request: HttpRequest) -> HttpResponse:
    """How many stand on each rung, what waits to be confirmed, who needs a call, by what rules."""
    return _page(request)


def _page(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    today = clock.today()
    waiting = LadderMove.objects.filter(state=LadderMove.State.PROPOSED)
    found = Counter(a.kind for said in standing.alerts_of(today).values() for a in said)
    current = standing.current()
    context = {
        "rungs": [f"ladder_{rung}" for rung in moves.RUNGS], "codes": moves.RUNGS,
        "page": cut(waiting.select_related("subject").order_by("pk"), request.GET.get("page", "1")),
        "alerts": [(kind, found[kind]) for kind in ALERTS], "facts": FACTS,
        "criteria": sorted(current.criteria, key=lambda c: (moves.RUNGS.index(c.rung), c.since)),
        "ladder": current, "last_year": standing.last_whole_year(today), "today": today,
        "problems": problems, "given": request.POST, "office": request.user.role == Role.OFFICE,
        "evaluating": request.user.role in (Role.OFFICE, Role.STAFF),
    }  # fmt: skip
    return render(request, "growth/ladder.html", context, status=status)


@require_POST
def ladder_act(request: HttpRequest, action: str) -> HttpResponse:
    """Propose moves from a year's figures, decide proposals, or change a criterion."""
    if action not in ACTS:
        raise Http404
    try:
        text = ACTS[action](request)
    except InputError as error:
        return _page(request, error.problems, 422)
    except Conflict as error:
        return _page(request, error.problems, 409)
    return done(request, text, "ladder")


def _evaluate(request: HttpRequest) -> str:
    made = moves.evaluate(request.user, year(request.POST.get("year", ""), "year"))
    return say("评定完成，新增 {n} 条建议。", "{n} new proposals.", n=len(made))


def _decide(request: HttpRequest) -> str:
    given = request.POST
    rows = moves.decide(
        request.user, [key(text) for text in given.getlist("move")],
        confirmed=given.get("confirmed") == "1", opinion=given.get("opinion", ""),
    )  # fmt: skip
    return say("已处理 {n} 条建议。", "{n} proposals are decided.", n=len(rows))


def _criterion(request: HttpRequest) -> str:
    moves.set_criterion(request.user, {name: request.POST.get(name, "") for name in CRITERION})
    return say("条件已更新。", "The criterion is changed.")


ACTS = {"evaluate": _evaluate, "decide": _decide, "criterion": _criterion}


def cohorts(request: HttpRequest) -> HttpResponse:
    """Firms by the year of their founding: who is left, and how they grew."""
    on = asked_day(request)
    found, groups = cohort_tables.cohorts(on), cohort_tables.groups(on)
    context = {
        "on": on, "cohorts": found, "groups": groups,
        "total": sum(cohort.size for cohort in found),
        "survival": cohort_tables.survival_chart(groups) if found else None,
        "growth": cohort_tables.growth_chart(found)
        if any(cohort.compared for cohort in found) else None,
    }  # fmt: skip
    return render(request, "growth/cohorts.html", context)
