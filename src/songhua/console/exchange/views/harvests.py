"""Other catalogues, harvested for the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange.models import Harvest
from songhua.console.exchange.services import harvesting
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Unit
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse


def harvests(request: HttpRequest) -> HttpResponse:
    """What was harvested and what came of it; a form for the next."""
    if request.method == "GET":
        return _page(request)
    given = request.POST
    try:
        unit = Unit.objects.filter(code=given.get("unit", "")).first()
        if unit is None:
            raise InputError(Problem("unit", "unit_unknown", given.get("unit", "")[:60]))
        harvesting.order(request.user, given.get("url", "").strip(), unit)
    except InputError as error:
        return _page(request, error.problems, 422)
    return done(request, say("已开始采集。", "The harvest has begun."), "harvests")


def _page(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    rows = cut(Harvest.objects.select_related("unit", "created_by"), request.GET.get("page", "1"))
    context = {
        "page": rows, "problems": problems, "units": Unit.objects.all(), "given": request.POST,
        "told": [(row, [Problem(**problem) for problem in row.problems]) for row in rows],
    }  # fmt: skip
    return render(request, "exchange/harvests.html", context, status=status)
