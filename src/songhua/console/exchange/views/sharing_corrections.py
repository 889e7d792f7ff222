"""Errors that users of data find: told to the provider, answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import sharing_selectors as selectors
from songhua.console.exchange.services import corrections
from songhua.console.exchange.views import sharing_forms as forms
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem as Found


def sharing_corrections(request: HttpRequest) -> HttpResponse:
    """What was told in either direction; a form for something new."""
    return _shown(request)


def _shown(request: HttpRequest, problems: Sequence[Found] = (), status: int = 200) -> HttpResponse:
    user = request.user
    page = cut(selectors.corrections(user), request.GET.get("page", "1"))
    colour = selectors.lamp()
    lines = [
        (row, row.row if row.seen_row is None or row.unit_id != user.unit_id else row.seen_row,
         colour(row.due_on if row.accepted is None else None),
         row.accepted is None and (user.role == Role.OFFICE
                                   or row.distribution.entry.unit_id == user.unit_id))
        for row in page
    ]  # fmt: skip
    context = {
        "page": page, "lines": lines, "tables": selectors.used_by(user), "problems": problems,
        "given": request.POST or request.GET, "tells": user.role == Role.STAFF,
    }  # fmt: skip
    return render(request, "exchange/sharing_corrections.html", context, status=status)


@require_POST
def sharing_correction_new(request: HttpRequest) -> HttpResponse:
    """Tell a provider that a value is wrong."""
    given = request.POST
    try:
        table = selectors.used_by(request.user).filter(sql_name=given.get("table", "")).first()
        if table is None:
            name = given.get("table", "")[:100]
            raise InputError(Problem("table", "exchange_nothing_there", name))
        told = {
            "column": given.get("column", "").strip(), "row": forms.count(given, "row"),
            "text": given.get("text", ""), "proposed": given.get("proposed", ""),
        }  # fmt: skip
        corrections.tell(request.user, table, told)
    except (InputError, Conflict) as error:
        return _shown(request, error.problems, 422)
    return done(
        request, say("已告知提供部门。", "The provider has been told."), "sharing_corrections"
    )


@require_POST
def sharing_correction_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer: right or not, and what was done."""
    row = get_object_or_404(selectors.corrections(request.user), pk=pk)
    try:
        corrections.answer(
            request.user, row, accepted=request.POST.get("accepted") == "1",
            text=request.POST.get("answer", ""),
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return _shown(request, error.problems, 422)
    return done(request, say("已答复。", "Answered."), "sharing_corrections")
