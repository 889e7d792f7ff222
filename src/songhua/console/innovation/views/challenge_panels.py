"""The blind side: what an expert was drawn for, declares, reads and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.innovation import challenge_selectors
from songhua.console.innovation.services import challenge_measured, challenge_review
from songhua.console.innovation.views.challenge_steps import key
from songhua.console.subsidies.views.steps import ticked
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.console.innovation.models import PanelSeat
    from songhua.kit.errors import Problem


def challenge_panels(request: HttpRequest) -> HttpResponse:
    """The challenges for which this expert was drawn."""
    seats = challenge_selectors.seats(request.user)
    open_ones = set(challenge_selectors.open_seats(request.user).values_list("pk", flat=True))
    context = {"seats": seats, "open_ones": open_ones}
    return render(request, "innovation/challenge_panels.html", context)


def challenge_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare conflicts, then score the bids, known by their labels alone."""
    seat = get_object_or_404(challenge_selectors.open_seats(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, seat)
    given, row = request.POST, seat.challenge
    try:
        if "clear" in given:
            challenge_review.declare(
                request.user, row, clear=ticked(given, "clear"), reason=given.get("reason", "")
            )
            if given["clear"] == "0":
                return done(request, say("已回避。", "You have stepped down."), "challenge_panels")
            return done(request, say("已申明。", "Declared."), "challenge_panel", pk)
        bid = get_object_or_404(row.bids.exclude(label=""), pk=key(given, "bid"))
        points = {one["code"]: given.get(one["code"], "") for one in row.method["criteria"]}
        challenge_review.score(
            request.user, row, bid, points=points, opinion=given.get("opinion", "")
        )
    except (InputError, Conflict) as error:
        return _page(request, seat, error.problems, 422)
    return done(request, say("评分已提交。", "Your scores are in."), "challenge_panel", pk)


def _page(
    request: HttpRequest, seat: PanelSeat, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    scored = {one.bid_id: one for one in seat.scores.all()}
    context = {
        "seat": seat, "row": seat.challenge, "problems": problems, "given": request.POST,
        "organisations": challenge_selectors.organisations(seat.challenge),
        "bids": [(one, scored.get(one.pk)) for one in challenge_selectors.blind(seat)],
        "targets": challenge_measured.targets(seat.challenge),
    }  # fmt: skip
    return render(request, "innovation/challenge_panel.html", context, status=status)
