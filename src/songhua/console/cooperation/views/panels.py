"""The blind side of a contest: what an expert was drawn for, declares, reads and scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render

from songhua.console.cooperation import selectors
from songhua.console.cooperation.services import judging
from songhua.console.cooperation.services.contest_guards import entered
from songhua.console.cooperation.views.steps import number
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.subsidies.views.steps import ticked
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.console.cooperation.models import ContestSeat
    from songhua.kit.errors import Problem


def contest_panels(request: HttpRequest) -> HttpResponse:
    """The contests for which this expert was drawn."""
    open_ones = set(selectors.open_seats(request.user).values_list("pk", flat=True))
    context = {"seats": selectors.seats(request.user), "open_ones": open_ones}
    return render(request, "cooperation/panels.html", context)


def contest_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """Declare conflicts, then score the entries, known by their labels alone."""
    seat = get_object_or_404(selectors.open_seats(request.user), pk=pk)
    if request.method != "POST":
        return _page(request, seat)
    given, row = request.POST, seat.contest
    try:
        if "clear" in given:
            clear = ticked(given, "clear")
            judging.declare(request.user, row, clear=clear, reason=given.get("reason", ""))
            said = say("已申明。", "Declared.")
            return done(request, said, "contest_panel", pk) if clear else done(
                request, said, "contest_panels"
            )  # fmt: skip
        entry = get_object_or_404(entered(row), pk=number(request, "entry"))
        points = {one["code"]: given.get(one["code"], "") for one in row.method["criteria"]}
        judging.score(request.user, row, entry, points=points, opinion=given.get("opinion", ""))
    except (InputError, Conflict) as error:
        return _page(request, seat, error.problems, 422)
    return done(request, say("评分已提交。", "Your scores are in."), "contest_panel", pk)


def _page(
    request: HttpRequest, seat: ContestSeat, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    scored = set(seat.scores.values_list("entry", flat=True))
    rows = entered(seat.contest).select_related("subject")
    read = rows if seat.clear else ()
    context = {
        "seat": seat, "row": seat.contest, "problems": problems,
        "organisations": sorted({one.subject.name for one in rows}),
        "entries": [(one, one.pk in scored) for one in read],
    }  # fmt: skip
    return render(request, "cooperation/panel.html", context, status=status)
