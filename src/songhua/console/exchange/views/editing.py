"""A department's own datasets: entered, changed, taken down, given tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.exchange import records, selectors
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import entries, intake, opening, uploads
from songhua.console.people.models import Role, Unit
from songhua.exchange.catalogue import words
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from songhua.exchange.catalogue import Field

TEXTS = ("name", "title", "title_en", "summary", "tier", "basis", "theme", "cycle", "licence")
LISTS = ("tier", "theme", "cycle", "licence", "sensitivity")
STATES = (Entry.State.DRAFT, Entry.State.ACTIVE)


def dataset_new(request: HttpRequest) -> HttpResponse:
    """Enter a dataset."""
    if request.method == "GET":
        return _form(request, None)
    try:
        row = entries.create(request.user, _said(request) | {"about": _about(request, {})})
    except InputError as error:
        return _form(request, None, error.problems, 422)
    return done(request, say("数据集已登记。", "The dataset is entered."), "dataset_edit", row.name)


def dataset_edit(request: HttpRequest, name: str) -> HttpResponse:
    """Change what the catalogue says of a dataset and of its fields, and add tables."""
    entry = selectors.own_entry(request.user, name)
    if request.method == "GET":
        return _form(request, entry)
    try:
        with transaction.atomic():
            about = {"about": _about(request, entry.about)}
            row = entries.change(request.user, entry, about)
            if request.POST.getlist("field"):
                uploads.describe(request.user, row, _fields(request))
            row = entries.change(request.user, row, _said(request))
    except InputError as error:
        return _form(request, entry, error.problems, 422)
    return done(request, say("已保存。", "Saved."), "dataset_edit", row.name)


@require_POST
def dataset_withdraw(request: HttpRequest, name: str) -> HttpResponse:
    """Take a dataset down; its record stays."""
    entry = selectors.own_entry(request.user, name)
    entries.withdraw(request.user, entry)
    return done(request, say("数据集已撤下。", "The dataset is taken down."), "dataset_edit", name)


@require_POST
def dataset_table(request: HttpRequest, name: str) -> HttpResponse:
    """Bring the rows of a table as CSV: checked by the rules of the catalogue where it has fields
    for them; a table that is new, or whose columns have changed, gets its fields from the file."""
    entry = selectors.own_entry(request.user, name)
    chosen, file = request.POST.get("table", ""), request.FILES.get("file")
    tables = entry.distributions.filter(removed_at=None, sql_name__isnull=False)
    table = get_object_or_404(tables, pk=int(chosen)) if chosen.isdecimal() else None
    try:
        if file is None:
            raise InputError(Problem("file", "empty"))
        if table and records.fields_of(entry) and "columns" not in request.POST:
            row = intake.bring(request.user, table, file.name or "", file.chunks())
            return redirect("intake", row.pk)
        uploads.upload(request.user, entry, table, file.name or "", file.read())
    except (InputError, Conflict) as error:
        return _form(request, entry, error.problems, 422)
    return done(
        request, say("数据已更新，请核对字段。", "The rows are in: look at the fields."),
        "dataset_edit", name,
    )  # fmt: skip


def _said(request: HttpRequest) -> dict[str, Any]:
    """What the form says of the dataset itself."""
    given, user = request.POST, request.user
    unit = user.unit if user.role == Role.STAFF else _unit(given.get("unit", ""))
    words_given = re.split(r"[,，、;；]", given.get("keywords", ""))
    said: dict[str, Any] = {name: given.get(name, "").strip() for name in TEXTS}
    said |= {
        "code": given.get("code", "").strip() or None, "unit": unit,
        "is_open": given.get("is_open") == "1", "state": given.get("state", Entry.State.DRAFT),
        "keywords": list(dict.fromkeys(w.strip() for w in words_given if w.strip())),
    }  # fmt: skip
    if said["state"] not in STATES:
        said["state"] = Entry.State.DRAFT
    return said


def _unit(code: str) -> Unit:
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise InputError(Problem("unit", "unit_unknown", code))
    return unit


def _about(request: HttpRequest, before: dict[str, Any]) -> dict[str, Any]:
    names = ("summary_en", "contact_name", "contact_phone", "contact_email", "open_conditions")
    said = before | {name: request.POST.get(name, "").strip() for name in names}
    fields = request.POST.getlist("field")
    chosen = {name: request.POST.get(f"people-{name}", "") for name in fields}
    people = {role: [name for name in fields if chosen[name] == role] for role in opening.ROLES}
    return said | ({"opening": people} if fields else {})


def _fields(request: HttpRequest) -> dict[str, dict[str, Any]]:
    given = request.POST
    return {
        name: {
            "title": given.get(f"title-{name}", "").strip() or name,
            "sensitivity": _sensitivity(given.get(f"sensitivity-{name}", "")),
            "open": given.get(f"open-{name}") == "1",
        }
        for name in given.getlist("field")
    }


def _sensitivity(code: str) -> str:
    return code if code in words("sensitivity") else "general"


def _form(
    request: HttpRequest, entry: Entry | None, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    posted = request.POST if problems and "title" in request.POST else None
    context = {
        "entry": entry, "problems": problems, "given": posted or _shown(entry),
        "lists": {name: words(name).values() for name in LISTS},
        "units": Unit.objects.all() if request.user.role == Role.OFFICE else [],
        "fields": _people(entry) if entry else (),
        "tables": entry.distributions.filter(removed_at=None, sql_name__isnull=False)
        .select_related("current") if entry else (),
    }  # fmt: skip
    return render(request, "exchange/dataset_form.html", context, status=status)


PEOPLE = (
    ("", "—", "—"), ("quasi_identifiers", "准标识符", "quasi-identifier"),
    ("sensitive", "敏感属性", "sensitive attribute"),
    ("looked_at", "已核对，无个人信息", "looked at, not personal"),
)  # fmt: skip


def _people(entry: Entry) -> list[tuple[Field, list[tuple[str, str, str, bool]]]]:
    """The fields of a dataset, and what may be said of each about people."""
    said = opening.said(entry)
    return [
        (field, [(*one, field.name in said.get(one[0], [])) for one in PEOPLE])
        for field in records.fields_of(entry)
    ]


def _shown(entry: Entry | None) -> dict[str, Any]:
    if entry is None:
        return {"tier": "conditional", "cycle": "irregular", "state": "draft"}
    shown = entry.about | {name: getattr(entry, name) for name in TEXTS}
    return shown | {
        "code": entry.code or "", "keywords": "、".join(entry.keywords), "state": entry.state,
        "is_open": "1" if entry.is_open else "", "unit": entry.unit.code if entry.unit else "",
    }  # fmt: skip
