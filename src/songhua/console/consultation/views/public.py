"""What everybody sees: notices, the form of an opinion, its answer, redlines and tables."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from songhua.console import files
from songhua.console.consultation import selectors
from songhua.console.consultation.models import AdoptionTable, Consultation
from songhua.console.consultation.services import opinions
from songhua.console.ledger.selectors import page as cut
from songhua.console.people import robots
from songhua.console.people.visitors import address, origin
from songhua.governance.consultation import redline
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, QueryDict

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_not_required
def consultations(request: HttpRequest) -> HttpResponse:
    """Every notice, newest first."""
    rows = selectors.visible(request.user)
    context = {"page": cut(rows, request.GET.get("page", "1"))}
    return render(request, "consultation/consultations.html", context)


@login_not_required
def consultation(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice: the draft by clause, how many spoke, and the answers once there are any."""
    row = get_object_or_404(selectors.visible(request.user), pk=pk)
    versions, found = list(row.versions.all()), selectors.heard(row)
    table = AdoptionTable.objects.filter(consultation=row).first()
    context = {
        "row": row, "versions": versions, "pairs": list(pairwise(versions)),
        "spoken": selectors.spoken(versions[-1], found), "heard": found, "table": table,
        "answers": cut(table.rows if table else [], request.GET.get("page", "1")),
        "desk": selectors.desk(request.user).filter(pk=pk).exists()
        if request.user.is_authenticated else False,
    }  # fmt: skip
    return render(request, "consultation/consultation.html", context)


@login_not_required
def opinion_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Say something of a clause, or of the whole; no account is needed."""
    if request.method == "GET":
        return _form(request, pk, request.GET)
    given = request.POST
    try:
        form = robots.passed(
            pk, given.get("form", ""), given.get("total", ""), given.get(robots.HIDDEN, "")
        )
        mark = origin(address(request))
        opinions.within_rate(mark)
        row = opinions.speak(pk, said(given), form=form, origin=mark)
    except Consultation.DoesNotExist as error:
        raise Http404 from error
    except (InputError, Conflict) as error:
        return _form(request, pk, given, error.problems, 422)
    return redirect(f"{reverse('opinion_answer')}?receipt={row.receipt}")


def _form(
    request: HttpRequest,
    pk: int,
    given: QueryDict,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    row = get_object_or_404(selectors.published(), pk=pk)
    version = row.versions.last()
    context = {
        "row": row, "clauses": version.read(), "given": given, "problems": problems,
        "asked": robots.ask(pk), "hidden": robots.HIDDEN, "senders": opinions.SENDERS,
        "most": opinions.MOST_CHARACTERS,
    }  # fmt: skip
    return render(request, "consultation/opinion.html", context, status=status)


def said(given: QueryDict) -> opinions.Said:
    """What a form says."""
    fields = ("text", "clause", "name", "phone", "email")
    return opinions.Said(
        sender=given.get("sender") or "person", **{name: given.get(name, "") for name in fields}
    )


@login_not_required
def opinion_answer(request: HttpRequest) -> HttpResponse:
    """What became of an opinion, by its receipt number."""
    receipt = request.GET.get("receipt", "").strip()
    found = selectors.looked_up(receipt) if receipt else None
    wrong = [Problem("receipt", "opinion_unknown", receipt[:20])] if receipt and not found else []
    context = {"receipt": receipt, "problems": wrong} | (selectors.told(found) if found else {})
    return render(request, "consultation/answer.html", context, status=422 if wrong else 200)


@login_not_required
def consultation_redline(request: HttpRequest, pk: int) -> HttpResponse:
    """What changed from one version of the draft to another, clause by clause."""
    row = get_object_or_404(selectors.visible(request.user), pk=pk)
    versions = {str(version.number): version for version in row.versions.all()}
    last = len(versions)
    old = versions.get(request.GET.get("old", str(max(last - 1, 1))))
    new = versions.get(request.GET.get("new", str(last)))
    if old is None or new is None:
        raise Http404
    changes = redline(old.read(), new.read())
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.kind] = counts.get(change.kind, 0) + 1
    whole = "whole" in request.GET
    context = {
        "row": row, "versions": versions.values(), "old": old, "new": new, "counts": counts,
        "changes": [c for c in changes if whole or c.kind != "kept"], "whole": whole,
    }  # fmt: skip
    return render(request, "consultation/redline.html", context)


@login_not_required
def adoption_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The published table as PDF, DOCX or XLSX."""
    table = get_object_or_404(AdoptionTable, consultation=pk)
    if form not in table.files:
        raise Http404
    name = f"consultation-{pk}-{timezone.localtime(table.issued_at):%Y%m%d}.{form}"
    return HttpResponse(
        files.load(table.files[form]), content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip
