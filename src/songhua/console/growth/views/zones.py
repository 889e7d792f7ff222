"""Zones and the axis: maps, counts, comparison, reach, buildings and projects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.growth import maps, selectors
from songhua.console.growth import reach as reaching
from songhua.console.growth import zones as zone_tables
from songhua.console.growth.models import Layer, Site
from songhua.console.growth.services import layers, places
from songhua.console.growth.services.carriers import KEEPERS
from songhua.console.growth.views.common import asked_day, firm_given
from songhua.console.growth.words import words
from songhua.console.ledger.counted import Collection
from songhua.console.ledger.selectors import page as cut
from songhua.console.ledger.services.programme import current
from songhua.console.ledger.views.records import listing
from songhua.governance.cultivation.reach import Reach
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.figures import decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

SITE = ("kind", "name", "district", "lon", "lat", "address", "area_m2", "owner", "since")


def zones(request: HttpRequest) -> HttpResponse:
    """The zones on the map, counted on a day, and one count of all of them over time."""
    return _zones(request)


def _zones(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    on = asked_day(request)
    what = request.GET.get("what", "firms")
    what = what if what in words("what") else "firms"
    boundaries = [
        (zone, layer, zone_tables.core_check(zone, layer.area_m2 if layer else None))
        for zone in current().zones
        for layer in [selectors.layer(Layer.Kind.ZONE, zone.code)]
    ]
    context = {
        "on": on, "what": what, "kinds": list(words("what")), "problems": problems,
        "rows": zone_tables.table(on, request.user), "boundaries": boundaries,
        "chart": zone_tables.over_time(what, on, request.user),
        "city": maps.whole_city(), "axis": maps.axis(on),
        "layers": Layer.objects.select_related("entered_by")[:20], "given": request.POST,
        "layer_kinds": Layer.Kind.values, "keeping": request.user.role in KEEPERS,
    }  # fmt: skip
    return render(request, "growth/zones.html", context, status=status)


@require_POST
def layer_new(request: HttpRequest) -> HttpResponse:
    """Bring in a layer of the map."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        made = layers.bring(
            request.user, request.POST.dict(), filename=upload.name or "", chunks=upload.chunks()
        )
    except InputError as error:
        return _zones(request, error.problems, 422)
    text = say("图层已导入：{n} 个要素。", "The layer is in: {n} features.", n=made.features)
    return done(request, text, "zones")


def zone_records(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """Exactly the records behind a count of a zone."""
    try:
        zone = zone_tables.zone_of(code)
    except InputError as error:
        raise Http404 from error
    if what not in words("what"):
        raise Http404
    return listing(request, zone_tables.collection(zone, what, request.user), asked_day(request))


def _asked(request: HttpRequest) -> tuple[str, float]:
    """How one travels, and for how many minutes."""
    mode = request.GET.get("mode", "walk")
    given = request.GET.get("minutes", "") or str(reaching.MINUTES)
    return mode if mode in words("mode") else "walk", float(decimal(given, "minutes", limit=240))


def reach(request: HttpRequest) -> HttpResponse:
    """Who is within ten minutes of a carrier along the roads."""
    on = asked_day(request)
    problems: Sequence[Problem] = ()
    try:
        mode, limit = _asked(request)
    except InputError as error:
        mode, limit, problems = "walk", float(reaching.MINUTES), error.problems
    found = reaching.reached(on, mode)  # type: ignore[arg-type]
    counts = [
        (what, [(side, len(found.keys(what, limit, side))) for side in ("within", "beyond")])
        for what in ("firms", "vacant")
    ] if found else []  # fmt: skip
    context = {
        "on": on, "mode": mode, "limit": f"{limit:g}", "modes": list(words("mode")),
        "found": found, "counts": counts, "problems": problems, "pace": Reach().metres_a_minute,
        "drawing": maps.reach(found, limit) if found else None,
    }  # fmt: skip
    return render(request, "growth/reach.html", context, status=422 if problems else 200)


def reach_records(request: HttpRequest, what: str, side: str) -> HttpResponse:
    """Exactly the firms or buildings within so many minutes, or beyond."""
    if what not in ("firms", "vacant") or side not in ("within", "beyond"):
        raise Http404
    on = asked_day(request)
    mode, limit = _asked(request)
    found = reaching.reached(on, mode)  # type: ignore[arg-type]
    if found is None:
        raise InputError(Problem("roads", "growth_no_roads"))
    keys = found.keys(what, limit, side)  # type: ignore[arg-type]
    rows = {"firms": selectors.firms, "vacant": lambda day: Site.objects.all()}[what]
    zh, en = words("what")[what]
    ends = ("以内", "within") if side == "within" else ("以外", "beyond")
    how = words("mode")[mode]
    collection = Collection(
        f"reach_{what}", f"{how[0]} {limit:g} 分钟{ends[0]}的{zh}",
        f"{en} {ends[1]} {limit:g} minutes, {how[1].lower()}",
        rows=lambda day: rows(day).filter(pk__in=keys), name=str, day=lambda row: row.since,
        address=zone_tables.record_address,
    )  # fmt: skip
    return listing(request, collection, on)


def sites(request: HttpRequest) -> HttpResponse:
    """Vacant buildings and projects of the axis."""
    return _sites(request)


def _sites(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    rows = Site.objects.select_related("used_by")
    kind = request.GET.get("kind", "")
    rows = rows.filter(kind=kind) if kind in Site.Kind.values else rows
    context = {
        "page": cut(rows, request.GET.get("page", "1")), "kind": kind, "problems": problems,
        "kinds": Site.Kind.values, "today": clock.today(),
        "keeping": request.user.role in KEEPERS,
    }  # fmt: skip
    return render(request, "growth/sites.html", context, status=status)


def site_new(request: HttpRequest) -> HttpResponse:
    """Enter a vacant building or a project of the axis."""
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            made = places.enter_site(
                request.user, {name: request.POST.get(name, "") for name in SITE}
            )
            return done(request, say("“{n}”已登记。", "“{n}” is entered.", n=made.name), "sites")
        except InputError as error:
            problems = error.problems
    context = {
        "problems": problems, "given": request.POST, "kinds": Site.Kind.values,
        "districts": current().districts, "today": clock.today(),
    }  # fmt: skip
    return render(request, "growth/site_form.html", context, status=422 if problems else 200)


@require_POST
def site_open(request: HttpRequest, pk: int) -> HttpResponse:
    """A building is in use again, or a project is finished."""
    row = get_object_or_404(Site, pk=pk)
    code = request.POST.get("used_by", "").strip()
    try:
        places.open_site(
            request.user, row, on=civil(request.POST.get("opened_on", ""), "opened_on"),
            used_by=firm_given(code, "used_by") if code else None,
        )  # fmt: skip
    except InputError as error:
        return _sites(request, error.problems, 422)
    except Conflict as error:
        return _sites(request, error.problems, 409)
    return done(request, say("已更新。", "It is changed."), "sites")
