"""Workbooks: brought in, refused cell by cell, handed out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render

from songhua.console.design.bilingual import language
from songhua.console.growth.models import Sheet
from songhua.console.growth.services import sheets
from songhua.console.growth.words import words
from songhua.console.people.models import Role
from songhua.kit.errors import InputError, Problem
from songhua.tables import error_sheet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def growth_sheets(request: HttpRequest) -> HttpResponse:
    """Bring in a workbook; nothing is entered while anything in it is wrong."""
    row, problems = None, []
    if request.method == "POST":
        upload = request.FILES.get("file")
        try:
            if upload is None:
                raise InputError(Problem("file", "empty"))
            kind = request.POST.get("kind", "")
            row = sheets.bring(request.user, kind, upload.name or "", upload.read())
            problems = [Problem(**problem) for problem in row.problems[:200]]
        except InputError as error:
            problems = list(error.problems)
    context = {
        "row": row, "problems": problems, "kinds": list(words("sheet")), "given": request.POST,
        "recent": _own(request)[:10], "keeping": request.user.role != Role.LEADER,
    }  # fmt: skip
    return render(request, "growth/sheets.html", context, status=422 if problems else 200)


def _own(request: HttpRequest) -> QuerySet[Sheet]:
    rows = Sheet.objects.select_related("brought_by")
    return rows.filter(brought_by=request.user) if request.user.role == Role.STAFF else rows


def growth_sheet_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem of a workbook with its cell, as a spreadsheet."""
    row = get_object_or_404(_own(request), pk=pk)
    if not row.problems:
        raise Http404
    problems = [Problem(**problem) for problem in row.problems]
    return _file(error_sheet(problems, language()), f"growth-errors-{pk}.xlsx")


def growth_sheet_file(request: HttpRequest, kind: str) -> HttpResponse:
    """What is on record as a workbook; with ``?empty=1`` its headings only."""
    if kind not in words("sheet"):
        raise Http404
    content = sheets.workbook(kind, empty=request.GET.get("empty") == "1")
    return _file(content, f"growth-{kind}.xlsx")


def _file(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
