"""Spreadsheets of records: the empty one, the list, and one brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render

from songhua.console.cooperation import access
from songhua.console.cooperation.services import bringing
from songhua.console.cooperation.views.records import kind_or_404
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest

    from songhua.console.cooperation.shelf import Kind

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheet(content: bytes, name: str) -> HttpResponse:
    """A workbook to take away."""
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _enterable(request: HttpRequest, key: str) -> Kind:
    kind = kind_or_404(request, key)
    if not access.may_enter(request.user, kind):
        raise Http404
    return kind


def cooperation_template(request: HttpRequest, key: str) -> HttpResponse:
    """An empty sheet with the headings."""
    return sheet(bringing.template(_enterable(request, key)), f"{key}-template.xlsx")


def cooperation_export(request: HttpRequest, key: str) -> HttpResponse:
    """The list under the filters of the address."""
    kind = kind_or_404(request, key)
    return sheet(bringing.export(request.user, kind, request.GET), f"{key}.xlsx")


def cooperation_import(request: HttpRequest, key: str) -> HttpResponse:
    """Bring a spreadsheet in: whole, or not at all, with every cell that is wrong."""
    kind = _enterable(request, key)
    if request.method != "POST":
        return render(request, "cooperation/import.html", {"kind": kind})
    upload = request.FILES.get("file")
    problems: tuple[Problem, ...] = (Problem("file", "empty"),)
    if upload is not None:
        name, content = upload.name or "", upload.read()
        try:
            count = bringing.bring(request.user, kind, name, content)
            said = say("已登记 {n} 行。", "{n} rows entered.", n=count)
            return done(request, said, "cooperation_records", key)
        except InputError as error:
            problems = error.problems
        if "marked" in request.POST and any(problem.row for problem in problems):
            return sheet(bringing.marked(name, content, problems), f"{key}-errors.xlsx")
    context = {"kind": kind, "problems": problems[:200], "more": len(problems) - 200}
    return render(request, "cooperation/import.html", context, status=422)
