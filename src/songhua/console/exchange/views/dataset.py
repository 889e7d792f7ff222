"""One dataset: what it is, who may have it, its first rows, its files, what people say of it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import formats, preview, records, selectors
from songhua.console.exchange.models import Version
from songhua.console.exchange.services import delivery, door, wishes
from songhua.console.exchange.views.catalogue import answer_dcat
from songhua.console.exchange.visitors import held_back, mark
from songhua.exchange.catalogue import data_package, words

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from songhua.console.exchange.models import Distribution


def _opened(request: HttpRequest, tables: list[Distribution]) -> door.Opened:
    caller, purpose = selectors.caller(request.user), request.GET.get("purpose", "")
    return door.open_tables(caller, tables, purpose)


@login_not_required
@held_back
def dataset(request: HttpRequest, name: str) -> HttpResponse:
    """The page of a dataset."""
    entry = selectors.entry_called(request.user, name)
    tables = selectors.tables(entry)
    opened = _opened(request, tables)
    columns = [c for found in opened.columns.values() for c in found] if tables else None
    official, ways = selectors.official(request.user), _ways(opened, tables)
    context = {
        "entry": entry, "official": official, "tables": ways,
        "counted": all(way["counted"] for way in ways),
        "others": [w for w in entry.distributions.all() if w.url.startswith(("http://", "https://"))],
        "fields": selectors.fields_shown(request.user, entry, columns),
        "late": selectors.days_late(entry), "rated": selectors.rated(entry),
        "versions": Version.objects.filter(distribution__in=tables)[:10] if tables else [],
        "manages": selectors.manages(request.user, entry), "stars": wishes.STARS,
        "words": {
            name: words(name).get(getattr(entry, name)) for name in ("tier", "theme", "cycle",
                                                                     "licence")
        },
        "api": request.build_absolute_uri(reverse("ckan_action", args=["datastore_search"])),
        "about": entry.about, "forms": delivery.FORMS,
        "mapped": any(preview.located(found) for found in opened.columns.values()),
        "asks": selectors.may_ask(request.user, entry),
    }  # fmt: skip
    return render(request, "exchange/dataset.html", context)


def _ways(opened: door.Opened, tables: list[Distribution]) -> list[dict[str, Any]]:
    """The tables of a dataset: what of each may be seen, whether as a file, and how many rows there
    are where all of them may be seen."""
    whole = {h.grant.dataset for h in opened.held if not h.grant.rows}
    exported = {h.grant.dataset: h.grant.may_export for h in opened.held}
    return [
        {"table": table, "seen": table.sql_name in exported,
         "files": exported.get(table.sql_name, False), "counted": table.sql_name in whole}
        for table in tables
    ]  # fmt: skip


@login_not_required
@held_back
def dataset_rows(request: HttpRequest, name: str) -> HttpResponse:
    """The first rows and a chart, for the page of a dataset."""
    entry = selectors.entry_called(request.user, name)
    shown = []
    for table in selectors.tables(entry)[:3]:
        opened = _opened(request, [table])
        rows = preview.first_rows(opened, table.sql_name)
        if rows is not None:
            picture = preview.picture(opened, table.sql_name)
            shown.append((table, rows, picture, preview.places(opened, table.sql_name)))
    context = {"entry": entry, "shown": shown}
    template = "exchange/_rows.html" if request.htmx else "exchange/rows.html"
    return render(request, template, context)


@login_not_required
@partial(held_back, cost=10)
def dataset_file(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """A table of a dataset as a file; `table` chooses one where there are several."""
    entry = selectors.entry_called(request.user, name)
    tables = selectors.tables(entry)
    wanted = request.GET.get("table", "")
    chosen = [t for t in tables if not wanted or str(t.uid) == wanted]
    if not chosen:
        links = [w for w in entry.distributions.all() if w.url and w.form.lower() == form]
        if not links or not links[0].url.startswith(("http://", "https://")):
            raise Http404
        return redirect(links[0].url)
    if form not in delivery.FORMS:
        raise Http404
    purpose = request.GET.get("purpose", "")
    made = delivery.whole(selectors.caller(request.user), chosen[0], form, purpose)
    answer = FileResponse(
        made.file, as_attachment=True, filename=f"{entry.name}.{form}",
        content_type=formats.KINDS[form],
    )  # fmt: skip
    answer["X-Songhua-Receipt"] = str(made.receipt)
    return answer


@login_not_required
@held_back
def dataset_dcat(request: HttpRequest, name: str, form: str) -> HttpResponseBase:
    """The dataset as DCAT-AP."""
    rows = selectors.visible(request.user).filter(name=name)
    if not rows.exists():
        raise Http404
    return answer_dcat(request, rows, form)


@login_not_required
@held_back
def dataset_package(request: HttpRequest, name: str) -> HttpResponse:
    """The dataset as a Frictionless data package."""
    entry = selectors.entry_called(request.user, name)
    record = records.listed(entry, selectors.tables(entry))
    if not selectors.official(request.user):
        record = records.public(record)
    shelf = records.Shelf((record,), tuple(records.code_tables(entry).values()))
    said = data_package(record, shelf)
    for one in said["resources"]:
        one["path"] = request.build_absolute_uri(
            reverse("dataset_file", args=[entry.name, one["format"]])
        )
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})


@login_not_required
def dataset_id(request: HttpRequest, name: str) -> HttpResponse:
    """The address that names a dataset in linked data leads to its page."""
    return redirect("dataset", name)


@login_not_required
@require_POST
@held_back
def dataset_rate(request: HttpRequest, name: str) -> HttpResponse:
    """Say how useful a dataset is."""
    entry = get_object_or_404(selectors.visible(request.user), name=name)
    wishes.rate(entry, request.POST.get("stars", ""), mark(request))
    return done(request, say("谢谢您的评分。", "Thank you for the mark."), "dataset", name)
