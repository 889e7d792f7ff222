"""Programs that one has told of new versions."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange.models import Distribution, Entry, Subscription
from songhua.console.exchange.services import notifying
from songhua.console.exchange.services import subscriptions as services
from songhua.console.ledger.selectors import page as cut
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

LAST = 3  # messages of each subscription that are shown


def subscriptions(request: HttpRequest) -> HttpResponse:
    """One's own subscriptions and whether their programs answer; a form for the table that the
    address names."""
    return _page(request)


def _page(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200,
    made: Subscription | None = None,
) -> HttpResponse:  # fmt: skip
    rows = Subscription.objects.filter(created_by=request.user)
    page = cut(
        rows.select_related("distribution__entry").prefetch_related("messages"),
        request.GET.get("page", "1"),
    )
    told = [(row, [m for m in reversed(row.messages.all()) if m.attempts or m.error][:LAST])
            for row in page]  # fmt: skip
    context = {
        "page": page, "told": told, "table": _table(request), "problems": problems, "made": made,
        "broker": settings.BROKER.rpartition("@")[2], "mqtt": services.MQTT,
        "topics": notifying.TOPICS, "given": request.POST,
    }  # fmt: skip
    return render(request, "exchange/subscriptions.html", context, status=status)


def _table(request: HttpRequest) -> Distribution | None:
    """The table that the page was asked for, if it is there."""
    given = request.POST.get("table") or request.GET.get("table")
    if not given:
        return None
    try:
        key = uuid.UUID(given)
    except ValueError:
        raise Http404 from None
    found = Distribution.objects.select_related("entry", "current").filter(
        uid=key, removed_at=None, current__isnull=False, entry__state=Entry.State.ACTIVE
    )
    row: Distribution = get_object_or_404(found)
    if not services.sees(request.user, row):
        raise Http404
    return row


@require_POST
def subscription_new(request: HttpRequest) -> HttpResponse:
    """Have a program told of new versions; its secret is shown this once."""
    table = _table(request)
    if table is None:
        raise Http404
    way = request.POST.get("way", "")
    url = services.MQTT if way == "mqtt" else request.POST.get("url", "").strip()
    try:
        row = services.subscribe(request.user, table, url)
    except (InputError, Conflict, NotAllowed) as error:
        return _page(request, error.problems, 422)
    return _page(request, made=row)


@require_POST
def subscription_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Tell this program no more."""
    row = get_object_or_404(Subscription, pk=pk, created_by=request.user)
    services.end(request.user, row)
    return done(request, say("订阅已结束。", "The subscription has ended."), "subscriptions")
