"""Spreadsheets of achievements and demands: the empty one, the list, and one brought in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.innovation import achievement_selectors
from songhua.console.innovation.services import achievement_tables
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _sheet(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def achievements_template(_request: HttpRequest) -> HttpResponse:
    """An empty sheet with the headings."""
    return _sheet(achievement_tables.template(), "achievements-template.xlsx")


def achievements_export(request: HttpRequest) -> HttpResponse:
    """The list under the filters of the address."""
    rows = achievement_selectors.achievements(request.GET)
    content = achievement_tables.export(rows.iterator(chunk_size=1000))
    return _sheet(content, "achievements.xlsx")


def achievements_import(request: HttpRequest) -> HttpResponse:
    """Bring a spreadsheet in: whole, or not at all, with every cell that is wrong."""
    if request.method != "POST":
        return render(request, "innovation/achievements_import.html")
    upload = request.FILES.get("file")
    problems: tuple[Problem, ...] = (Problem("file", "empty"),)
    if upload is not None:
        name, content = upload.name or "", upload.read()
        try:
            count = achievement_tables.bring(request.user, name, content)
            said = say("已登记 {n} 行。", "{n} rows entered.", n=count)
            return done(request, said, "achievements")
        except InputError as error:
            problems = error.problems
        if "marked" in request.POST and any(problem.row for problem in problems):
            marked = achievement_tables.marked(name, content, problems)
            return _sheet(marked, "achievements-errors.xlsx")
    context = {"problems": problems[:200], "more": len(problems) - 200}
    return render(request, "innovation/achievements_import.html", context, status=422)
