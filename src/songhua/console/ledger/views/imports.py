"""Files on their way in: upload, progress, error sheet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from songhua.console.design.bilingual import language
from songhua.console.ledger import selectors
from songhua.console.ledger.models import ImportBatch
from songhua.console.ledger.services import imports as service
from songhua.console.people.models import Role
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _visible(request: HttpRequest) -> QuerySet[ImportBatch]:
    rows = ImportBatch.objects.select_related("uploaded_by")
    return rows if request.user.role == Role.OFFICE else rows.filter(uploaded_by=request.user)


def _page(
    request: HttpRequest, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    context = {
        "page": selectors.page(_visible(request), request.GET.get("page", "1")),
        "kinds": service.kinds_for(request.user),
        "problems": problems,
    }
    return render(request, "ledger/imports.html", context, status=status)


def imports(request: HttpRequest) -> HttpResponse:
    """What was brought in, and the form to bring more."""
    return _page(request)


@require_POST
def import_upload(request: HttpRequest) -> HttpResponse:
    """Keep the file, queue its processing, show its progress."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        batch = service.receive(
            request.user, request.POST.get("kind", ""), upload.name or "", upload.chunks(),
            size=upload.size,
        )  # fmt: skip
    except InputError as error:
        too_large = any(p.code in {"file_too_large", "upload_too_large"} for p in error.problems)
        return _page(request, error.problems, 413 if too_large else 422)
    return redirect("import_batch", batch.pk)


def import_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: its state (the page asks again while it is being processed) and its problems."""
    batch = get_object_or_404(_visible(request), pk=pk)
    template = "ledger/_import_state.html" if request.htmx else "ledger/import_batch.html"
    problems = [Problem(**p) for p in batch.problems[:200]]
    return render(request, template, {"batch": batch, "problems": problems})


def import_errors(request: HttpRequest, pk: int) -> HttpResponse:
    """Every problem with its row and column, as a spreadsheet."""
    batch = get_object_or_404(_visible(request), pk=pk)
    if not batch.problems:
        raise Http404
    return _sheet(service.error_file(batch, language()), f"errors-{batch.pk}.xlsx")


def import_template(request: HttpRequest, kind: str) -> HttpResponse:
    """An empty sheet with the right headings."""
    if kind not in service.kinds_for(request.user):
        raise Http404
    return _sheet(service.template(kind), f"template-{kind}.xlsx")


def _sheet(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
