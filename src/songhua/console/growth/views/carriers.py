"""Carriers: the list with its occupancy, one of them with its firms, and their steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.growth import aid, figures, selectors
from songhua.console.growth.ladder import last_whole_year
from songhua.console.growth.services import carriers as service
from songhua.console.growth.services import places
from songhua.console.growth.views.common import asked_day, firm_given, key
from songhua.console.growth.words import words
from songhua.console.ledger.selectors import page as cut
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.console.growth.models import Carrier
    from songhua.console.subsidies.models import Subject
    from songhua.kit.errors import Problem

PLACE = ("district", "lon", "lat", "address", "as_of")


def carriers(request: HttpRequest) -> HttpResponse:
    """Every carrier with how many firms it holds; one of an enterprise's own."""
    on = asked_day(request)
    rows = selectors.with_firms(selectors.own_carriers(request.user, on), on)
    stage = request.GET.get("stage", "")
    counts = {code: rows.filter(stage=code).count() for code in words("stage")}
    page = cut(rows.filter(stage=stage) if stage in counts else rows, request.GET.get("page", "1"))
    context = {
        "page": page, "on": on, "given": request.GET, "counts": counts.items(),
        "total": sum(counts.values()), "official": request.user.role != Role.ENTERPRISE,
    }  # fmt: skip
    return render(request, "growth/carriers.html", context)


def _said(request: HttpRequest) -> dict[str, object]:
    given = request.POST
    said: dict[str, object] = {name: given.get(name, "") for name in service.SAID}
    return said | {"services": given.getlist("services")}


def carrier_new(request: HttpRequest) -> HttpResponse:
    """Enter a carrier."""
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        given = request.POST
        try:
            made = service.enter(
                request.user, _said(request), name=given.get("name", ""),
                operator=firm_given(given.get("operator", ""), "operator"),
                since=civil(given.get("since", ""), "since"),
            )  # fmt: skip
            return done(request, say("载体已登记。", "The carrier is entered."), "carrier", made.pk)
        except InputError as error:
            problems = error.problems
    context = {
        "problems": problems, "given": request.POST, "words": _choices(),
        "chosen": request.POST.getlist("services"), "today": clock.today(),
        "code": request.user.credit_code,
    }  # fmt: skip
    return render(request, "growth/carrier_form.html", context, status=422 if problems else 200)


def _choices() -> dict[str, list[str]]:
    return {kind: list(words(kind)) for kind in ("stage", "backing", "service", "outcome")}


def own(request: HttpRequest, pk: int) -> Carrier:
    """The carrier, if this person may open it."""
    return get_object_or_404(selectors.own_carriers(request.user, clock.today()), pk=pk)


def carrier(request: HttpRequest, pk: int) -> HttpResponse:
    """One carrier: its firms, its history, what support it may ask for."""
    return _page(request, own(request, pk))


def _page(
    request: HttpRequest, row: Carrier, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    on, user = clock.today(), request.user
    stays = selectors.stays().filter(home=row.pk).select_related("firm__merged_into")
    tenants = selectors.tenants(on, [row.pk])
    year = last_whole_year(on)
    known = figures.yearly(on, list(tenants.values_list("pk", flat=True)))
    revenue = [years[year].revenue_fen for years in known.values() if year in years]
    revenue = [fen for fen in revenue if fen is not None]
    policy, support = aid.proposed(row.subject, on)
    context = {
        "row": row, "problems": problems, "given": request.POST, "today": on,
        "staying": stays.filter(selectors.staying(on)).order_by("-moved_in"),
        "left": stays.exclude(left_on=None).order_by("-left_on")[:200],
        "tenants": tenants.count(), "year": year, "reported": len(revenue),
        "revenue": sum(revenue) if revenue else None,
        "place": row.subject.places.last(), "words": _choices(), "chosen": row.services,
        "keeping": user.role in service.KEEPERS or access.owns(user, row.subject),
        "support": support, "policy": policy, "districts": current().districts,
        "official": user.role != Role.ENTERPRISE, "office": user.role == Role.OFFICE,
    }  # fmt: skip
    return render(request, "growth/carrier.html", context, status=status)


@require_POST
def carrier_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """A firm moves in or out, the carrier is described anew, or its address entered."""
    row = own(request, pk)
    if action not in ACTS:
        raise Http404
    try:
        ACTS[action](request, row)
    except InputError as error:
        return _page(request, row, error.problems, 422)
    except Conflict as error:
        return _page(request, row, error.problems, 409)
    return done(request, say("已办理。", "Done."), "carrier", pk)


def _move_in(request: HttpRequest, row: Carrier) -> None:
    given = request.POST
    firm = firm_given(given.get("code", ""))
    service.move_in(request.user, row, firm, on=civil(given.get("moved_in", ""), "moved_in"))


def _move_out(request: HttpRequest, row: Carrier) -> None:
    given = request.POST
    rows = selectors.stays().filter(home=row.pk)
    stay = get_object_or_404(rows, pk=key(given.get("tenancy", "")))
    service.move_out(
        request.user, stay, on=civil(given.get("left_on", ""), "left_on"),
        outcome=given.get("outcome", ""),
    )  # fmt: skip


def _change(request: HttpRequest, row: Carrier) -> None:
    service.change(request.user, row, _said(request))


def place_of(request: HttpRequest, subject: Subject) -> None:
    """Enter where a subject is, from the form."""
    places.put(request.user, subject, {name: request.POST.get(name, "") for name in PLACE})


def _place(request: HttpRequest, row: Carrier) -> None:
    place_of(request, row.subject)


ACTS = {"in": _move_in, "out": _move_out, "change": _change, "place": _place}
