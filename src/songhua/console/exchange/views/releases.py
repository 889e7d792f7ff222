"""What of people in a dataset is told with noise, and how well they hide in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import selectors
from songhua.console.exchange.services import releases as services
from songhua.exchange.privacy.questions import Question
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.params import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.console.exchange.models import Distribution, Entry

STATISTICS = (
    ("count", "计数", "count"), ("sum", "求和", "sum"), ("mean", "平均", "mean"),
    ("histogram", "分类计数", "count by category"),
)  # fmt: skip


def dataset_releases(request: HttpRequest, name: str) -> HttpResponse:
    """The figures of a dataset that were told with noise and what is left of its budget; to its
    department also the forms, and the anonymity of the columns that it names."""
    return _page(request, selectors.entry_called(request.user, name))


def _page(
    request: HttpRequest, entry: Entry, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    manages, given = selectors.manages(request.user, entry), request.GET
    tables = _tables(entry)
    risk, measured = (
        None,
        manages and tables and (given.getlist("quasi") or given.getlist("hidden")),
    )
    if measured:
        table = _chosen(tables, given.get("table", ""))
        risk = services.measured(
            request.user, table, given.getlist("quasi"), given.getlist("hidden")
        )
    context = {
        "entry": entry, "manages": manages, "problems": problems, "risk": risk, "given": given,
        "said": request.POST, "total": services.EPSILON, "statistics": STATISTICS,
        "tables": [
            {"table": table, "key": str(table.pk), "left": (left := services.budget_left(table)),
             "spent": services.EPSILON - left, "released": table.noisy.select_related("made_by"),
             "columns": [c for c in table.current.columns if c["name"] != "_id"]}
            for table in tables
        ],
    }  # fmt: skip
    return render(request, "exchange/releases.html", context, status=status)


def _tables(entry: Entry) -> list[Distribution]:
    rows = entry.distributions.filter(removed_at=None, current__isnull=False)
    return list(rows.exclude(sql_name=None).select_related("current", "entry__unit"))


def _chosen(tables: list[Distribution], key: str) -> Distribution:
    found = [table for table in tables if str(table.pk) == key]
    if not found:
        raise Http404
    return found[0]


@require_POST
def dataset_release_new(request: HttpRequest, name: str) -> HttpResponse:
    """Have a figure told with noise."""
    entry = get_object_or_404(selectors.managed(request.user).select_related("unit"), name=name)
    table = _chosen(_tables(entry), request.POST.get("table", ""))
    try:
        services.tell_with_noise(request.user, table, parse(Question, _asked(request, table)))
    except (InputError, Conflict) as error:
        return _page(request, entry, error.problems, 422)
    return done(
        request,
        say("已发布，预算已扣除。", "It is released and paid for."),
        "dataset_releases",
        name,
    )


def _asked(request: HttpRequest, table: Distribution) -> dict[str, Any]:
    given = {name: value.strip() for name, value in request.POST.items()}
    asked: dict[str, Any] = {
        "dataset": table.sql_name, "version": "0", "statistic": given.get("statistic", ""),
        "epsilon": given.get("epsilon", ""), "column": given.get("column", ""),
        "person": given.get("person", ""),
        "rows_per_person": given.get("rows_per_person") or "1",
    }  # fmt: skip
    if given.get("low") or given.get("high"):
        asked["bounds"] = {name: given.get(name, "") for name in ("low", "high")}
        if given.get("resolution"):
            asked["bounds"]["resolution"] = given["resolution"]
    words = re.split(r"[,，、;；]", given.get("categories", ""))
    asked["categories"] = [word.strip() for word in words if word.strip()]
    return asked
