"""Who may see what, how much it is used, and what came of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.shortcuts import render

from songhua.console import clock
from songhua.console.exchange import metering
from songhua.console.exchange.sharing_selectors import SEEING_ALL
from songhua.console.ledger.selectors import page as cut

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

PERIODS = (7, 30, 90, 365)


def grants(request: HttpRequest) -> HttpResponse:
    """The grants with their use; those that nobody uses; top users; outcomes."""
    user, given = request.user, request.GET
    text = given.get("days", "")
    days = int(text) if text in map(str, PERIODS) else metering.IDLE_DAYS
    rows = metering.grants(user)
    unused = metering.unused(rows, days)
    shown = unused if given.get("unused") else rows
    context = {
        "page": cut(shown, given.get("page", "1")), "unused": unused.count(), "days": days,
        "given": given, "periods": PERIODS, "today": clock.today(),
        "top": metering.top(clock.today() - timedelta(days=days))
        if user.role in SEEING_ALL else None,
        "outcomes": metering.outcomes(user),
    }  # fmt: skip
    return render(request, "exchange/grants.html", context)
