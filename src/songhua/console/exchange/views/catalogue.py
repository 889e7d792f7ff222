"""The catalogue as a whole: searched by people, read by other catalogues, as a workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import quote_etag

from songhua.console.design.bilingual import language
from songhua.console.exchange import selectors
from songhua.console.exchange.models import Brought
from songhua.console.exchange.services import importing, linked
from songhua.console.exchange.visitors import held_back
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role
from songhua.exchange.catalogue import write_template
from songhua.kit.errors import Problem
from songhua.tables.report import error_sheet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from songhua.console.exchange.models import Entry

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@login_not_required
@held_back
def datasets(request: HttpRequest) -> HttpResponse:
    """What data there are, found by words and narrowed down by facets."""
    found = selectors.search(request.user, request.GET)
    context = {
        "page": found.page, "facets": found.facets, "given": request.GET,
        "official": selectors.official(request.user), "desk": _enters(request),
    }  # fmt: skip
    template = "exchange/_datasets.html" if request.htmx else "exchange/datasets.html"
    return render(request, template, context)


def _enters(request: HttpRequest) -> bool:
    user = request.user
    return user.is_authenticated and (
        user.role == Role.OFFICE or (user.role == Role.STAFF and user.unit_id is not None)
    )


@login_not_required
@held_back
def catalogue_dcat(request: HttpRequest, form: str) -> HttpResponseBase:
    """All that the reader may know of, as DCAT-AP."""
    return answer_dcat(request, selectors.visible(request.user), form)


def answer_dcat(request: HttpRequest, rows: QuerySet[Entry], form: str) -> HttpResponseBase:
    """A DCAT-AP document of these datasets, unless the reader has it already."""
    if form not in linked.FORMS:
        raise Http404
    base = request.build_absolute_uri("/catalogue")
    made = linked.state(rows, base + ("*" if selectors.official(request.user) else ""), form)
    etag = quote_etag(made)
    known = get_conditional_response(request, etag=etag)
    answer = known or StreamingHttpResponse(
        linked.document(rows, base, current().name_zh, form, made),
        content_type=linked.FORMS[form][1],
    )
    answer["ETag"] = etag
    patch_vary_headers(answer, ["Cookie"])
    return answer


def catalogue_import(request: HttpRequest) -> HttpResponse:
    """Bring in a workbook of datasets; nothing is entered while anything in it is wrong."""
    status = 200
    row = None
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is None:
            context = {"problems": [Problem("file", "empty")]}
            return render(request, "exchange/import.html", context, status=422)
        row = importing.bring(request.user, file.name or "", file.read())
        status = 422 if row.problems else 200
    return _brought(request, row, status)


def _brought(request: HttpRequest, row: Brought | None, status: int) -> HttpResponse:
    context = {
        "row": row, "recent": _own(request)[:10],
        "problems": [Problem(**problem) for problem in row.problems[:200]] if row else [],
    }  # fmt: skip
    return render(request, "exchange/import.html", context, status=status)


def _own(request: HttpRequest) -> QuerySet[Brought]:
    rows = Brought.objects.select_related("brought_by")
    return rows if request.user.role == Role.OFFICE else rows.filter(brought_by=request.user)


def catalogue_import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem of a workbook with its cell, as a spreadsheet."""
    row = get_object_or_404(_own(request), pk=pk)
    if not row.problems:
        raise Http404
    problems = [Problem(**problem) for problem in row.problems]
    return _sheet(error_sheet(problems, language()), f"catalogue-errors-{pk}.xlsx")


def catalogue_template(request: HttpRequest) -> HttpResponse:
    """The empty workbook."""
    return _sheet(write_template(language()), "catalogue-template.xlsx")


def catalogue_export(request: HttpRequest) -> HttpResponse:
    """The datasets that departments may know of, as a workbook that can be brought in again."""
    rows = selectors.visible(request.user).select_related("unit").order_by("code")
    content, left_out = importing.workbook(rows, language())
    answer = _sheet(content, "catalogue.xlsx")
    answer["X-Songhua-Left-Out"] = str(left_out)
    return answer


def _sheet(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_not_required
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may read: the open catalogue, not its files, not the desk."""
    rows = [
        "User-agent: *", f"Allow: {reverse('datasets')}", "Disallow: /catalogue/file/",
        "Disallow: /catalogue/new/", "Disallow: /", "Crawl-delay: 2", "",
    ]  # fmt: skip
    return HttpResponse("\n".join(rows), content_type="text/plain; charset=utf-8")
