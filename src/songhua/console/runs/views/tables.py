"""Tables: brought in, looked at, downloaded, dropped."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.bilingual import language
from songhua.console.design.posted import done
from songhua.console.runs import access, downloads, selectors, terms
from songhua.console.runs.models import Work
from songhua.console.runs.services import tables as service
from songhua.console.runs.services import work
from songhua.console.runs.views import common
from songhua.console.runs.views.scenarios import page
from songhua.kit.errors import InputError, Problem
from songhua.tables import error_sheet

if TYPE_CHECKING:
    from pathlib import Path

    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

    from songhua.console.runs.models import Table
    from songhua.kit.spec import Dataset
    from songhua.runtime.browse import Quality

ROWS = 50  # of a preview's page


@require_POST
def table_upload(request: HttpRequest, name: str, dataset: str) -> HttpResponse:
    """Keep the file, queue its check, show its progress."""
    found = common.readable(request, name)
    common.dataset_of(found, dataset)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        row = service.receive(request.user, name, dataset, upload.name or "", upload.chunks())
    except InputError as error:
        too_large = any(p.code == "file_too_large" for p in error.problems)
        return page(request, found, error.problems, 413 if too_large else 422)
    return redirect("table", row.pk)


@require_POST
def table_sample(request: HttpRequest, name: str, dataset: str) -> HttpResponse:
    """Bring in the scenario's own small table."""
    common.dataset_of(common.readable(request, name), dataset)
    return redirect("table", service.sample(request.user, name, dataset).pk)


def table(request: HttpRequest, pk: int) -> HttpResponse:
    """One table: its state (the page asks again while it is checked), problems, rows, quality."""
    row = selectors.table_of(request.user, pk)
    if request.htmx:
        if row.over:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "runs/_table_state.html", {"table": row})
    scenario = common.declared(row.scenario)
    problems = common.problems_of(row)
    context: dict[str, object] = {
        "table": row, "scenario": scenario, "dataset": terms.dataset(scenario, row.dataset),
        "problems": problems[: common.SHOWN], "count": common.count(problems),
        "usable": row.scenario in access.usable(request.user),
        "read_by": selectors.readers(row), "office": request.user.role == "office",
    }  # fmt: skip
    if row.state == Work.State.DONE and row.dropped_at is None:
        context |= _contents(request, row) | {"forms": downloads.forms(row)}
    return render(request, "runs/table.html", context)


def _contents(request: HttpRequest, row: Table) -> dict[str, object]:
    """A page of rows, and how good each column is."""
    from songhua.runtime import browse

    path, given = work.store().path(row.digest), request.GET.get("offset", "")
    offset = int(given) if given.isascii() and given.isdigit() and len(given) < 13 else 0
    offset = min(offset, max(0, row.rows - 1)) // ROWS * ROWS
    names, rows = browse.preview(path, offset=offset, limit=ROWS)
    declared = terms.dataset(common.declared(row.scenario), row.dataset)
    return {
        "names": names, "rows": rows, "first": offset + 1, "last": offset + len(rows),
        "earlier": offset - ROWS if offset else None,
        "later": offset + ROWS if offset + ROWS < row.rows else None,
        "quality": _quality(path, declared) if declared and row.rows else (),
    }  # fmt: skip


@lru_cache(maxsize=128)
def _quality(path: Path, dataset: Dataset) -> list[Quality]:
    """How good each column is; a file never changes under its name, so it is looked at once."""
    from songhua.runtime import browse

    return browse.quality(path, dataset)


def table_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem with its row and column, as a spreadsheet."""
    row = selectors.table_of(request.user, pk)
    if not row.problems:
        raise Http404
    content = error_sheet(common.problems_of(row), language())
    return downloads.attachment(content, f"problems-{row.pk}.xlsx", downloads.XLSX)


def table_file(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The whole table in one of its forms."""
    row = selectors.table_of(request.user, pk)
    if row.state != Work.State.DONE or row.dropped_at or form not in downloads.forms(row):
        raise Http404
    return downloads.whole(common.declared(row.scenario), row, form)


@require_POST
def table_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the check."""
    row = selectors.table_of(request.user, pk)
    access.demand(request.user, row.scenario)
    work.cancel(request.user, row)
    return done(request, say("已要求取消。", "It is to be cancelled."), "table", pk)


@require_POST
def table_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete the rows; the record stays."""
    row = selectors.table_of(request.user, pk)
    service.drop(request.user, row)
    return done(request, say("数据行已删除。", "The rows are deleted."), "table", pk)
