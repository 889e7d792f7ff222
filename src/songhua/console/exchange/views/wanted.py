"""Data that people would like to see open: asked for without an account, answered in public."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import selectors
from songhua.console.exchange.models import Wanted
from songhua.console.exchange.services import wishes
from songhua.console.exchange.visitors import held_back, mark
from songhua.console.ledger.selectors import page as cut
from songhua.console.people import robots
from songhua.console.people.models import Role
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem

FORM = "wanted"  # the name under which the form's sum is signed


@login_not_required
@held_back
def data_wanted(request: HttpRequest) -> HttpResponse:
    """What was asked for and answered, and the form to ask."""
    if request.method == "GET":
        return _page(request)
    given = request.POST
    try:
        robots.passed(FORM, given.get("form", ""), given.get("total", ""),
                         given.get(robots.HIDDEN, ""))  # fmt: skip
        wishes.want(
            given.get("title", ""), given.get("reason", ""), given.get("contact", ""),
            mark(request),
        )  # fmt: skip
    except InputError as error:
        return _page(request, error.problems, 422)
    thanks = say("已收到，答复会公布在本页。", "Received: the answer will be on this page.")
    return done(request, thanks, "data_wanted")


def _page(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    office = request.user.is_authenticated and request.user.role == Role.OFFICE
    rows = Wanted.objects.select_related("entry")
    rows = rows if office else rows.filter(answered_at__isnull=False)  # unread text stays inside
    context = {
        "page": cut(rows, request.GET.get("page", "1")), "office": office, "problems": problems,
        "asked": robots.ask(FORM), "hidden": robots.HIDDEN, "given": request.POST,
        "limits": {"title": wishes.TITLE, "reason": wishes.REASON, "contact": wishes.CONTACT},
    }  # fmt: skip
    return render(request, "exchange/wanted.html", context, status=status)


@require_POST
def wanted_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a wish, perhaps with a dataset that is open now."""
    row = get_object_or_404(Wanted, pk=pk)
    name = request.POST.get("dataset", "").strip()
    entry = selectors.entry_called(request.user, name) if name else None
    wishes.answer(request.user, row, request.POST.get("answer", ""), entry)
    return done(request, say("已答复。", "Answered."), "data_wanted")
