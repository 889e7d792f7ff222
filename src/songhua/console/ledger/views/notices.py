"""Reminders, supervisions and interviews."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import selectors
from songhua.console.ledger.services import notices as service

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def notices(request: HttpRequest) -> HttpResponse:
    """Open ones first; all of them with ?all=1."""
    only_open = request.GET.get("all") != "1"
    rows = selectors.notices(request.user, only_open=only_open)
    if request.GET.get("level"):
        rows = rows.filter(level=request.GET["level"])
    context = {
        "page": selectors.page(rows, request.GET.get("page", "1")),
        "given": request.GET,
        "only_open": only_open,
        "today": clock.today(),
        "rules": service.RULES,
    }
    return render(request, "ledger/notices.html", context)


@require_POST
def notice_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The unit answers."""
    row = get_object_or_404(selectors.notices(request.user), pk=pk)
    service.answer(request.user, row, request.POST.get("answer", ""))
    return done(request, say("已答复。", "Answered."), "notices")


@require_POST
def notice_resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """The office ends the case."""
    row = get_object_or_404(selectors.notices(request.user), pk=pk)
    service.resolve(request.user, row)
    return done(request, say("已办结。", "Resolved."), "notices")
