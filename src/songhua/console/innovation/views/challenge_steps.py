"""Each step of the workflow: what its form sends, and the service it asks."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404
from django.utils import timezone

from songhua.console.design.posted import civil
from songhua.console.innovation.models import ChallengeObjection, Milestone, MilestoneReport
from songhua.console.innovation.services import (
    challenge_bids,
    challenge_contracts,
    challenge_demands,
    challenge_drawing,
    challenge_results,
    challenge_review,
)
from songhua.console.innovation.services.challenge_guards import sitting
from songhua.console.innovation.services.challenge_measured import targets
from songhua.console.subsidies.views.steps import ticked
from songhua.governance.challenges.seats import ANY, PanelRules
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, QueryDict

    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User

    Step = Callable[[User, Challenge, HttpRequest], object]

MOST_ROWS = 12  # milestones of a form


def key(given: QueryDict, name: str) -> int:
    """A row's number from a form; 0, which no row has, where it is none."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def count(given: QueryDict, name: str) -> int:
    """A small whole number; raises `InputError` for anything else."""
    text = given.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 3):
        raise InputError(Problem(name, "not_a_number", text))
    return int(text)


def _closing(given: QueryDict) -> datetime:
    day = civil(given.get("closes_on", ""), "closes")
    try:
        at = time.fromisoformat(given.get("closes_at", ""))
    except ValueError as error:
        raise InputError(Problem("closes", "not_a_date", given.get("closes_at", ""))) from error
    return datetime.combine(day, at.replace(tzinfo=None), timezone.get_default_timezone())


def _panel(row: Challenge, given: QueryDict) -> PanelRules:
    own, other = count(given, "own_field"), count(given, "any_field")
    outside, per_unit = count(given, "outside"), count(given, "per_unit")
    seats = (row.field,) * own + (ANY,) * other
    if len(seats) < challenge_demands.least_seats() or outside > len(seats) or per_unit < 1:
        raise InputError(Problem("panel", "challenge_panel_rules", challenge_demands.least_seats()))
    return PanelRules(seats=seats, per_unit=per_unit, outside=outside)


def _publish(user: User, row: Challenge, request: HttpRequest) -> object:
    given = request.POST
    return challenge_demands.publish(user, row, closes=_closing(given), panel=_panel(row, given))


def _unseat(user: User, row: Challenge, request: HttpRequest) -> object:
    seat = get_object_or_404(sitting(row), pk=key(request.POST, "seat"))
    return challenge_review.unseat(user, row, seat, reason=request.POST.get("reason", ""))


def _answer(user: User, row: Challenge, request: HttpRequest) -> object:
    rows = ChallengeObjection.objects.filter(notice__challenge=row)
    objection = get_object_or_404(rows, pk=key(request.POST, "objection"))
    return challenge_results.answer(
        user, objection, upheld=ticked(request.POST, "upheld"), text=request.POST.get("text", "")
    )


def _sign(user: User, row: Challenge, request: HttpRequest) -> object:
    given = request.POST
    rows = [
        (given.get(f"milestone-{n}-title", ""), given.get(f"milestone-{n}-due", ""))
        for n in range(MOST_ROWS)
    ]
    milestones = [(title, civil(due, "due")) for title, due in rows if title.strip() or due]
    return challenge_contracts.sign(
        user, row, signed_on=civil(given.get("signed_on", ""), "signed_on"), milestones=milestones
    )


def _report(user: User, row: Challenge, request: HttpRequest) -> object:
    given, upload = request.POST, request.FILES.get("file")
    if upload is None:
        raise InputError(Problem("file", "empty"))
    rows = Milestone.objects.filter(contract__challenge=row)
    milestone = get_object_or_404(rows, pk=key(given, "milestone"))
    measured = {
        target.name: given.get(f"measured-{n}", "") for n, target in enumerate(targets(row))
    }
    return challenge_contracts.report(
        user, milestone, text=given.get("text", ""), measured=measured,
        filename=upload.name or "", chunks=upload.chunks(),
    )  # fmt: skip


def _decide(user: User, row: Challenge, request: HttpRequest) -> object:
    rows = MilestoneReport.objects.filter(milestone__contract__challenge=row)
    return challenge_contracts.decide(
        user, get_object_or_404(rows, pk=key(request.POST, "report")),
        accepted=ticked(request.POST, "accepted"), opinion=request.POST.get("opinion", ""),
    )  # fmt: skip


def _reason(service: Callable[..., object]) -> Step:
    return lambda user, row, request: service(user, row, reason=request.POST.get("reason", ""))


def _plain(service: Callable[..., object]) -> Step:
    return lambda user, row, _request: service(user, row)


STEPS: dict[str, Step] = {
    "submit": _plain(challenge_demands.submit),
    "publish": _publish,
    "send_back": _reason(challenge_demands.send_back),
    "decline": _reason(challenge_demands.decline),
    "abandon": _reason(challenge_demands.abandon),
    "open_bids": _plain(challenge_bids.open_bids),
    "seal_list": lambda user, row, request: challenge_drawing.seal_list(
        user, row, public_source=request.POST.get("public_source", ""),
        public_on=civil(request.POST.get("public_on", ""), "public_on"),
    ),
    "draw": lambda user, row, request: challenge_drawing.draw_panel(
        user, row, public_value=request.POST.get("public_value", "")
    ),
    "unseat": _unseat,
    "new_round": _reason(challenge_drawing.new_round),
    "replace": _plain(challenge_drawing.replace),
    "rank": _plain(challenge_results.rank_bids),
    "propose": lambda user, row, request: challenge_results.propose(
        user, row, label=request.POST.get("bid", ""), reason=request.POST.get("reason", "")
    ),
    "object": lambda user, row, request: challenge_results.object_to(
        user, row, text=request.POST.get("text", "")
    ),
    "answer": _answer,
    "close_notice": _plain(challenge_results.close_notice),
    "sign": _sign,
    "report": _report,
    "decide": _decide,
    "accept": _plain(challenge_contracts.accept),
    "fail": _reason(challenge_contracts.fail),
    "hand_over": _plain(challenge_contracts.hand_over),
}  # fmt: skip
