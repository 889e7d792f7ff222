"""Records of every kind: all numbers, one list, one record, and the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from songhua.console import clock, files
from songhua.console.cooperation import access, boards, collections, selectors, shown
from songhua.console.cooperation.models import Duty, Record
from songhua.console.cooperation.services import entering
from songhua.console.cooperation.shelf import BY_KEY, KINDS
from songhua.console.cooperation.words import said
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger.selectors import page as cut
from songhua.console.people.models import Role
from songhua.console.people.rights import may_open
from songhua.kit.errors import Conflict, InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from django.http import HttpRequest, HttpResponse

    from songhua.console.cooperation.shelf import Kind
    from songhua.kit.errors import Problem


def kind_or_404(request: HttpRequest, key: str) -> Kind:
    """The kind of record, if this person may read any of it."""
    kind = BY_KEY.get(key)
    if kind is None or access.seen(request.user, kind) is None:
        raise Http404
    return kind


def record_or_404(request: HttpRequest, kind: Kind, pk: int) -> Record:
    """The record, if this person may read it; officials also what was struck out."""
    struck = request.user.role in access.OFFICIALS
    found: Record = get_object_or_404(selectors.rows(request.user, kind, struck=struck), pk=pk)
    return found


def cooperation(request: HttpRequest) -> HttpResponse:
    """Every kind with its numbers, each of which opens exactly its records."""
    user = request.user
    kinds = [kind for kind in KINDS if access.seen(user, kind) is not None]
    cards = [(kind, selectors.rows(user, kind).count(), selectors.parts(user, kind))
             for kind in kinds]  # fmt: skip
    return render(request, "cooperation/index.html", {"cards": cards})


def cooperation_records(request: HttpRequest, key: str) -> HttpResponse:
    """The list of one kind under its filters."""
    kind, given = kind_or_404(request, key), request.GET
    rows = selectors.rows(request.user, kind)
    page = cut(selectors.filtered(rows, kind, given), given.get("page", "1"))
    columns = shown.listed(kind)
    leads = may_open(request.user, "subject", "GET")
    context = {
        "kind": kind, "page": page, "given": given, "columns": columns,
        "lines": [
            (row, _state(kind, row), list(zip(columns, _cells(columns, row, leads), strict=True)))
            for row in page
        ],
        "parts": selectors.parts(request.user, kind), "whole": rows.count(),
        "choices": [column for column in kind.columns if column.type == "one_of"],
        "entering": access.may_enter(request.user, kind),
    }  # fmt: skip
    return render(request, "cooperation/records.html", context)


def _cells(columns: Sequence[Any], row: Record, leads: bool) -> list[shown.Shown]:
    found = [(column, shown.shown(column, row)) for column in columns]
    return [one if leads or column.type != "subject" else shown.Shown(one.text)
            for column, one in found]  # fmt: skip


def _state(kind: Kind, row: Record) -> str:
    return said(kind.states, row.state) if kind.states else ""


def cooperation_new(request: HttpRequest, key: str) -> HttpResponse:
    """Enter a record; what the address names is filled in already."""
    kind = kind_or_404(request, key)
    if not access.may_enter(request.user, kind):
        raise Http404
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        try:
            made = entering.enter(request.user, kind, request.POST.dict())
            return done(request, say("已登记。", "Entered."), "cooperation_record", key, made.pk)
        except (InputError, Conflict) as error:
            problems = error.problems
    return _form(request, kind, None, request.POST or request.GET, problems)


def cooperation_edit(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Correct a record, with a reason."""
    kind = kind_or_404(request, key)
    row = record_or_404(request, kind, pk)
    if not (kind.changes and access.keeps(request.user, row)):
        raise Http404
    problems: Sequence[Problem] = ()
    if request.method == "POST":
        given = request.POST.dict()
        try:
            entering.change(request.user, row, given, reason=str(given.pop("reason", "")))
            return done(request, say("已更正。", "Corrected."), "cooperation_record", key, pk)
        except (InputError, Conflict) as error:
            problems = error.problems
    typed = {column.name: shown.typed(column, row) for column in kind.writable}
    return _form(request, kind, row, request.POST or typed, problems)


def _form(
    request: HttpRequest,
    kind: Kind,
    row: Record | None,
    given: Mapping[str, Any],
    problems: Sequence[Problem],
) -> HttpResponse:
    user = request.user
    hidden = {"subject"} if user.role == Role.ENTERPRISE else set()
    fields = [
        (column, given.get(column.name, ""),
         selectors.rows(user, BY_KEY[column.to])[:300] if column.type == "link" else ())
        for column in kind.writable if column.name not in hidden
    ]  # fmt: skip
    context = {"kind": kind, "row": row, "fields": fields, "problems": problems, "given": given}
    status = 422 if problems else 200
    return render(request, "cooperation/form.html", context, status=status)


def cooperation_record(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """One record, what hangs on it, and what may be done."""
    kind = kind_or_404(request, key)
    return page(request, kind, record_or_404(request, kind, pk))


def page(
    request: HttpRequest,
    kind: Kind,
    row: Record,
    problems: Sequence[Problem] = (),
    status: int = 200,
) -> HttpResponse:
    """The page of a record, with what was wrong with the step just tried."""
    user = request.user
    keeps = access.keeps(user, row)
    leads = may_open(user, "subject", "GET")
    facts = [c for c in (*kind.columns, *kind.more) if c.name != "title"]
    columns = [*facts, *(c for c in kind.writable if c.name == "unit")]
    context = {
        "kind": kind, "row": row, "problems": problems, "given": request.POST, "keeps": keeps,
        "values": list(zip(columns, _cells(columns, row, leads), strict=True)),
        "state": _state(kind, row), "today": clock.today(), "own": access.of(user, row),
        "changes": keeps and kind.changes and not row.struck
        and getattr(row, "state", "draft") == "draft",
        "children": [
            (child, link, [(one, _state(child, one)) for one in rows], n,
             access.may_enter(user, child),
             f"{reverse('cooperation_records', args=[child.key])}?{link}={row.pk}")
            for child, link, rows, n in selectors.children(user, kind, row)
            if access.seen(user, child) is not None
        ],
        "official": user.role in access.OFFICIALS,
        "history": shown.story(selectors.history(row)) if user.role in access.OFFICIALS else (),
        "serving": collections.serving(kind, row),
        **boards.of(user, row),
    }  # fmt: skip
    return render(request, "cooperation/record.html", context, status=status)


def cooperation_file(request: HttpRequest, pk: int) -> FileResponse:
    """The file of a milestone or follow-up that was done."""
    row = get_object_or_404(Duty.objects.exclude(sha256=""), pk=pk)
    record_or_404(request, BY_KEY["duties"], pk)
    content = files.path_of(row.sha256).open("rb")
    return FileResponse(content, as_attachment=True, filename=row.filename)
