"""The office's desk: the months, and the documents that come out of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock, files
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import selectors
from songhua.console.ledger.models import Document
from songhua.console.ledger.services import documents as document_service
from songhua.console.ledger.services import months as month_service
from songhua.console.people.models import Role
from songhua.kit import figures
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from django.http import HttpRequest

TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def months(request: HttpRequest) -> HttpResponse:
    """Every month: reports due, in, on time, approved; closed or not."""
    context = {"rows": selectors.month_progress(), "today": clock.today()}
    return render(request, "ledger/months.html", context)


@require_POST
def month_approve(request: HttpRequest, month: str) -> HttpResponse:
    """Approve what waits in a month."""
    count = month_service.approve(request.user, figures.month(month, "month"))
    text = say("已核准 {n} 份月报。", "{n} reports are approved.", n=count)
    return done(request, text, "months")


@require_POST
def month_close(request: HttpRequest, month: str) -> HttpResponse:
    """Close a month."""
    month_service.close(request.user, figures.month(month, "month"))
    return done(request, say("已关账。", "The month is closed."), "months")


def _visible(request: HttpRequest) -> object:
    rows = Document.objects.select_related("issued_by")
    if request.user.role in {Role.PUBLIC, Role.ENTERPRISE}:
        return rows.filter(published=True)
    return rows


def documents(request: HttpRequest) -> HttpResponse:
    """What was issued; the office issues more."""
    return _documents_page(request)


def _documents_page(
    request: HttpRequest, problems: tuple[object, ...] = (), status: int = 200
) -> HttpResponse:
    rows = _visible(request)
    if request.GET.get("kind"):
        rows = rows.filter(kind=request.GET["kind"])
    context = {
        "page": selectors.page(rows, request.GET.get("page", "1")),
        "kinds": Document.Kind.choices,
        "given": request.POST or request.GET,
        "problems": problems,
    }
    return render(request, "ledger/documents.html", context, status=status)


@require_POST
def document_issue(request: HttpRequest) -> HttpResponse:
    """Issue the document of a period."""
    try:
        row = document_service.issue(
            request.user, "", figures.plain(request.POST.get("period", ""))
        )
    except InputError as error:
        return _documents_page(request, error.problems, 422)
    text = say("已生成：{d}。", "Issued: {d}.", d=str(row))
    return done(request, text, "documents")


@require_POST
def document_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a document to enterprises and the public."""
    document_service.publish(request.user, get_object_or_404(Document, pk=pk))
    return done(request, say("已公开。", "Published."), "documents")


def document_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The document as issued, byte for byte."""
    row = get_object_or_404(_visible(request), pk=pk)
    if form not in TYPES or form not in row.files:
        raise Http404
    return FileResponse(
        files.path_of(row.files[form]).open("rb"),
        as_attachment=form != "pdf",
        filename=f"{row.kind}-{row.period}-{row.edition}.{form}",
        content_type=TYPES[form],
    )
