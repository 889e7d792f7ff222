"""Firms that grow: the list under its filters, and one firm with its rung, figures and aid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.bilingual import choose
from songhua.console.design.posted import done
from songhua.console.growth import aid, cohorts, figures, ladder, selectors
from songhua.console.growth.services import moves
from songhua.console.growth.views.carriers import place_of
from songhua.console.growth.views.common import asked_day, key
from songhua.console.ledger.selectors import page as cut
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.console.subsidies import selectors as registry
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.registry import name_key
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from songhua.governance.cultivation.facts import FirmYear
    from songhua.kit.errors import Problem

ALERTS = ("stalled", "research_falls", "long_stay", "unreported")


def growth_firms(request: HttpRequest) -> HttpResponse:
    """The firms under filters: a rung, a warning, a carrier, a year of founding."""
    on, given = asked_day(request), request.GET
    rows, warned = _filtered(request, on)
    page = cut(rows.order_by("pk"), given.get("page", "1"))
    shown = [firm.pk for firm in page]
    rungs = selectors.rungs(on, shown)
    alerts = warned or ladder.alerts_of(on, shown)
    context = {
        "page": page, "given": given, "on": on, "rungs": moves.RUNGS, "alerts": ALERTS,
        "rows": [(firm, rungs.get(firm.pk, ""), alerts.get(firm.pk, ())) for firm in page],
    }  # fmt: skip
    return render(request, "growth/firms.html", context)


def _filtered(request: HttpRequest, on: date) -> tuple[QuerySet[Subject], dict]:
    given, warned = request.GET, {}
    if founded := given.get("founded", ""):
        rows = cohorts.founded(on, key(founded))
        rows = rows.filter(pk__in=selectors.firms(on).values("pk")) if given.get("left") else rows
    elif rung := given.get("rung", ""):
        rows = selectors.on_ladder(on, rung)
    elif carrier := given.get("carrier", ""):
        rows = selectors.tenants(on, [key(carrier)])
    else:
        rows = selectors.firms(on)
    if (alert := given.get("alert", "")) in ALERTS:
        warned = ladder.alerts_of(on)
        wanted = [k for k, said in warned.items() if any(one.kind == alert for one in said)]
        rows = rows.filter(pk__in=wanted)
    if text := given.get("q", "").strip():
        rows = rows.filter(name_key__contains=name_key(text))
    return rows, warned


def _own(request: HttpRequest, pk: int) -> Subject:
    rows = registry.subjects(request.user).filter(kind=Subject.Kind.ENTERPRISE)
    row = get_object_or_404(rows, pk=pk)
    return row.merged_into or row


def growth_firm(request: HttpRequest, pk: int) -> HttpResponse:
    """One firm."""
    return _page(request, _own(request, pk))


@require_POST
def growth_place(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter where a firm is from a day on."""
    row = _own(request, pk)
    try:
        place_of(request, row)
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("位置已登记。", "The address is entered."), "growth_firm", row.pk)


def _page(
    request: HttpRequest, row: Subject, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    on = clock.today()
    years = figures.yearly(on, [row.pk]).get(row.pk, {})
    policy, support = aid.proposed(row, on)
    stays = selectors.stays().filter(kept=row.pk)
    context = {
        "row": row, "problems": problems, "given": request.POST, "today": on,
        "rung": selectors.rungs(on, [row.pk]).get(row.pk, ""),
        "alerts": ladder.alerts_of(on, [row.pk]).get(row.pk, ()),
        "years": sorted(years.items(), reverse=True), "chart": _chart(years),
        "moves": moves.story(row), "support": support, "policy": policy,
        "stays": stays.select_related("carrier__subject").order_by("-moved_in"),
        "place": row.places.last(), "districts": current().districts,
        "office": request.user.role == Role.OFFICE,
        "keeping": request.user.role != Role.LEADER,
        "official": request.user.role != Role.ENTERPRISE,
    }  # fmt: skip
    return render(request, "growth/firm.html", context, status=status)


def _chart(years: dict[int, FirmYear]) -> dict[str, object] | None:
    """Revenue and research by year, in 10,000 yuan; a year without a figure is a gap."""
    if not years:
        return None
    span = range(min(years), max(years) + 1)

    def values(name: str) -> list[float | None]:
        found = (getattr(years.get(year), name, None) for year in span)
        return [None if fen is None else fen / 1_000_000 for fen in found]

    return {
        "kind": "line", "title": choose("年度数据", "Yearly figures"), "places": 1, "min": 0,
        "unit": choose("万元", "10,000 yuan"), "x": [str(year) for year in span],
        "x_label": choose("年度", "Year"),
        "series": [
            {"name": choose("主营业务收入", "Revenue"), "values": values("revenue_fen")},
            {"name": choose("研发投入", "Research"), "values": values("research_fen")},
        ],
    }  # fmt: skip
