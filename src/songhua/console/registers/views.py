"""The registers, one of them with its records, a record with its steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import files
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger.selectors import page as cut
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role, Unit
from songhua.console.registers import services
from songhua.console.registers.models import RegisterRecord
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.tables import to_csv, to_xlsx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from songhua.programmes.registers import Register

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BROUGHT_BYTES = 10 * 1024 * 1024
State = RegisterRecord.State


def registers(request: HttpRequest) -> HttpResponse:
    """Every register with how many records are confirmed and how many wait."""
    counts = RegisterRecord.objects.order_by().values("register").annotate(
        confirmed=Count("pk", filter=Q(state=State.CONFIRMED)),
        waiting=Count("pk", filter=Q(state=State.ENTERED)),
    )  # fmt: skip
    by_code = {row["register"]: row for row in counts}
    context = {"rows": [(each, by_code.get(each.code)) for each in current().registers]}
    return render(request, "registers/registers.html", context)


def _rows(register: Register, request: HttpRequest) -> QuerySet[RegisterRecord]:
    """The records of a register under the filters q, state, unit, zone and the choice fields."""
    given = request.GET
    rows = RegisterRecord.objects.filter(register=register.code).select_related("unit")
    if words := given.get("q", "").strip():
        rows = rows.filter(name__icontains=words)
    if given.get("state") in State.values:
        rows = rows.filter(state=given["state"])
    if given.get("unit"):
        rows = rows.filter(unit__code=given["unit"])
    for field in register.fields:
        if field.kind == "choice" and given.get(field.code):
            rows = rows.filter(**{f"values__{field.code}": given[field.code]})
    return rows


def shown(register: Register, row: RegisterRecord) -> list[tuple[str, str]]:
    """The fields of a record as (heading, value) in the reader's language; "—" where unknown."""
    found = []
    for field in register.fields:
        value = row.values.get(field.code, "")
        option = next((o for o in field.options if o.code == value), None)
        found.append((say(field.zh, field.en), say(option.zh, option.en) if option else value))
    return found


def register(
    request: HttpRequest, code: str, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    """The records of one register under filters; the office and units enter and bring them."""
    one = services.register_of(code)
    page = cut(_rows(one, request), request.GET.get("page", "1"))
    context = {
        "register": one, "page": page, "given": request.GET, "problems": problems,
        "listed": [(row, shown(one, row)) for row in page],
        "choices": [
            (field, request.GET.get(field.code)) for field in one.fields if field.kind == "choice"
        ],
        "states": State.choices,
    }  # fmt: skip
    return render(request, "registers/register.html", context, status=status)


def register_new(request: HttpRequest, code: str) -> HttpResponse:
    """Enter a record."""
    one = services.register_of(code)
    given, problems, status = request.POST, (), 200
    if request.method == "POST":
        try:
            row = _entered(request, code)
            text = say("已登记，等待确认。", "Entered; it waits to be confirmed.")
            return done(request, text, "register_record", row.pk)
        except InputError as error:
            problems, status = error.problems, 422
    context = {
        "register": one, "given": given, "problems": problems, "zones": current().zones,
        "fields": [(field, given.get(field.code, "")) for field in one.fields],
        "units": Unit.objects.all() if request.user.role == Role.OFFICE else (),
    }  # fmt: skip
    return render(request, "registers/register_form.html", context, status=status)


def _entered(request: HttpRequest, code: str) -> RegisterRecord:
    given = request.POST.dict()
    problems: list[Problem] = []
    try:
        given["day"] = figures.day(given["day"], "day") if given.get("day") else None
    except InputError as error:
        problems += error.problems
    given["unit"] = Unit.objects.filter(code=given.get("unit", "")).first()
    if problems:
        raise InputError(problems)
    upload = request.FILES.get("file")
    paper = {"filename": upload.name or "paper", "chunks": upload.chunks()} if upload else {}
    return services.enter(request.user, code, given, **paper)


@require_POST
def register_import(request: HttpRequest, code: str) -> HttpResponse:
    """Take in a workbook as a whole, or say what is wrong at which cell."""
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise InputError(Problem("file", "empty"))
        if upload.size > BROUGHT_BYTES:
            raise InputError(Problem("file", "file_too_large", "10 MB"))
        count = services.bring(request.user, code, upload.name or "", upload.read())
    except InputError as error:
        return register(request, code, error.problems, 422)
    text = say(
        "已导入 {n} 条，等待确认。", "{n} records taken in; they wait to be confirmed.", n=count
    )
    return done(request, text, "register", code)


def register_export(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """The records under the present filters as CSV or XLSX; or the template, an empty workbook."""
    one = services.register_of(code)
    headings = services.headings(one)
    if form not in {"csv", "xlsx", "template"}:
        raise Http404
    zones = {zone.code: zone.name_zh for zone in current().zones}
    rows = (
        (row.name, row.unit.name_zh, row.day, zones.get(row.zone, ""),
         *(_cell(field, row) for field in one.fields))
        for row in (_rows(one, request) if form != "template" else ())
    )  # fmt: skip
    if form == "csv":
        response = HttpResponse(to_csv(headings, rows), content_type="text/csv; charset=utf-8")
    else:
        response = HttpResponse(to_xlsx(one.name_zh, headings, rows), content_type=XLSX)
    suffix = "csv" if form == "csv" else "xlsx"
    response["Content-Disposition"] = f'attachment; filename="{one.code}.{suffix}"'
    return response


def _cell(field: object, row: RegisterRecord) -> str | None:
    value = row.values.get(field.code)
    return next((o.zh for o in field.options if o.code == value), value)


def register_record(
    request: HttpRequest, pk: int, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    """One record, its paper, and what may be done with it."""
    rows = RegisterRecord.objects.select_related("unit", "entered_by", "decided_by")
    row = get_object_or_404(rows, pk=pk)
    one = services.register_of(row.register)
    mine = request.user.role == Role.OFFICE
    keys = [s.key for s in one.subsets if row.values.get(s.field) in s.values] or [one.code]
    context = {
        "row": row, "register": one, "fields": shown(one, row), "problems": problems,
        "zone": next((z for z in current().zones if z.code == row.zone), None), "keys": keys,
        "may_decide": mine and row.state == State.ENTERED and row.entered_by != request.user,
        "may_withdraw": mine and row.state == State.CONFIRMED,
    }  # fmt: skip
    return render(request, "registers/register_record.html", context, status=status)


@require_POST
def register_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm, return or withdraw."""
    row, given = get_object_or_404(RegisterRecord, pk=pk), request.POST
    opinion = given.get("opinion", "")
    try:
        if given.get("action") == "withdraw":
            services.withdraw(request.user, row, reason=opinion)
        else:
            confirmed = given.get("action") == "confirm"
            services.decide(request.user, row, confirmed=confirmed, opinion=opinion)
    except (InputError, Conflict, NotAllowed) as error:
        status = {InputError: 422, Conflict: 409}.get(type(error), 403)
        return register_record(request, pk, error.problems, status)
    return done(request, say("已办理。", "Done."), "register_record", pk)


def register_file(request: HttpRequest, pk: int) -> FileResponse:
    """The paper that shows a record."""
    row = get_object_or_404(RegisterRecord.objects.exclude(sha256=""), pk=pk)
    stream = files.path_of(row.sha256).open("rb")
    return FileResponse(stream, as_attachment=True, filename=row.filename)
