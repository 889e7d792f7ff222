"""Files brought to a department's tables: what was wrong, to be mended; and quality as a whole."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import intake_selectors as selectors
from songhua.console.exchange.models import Intake
from songhua.console.exchange.services import intake as services
from songhua.console.ledger.selectors import page as cut
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

SHOWN = 200  # defects on the page; the file has them all
PARTS = {
    "quarantined.csv": ("待修改的行", "Rows to mend"),
    "clean.csv": ("合格的行", "Rows without errors"),
    "defects.csv": ("全部问题", "All defects"),
}  # fmt: skip


def intakes(request: HttpRequest) -> HttpResponse:
    """The files of a department, and what it has to mend."""
    rows = selectors.intakes(request.user)
    context = {
        "page": cut(rows, request.GET.get("page", "1")), "tickets": selectors.to_mend(rows),
    }  # fmt: skip
    return render(request, "exchange/intakes.html", context)


def intake(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: how far its check is, what is wrong in which row, what may be done. htmx asks for
    the changing part alone while it is checked."""
    row = get_object_or_404(selectors.intakes(request.user), pk=pk)
    return _page(request, row)


def _page(
    request: HttpRequest, row: Intake, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    split = row.state in {Intake.State.HELD, Intake.State.ACCEPTED, Intake.State.PUBLISHED}
    context = {
        "row": row, "waits": row.state in {Intake.State.QUEUED, Intake.State.RUNNING},
        "problems": problems or [Problem(**problem) for problem in row.problems],
        "defects": services.defects(request.user, row, SHOWN) if split else [],
        "count": sum(ticket["count"] for ticket in row.tickets), "shown": SHOWN,
        "parts": [(name, say(*words)) for name, words in PARTS.items()] if split else [],
        "faulty": row.rows - row.clean_rows,
    }  # fmt: skip
    page = "exchange/_intake.html" if request.htmx else "exchange/intake.html"
    return render(request, page, context, status=status)


def intake_part(request: HttpRequest, pk: int, name: str) -> HttpResponseBase:
    """A part of a file, to be mended or looked at."""
    row = get_object_or_404(selectors.intakes(request.user), pk=pk)
    try:
        if name == "defects.csv":
            made = io.BytesIO(services.all_defects(request.user, row))
            return FileResponse(made, as_attachment=True, filename=f"intake-{pk}-{name}")
        found = services.part(request.user, row, name)
    except InputError:
        raise Http404 from None
    return FileResponse(found.open("rb"), as_attachment=True, filename=f"intake-{pk}-{name}")


@require_POST
def intake_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Publish the rows without errors."""
    row = get_object_or_404(selectors.intakes(request.user), pk=pk)
    try:
        services.accept(request.user, row)
    except (InputError, Conflict) as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("合格的行已发布。", "The rows without errors are published."),
                "intake", pk)  # fmt: skip


@require_POST
def intake_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the mended file to the same table."""
    row = get_object_or_404(selectors.intakes(request.user), pk=pk)
    file = request.FILES.get("file")
    try:
        if file is None:
            raise InputError(Problem("file", "empty"))
        made = services.bring(request.user, row.distribution, file.name or "", file.chunks())
    except (InputError, Conflict) as error:
        return _page(request, row, error.problems, 422)
    return redirect("intake", made.pk)


def quality(request: HttpRequest) -> HttpResponse:
    """The quality of the departments' tables."""
    context = {
        "departments": selectors.departments(request.user), "worst": selectors.worst(request.user),
    }  # fmt: skip
    return render(request, "exchange/quality.html", context)
