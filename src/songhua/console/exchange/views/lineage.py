"""Where figures come from and where they go, drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, render

from songhua.console import clock
from songhua.console.exchange import lineage_selectors, selectors
from songhua.console.exchange.visitors import held_back
from songhua.console.ledger.models import Indicator
from songhua.exchange.lineage import event

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_not_required
@held_back
def dataset_lineage(request: HttpRequest, name: str) -> HttpResponse:
    """The lineage of a dataset; htmx asks for the drawing alone."""
    entry = selectors.entry_called(request.user, name)
    context = {"entry": entry, "lineage": lineage_selectors.of_entry(request.user, entry)}
    page = "exchange/_lineage.html" if request.htmx else "exchange/lineage.html"
    return render(request, page, context)


@login_not_required
@held_back
def dataset_lineage_event(request: HttpRequest, name: str) -> JsonResponse:
    """The same as an OpenLineage event."""
    entry = selectors.entry_called(request.user, name)
    said = event(
        lineage_selectors.of_entry(request.user, entry).edges, namespace=request.get_host(),
        job=f"catalogue/{entry.name}", run=entry.modified_at.isoformat(), at=clock.now(),
    )  # fmt: skip
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})


def indicator_lineage(request: HttpRequest, code: str) -> HttpResponse:
    """The lineage of an indicator of the plan; htmx asks for the drawing alone."""
    row = get_object_or_404(Indicator, code=code)
    context = {"indicator": row, "lineage": lineage_selectors.of_indicator(request.user, row)}
    page = "exchange/_lineage.html" if request.htmx else "exchange/lineage.html"
    return render(request, page, context)
