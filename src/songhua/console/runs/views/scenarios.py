"""The list of scenarios, and one scenario: its story, what it reads, what can be asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404
from django.shortcuts import render

from songhua.console.runs import access, downloads, selectors
from songhua.console.runs.views import common

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.kit.errors import Problem
    from songhua.kit.spec import Scenario

RECENT = 10


def scenarios(request: HttpRequest) -> HttpResponse:
    """Every application of the plan."""
    return render(request, "runs/scenarios.html", {"cards": selectors.cards(request.user)})


def scenario(request: HttpRequest, name: str) -> HttpResponse:
    """One application; its tables and runs for those who may see them."""
    return page(request, common.declared(name))


def page(
    request: HttpRequest, found: Scenario, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    """The page of a scenario, with what was wrong with an upload."""
    usable = found.name in access.usable(request.user)
    context: dict[str, object] = {
        "scenario": found, "usable": usable, "problems": problems,
        "limit_gb": settings.TABLE_MAX_BYTES // 1024**3,
    }  # fmt: skip
    if usable or found.name in access.readable(request.user):
        tables = selectors.cut(selectors.brought_in(found.name), request.GET, RECENT)
        for row in tables.rows:
            row.count = common.count(common.problems_of(row))
        runs = selectors.runs([found.name], {})[:RECENT]
        context |= {"readable": True, "tables": tables, "runs": runs}
    return render(request, "runs/scenario.html", context, status=status)


def table_template(request: HttpRequest, name: str, dataset: str, form: str) -> HttpResponse:
    """An empty table with the right headings."""
    found = common.declared(name)
    if form not in {"csv", "xlsx"}:
        raise Http404
    return downloads.template(found, common.dataset_of(found, dataset), form)
