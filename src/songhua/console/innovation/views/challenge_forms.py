"""The two long forms: a demand, and a bid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.innovation import challenge_access, challenge_selectors
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.services import challenge_bids, challenge_demands
from songhua.console.innovation.services.challenge_measured import targets
from songhua.console.innovation.views.challenges import own_challenge
from songhua.console.subsidies.forms import amount_text
from songhua.console.subsidies.views.steps import matters
from songhua.governance.challenges.acceptance import DIRECTIONS
from songhua.kit.errors import Conflict, InputError
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from django.http import HttpRequest, HttpResponse, QueryDict

    from songhua.console.innovation.models import Challenge
    from songhua.kit.errors import Problem

TARGET_ROWS = 6
PARTS = ("name", "direction", "threshold", "unit")


def challenge_new(request: HttpRequest) -> HttpResponse:
    """Enter a demand."""
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            row = challenge_demands.draft(request.user, **_demand(request.POST))
            return done(request, say("需求已保存。", "The demand is kept."), "challenge", row.pk)
        except InputError as error:
            problems = error.problems
    return _demand_form(request, None, request.POST, problems)


def challenge_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    row = get_object_or_404(challenge_selectors.challenges(request.user), pk=pk, state="draft")
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            challenge_demands.edit(request.user, row, **_demand(request.POST))
            return done(request, say("修改已保存。", "The change is kept."), "challenge", pk)
        except InputError as error:
            problems = error.problems
    return _demand_form(request, row, request.POST or _typed(row), problems)


def _demand(given: QueryDict) -> dict[str, Any]:
    rows = [{p: given.get(f"target-{n}-{p}", "") for p in PARTS} for n in range(TARGET_ROWS)]
    return {
        "title": given.get("title", ""), "problem": given.get("problem", ""),
        "field": given.get("field", ""), "chokepoint": given.get("chokepoint") == "1",
        "budget_yuan": amount_text(given.get("budget_yuan", "")),
        "targets": [one for one in rows if one["name"].strip() or one["threshold"].strip()],
    }  # fmt: skip


def _typed(row: Challenge) -> dict[str, str]:
    """A kept demand as it would be typed into the form."""
    found = {
        "title": row.title, "problem": row.problem, "field": row.field,
        "budget_yuan": yuan(row.budget_fen), "chokepoint": "1" if row.chokepoint else "",
    }  # fmt: skip
    for n, one in enumerate(row.targets):
        found |= {f"target-{n}-{part}": one[part] for part in PARTS}
    return found


def _demand_form(
    request: HttpRequest,
    row: Challenge | None,
    given: Any,
    problems: Sequence[Problem],
) -> HttpResponse:
    context = {
        "row": row, "given": given, "problems": problems, "directions": DIRECTIONS,
        "fields": standard().settings.fields,
        "rows": [
            (n, {part: given.get(f"target-{n}-{part}", "") for part in PARTS})
            for n in range(TARGET_ROWS)
        ],
    }  # fmt: skip
    status = 422 if problems else 200
    return render(request, "innovation/challenge_form.html", context, status=status)


def bid_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Bid: what is sent is sealed and cannot be read by anybody before the closing."""
    row = own_challenge(request, pk)
    given, problems, status = request.POST, (), 200
    if request.method == "POST":
        try:
            made = challenge_bids.bid(
                request.user, row, price_yuan=amount_text(given.get("price_yuan", "")),
                plan=given.get("plan", ""), people=matters({"matters": given.get("people", "")}),
                applicant_kind=given.get("applicant_kind", ""),
                promised={
                    target.name: given.get(f"promised-{n}", "")
                    for n, target in enumerate(targets(row))
                },
                papers=[
                    (upload.name or "", blind, upload.read())
                    for name, blind in (("blind", True), ("papers", False))
                    for upload in request.FILES.getlist(name)
                ],
            )  # fmt: skip
            said = say("投标已密封，回执 {r}。", "The bid is sealed, receipt {r}.", r=made.receipt)
            return done(request, said, "challenge", pk)
        except (InputError, Conflict) as error:
            problems, status = error.problems, 422
    context = {
        "row": row, "given": given, "problems": problems,
        "kinds": standard().settings.applicant_kinds,
        "subject": challenge_access.bidding_subject(request.user),
        "targets": [(n, one, given.get(f"promised-{n}", "")) for n, one in enumerate(targets(row))],
    }  # fmt: skip
    return render(request, "innovation/bid_form.html", context, status=status)
