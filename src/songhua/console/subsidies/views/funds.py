"""Money of the desk: budgets, the export for the finance bureau, recoveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.people.models import Role, Unit
from songhua.console.subsidies import overview, selectors
from songhua.console.subsidies.models import Budget, Recovery
from songhua.console.subsidies.services import budgets as service
from songhua.console.subsidies.services import payments, recoveries
from songhua.console.subsidies.views.applications import own_application, page
from songhua.console.subsidies.views.steps import money
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def budgets(request: HttpRequest) -> HttpResponse:
    """Every unit's year: what it has, what is committed, paid and free."""
    return _budgets(request)


def _budgets(
    request: HttpRequest, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    user, today = request.user, clock.today()
    rows = Budget.objects.select_related("unit")
    finance = user.unit is not None and user.unit.code == standard().settings.finance_unit
    if user.role == Role.STAFF and not finance:
        rows = rows.filter(unit=user.unit)
    context = {
        "rows": overview.positions(rows), "units": Unit.objects.all(), "today": today,
        "problems": problems, "given": request.POST, "keeper": user.role == Role.OFFICE,
        "exports": finance or user.role in payments.PAYERS, "start": today.replace(month=1, day=1),
    }  # fmt: skip
    return render(request, "subsidies/budgets.html", context, status=status)


@require_POST
def budget_set(request: HttpRequest) -> HttpResponse:
    """Set a unit's budget of a year, or change it."""
    given = request.POST
    unit = Unit.objects.filter(code=given.get("unit", "")).first()
    year = given.get("year", "")
    try:
        if unit is None:
            raise InputError(Problem("unit", "unit_unknown", given.get("unit", "")))
        if not (year.isascii() and year.isdigit() and len(year) == 4):
            raise InputError(Problem("year", "out_of_range", year))
        service.set_budget(
            request.user, unit, int(year), amount_yuan=money(given, "amount_yuan") or "",
            reason=given.get("reason", ""),
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return _budgets(request, error.problems, 422)
    return done(request, say("预算已保存。", "The budget is set."), "budgets")


def payments_export(request: HttpRequest, form: str) -> HttpResponse:
    """The payments of a period, for the finance bureau."""
    if form not in TYPES:
        raise Http404
    start, end = (civil(request.GET.get(name, ""), name) for name in ("start", "end"))
    content = payments.export(request.user, start, end, form)
    name = f"payments-{start}-{end}.{form}"
    return HttpResponse(
        content, content_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )  # fmt: skip


@require_POST
def recovery_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Order a recovery or drop it, enter what came back, or set it off."""
    row = get_object_or_404(Recovery.objects.select_related("application"), pk=pk)
    application = own_application(request, row.application_id)
    try:
        _act(request, row, action)
    except (InputError, Conflict) as error:
        return page(request, application, error.problems, 422, f"recovery-{pk}")
    return done(request, say("已登记。", "It is entered."), "application", application.pk)


def _act(request: HttpRequest, row: Recovery, action: str) -> object:
    user, given = request.user, request.POST
    match action:
        case "order":
            way = given.get("way", "")
            return recoveries.order(
                user, row, due=civil(given.get("due", ""), "due"),
                decision=given.get("decision", ""), way=int(way) if way in ("0", "1") else None,
            )  # fmt: skip
        case "drop":
            return recoveries.drop(user, row, decision=given.get("decision", ""))
        case "repay":
            return recoveries.repay(
                user, row, amount_yuan=money(given, "amount_yuan") or "",
                received_on=civil(given.get("received_on", ""), "received_on"),
            )  # fmt: skip
        case "offset":
            key = given.get("application", "")
            rows = selectors.applications(user)
            other = get_object_or_404(rows, pk=int(key) if key.isascii() and key.isdigit() else 0)
            return recoveries.offset(
                user, row, other, amount_yuan=money(given, "amount_yuan") or ""
            )
    raise Http404
