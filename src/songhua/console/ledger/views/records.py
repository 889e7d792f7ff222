"""The records behind a number, and the same records as evidence of a task."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.ledger import counted
from songhua.console.ledger.services import evidence
from songhua.console.ledger.views.forms import own_task

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from songhua.console.ledger.counted import Collection

PAGE_SIZE = 100


def records(request: HttpRequest, key: str) -> HttpResponse:
    """Exactly the records that a collection counts on a day."""
    given = request.GET.get("on", "")
    on = civil(given, "on") if given else clock.today()
    return listing(request, counted.get(key), on)


def listing(request: HttpRequest, collection: Collection, on: date) -> HttpResponse:
    """The page of a collection, registered or made for the occasion."""
    page = Paginator(collection.rows(on).order_by("-pk"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    listed = [
        {"name": collection.name(row), "day": collection.day(row), "url": collection.address(row)}
        for row in page
    ]
    context = {"collection": collection, "on": on, "page": page, "listed": listed}
    return render(request, "ledger/records.html", context)


@require_POST
def task_records(request: HttpRequest, code: str) -> HttpResponse:
    """Submit the records of a collection, as they stand today, as evidence of a task."""
    row = own_task(request, code)
    evidence.submit_records(request.user, row, request.POST.get("collection", ""))
    text = say("记录已作为佐证提交，等待审核。", "The records are submitted as evidence.")
    return done(request, text, "task", code)
