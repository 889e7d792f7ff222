"""The leader wall, the to-do list, a unit's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import get_object_or_404, redirect, render

from songhua.console import clock
from songhua.console.ledger import charts, counted, selectors
from songhua.console.ledger.outlook import outlook
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role, Unit
from songhua.governance.periods import add_months

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

HOMES = {
    Role.LEADER: "wall",
    Role.OFFICE: "wall",
    Role.STAFF: "todo",
    Role.ENTERPRISE: "todo",
    Role.REVIEWER: "todo",
}


def home(request: HttpRequest) -> HttpResponse:
    """To the page that this role opens first."""
    return redirect(HOMES.get(request.user.role, "programme"))


def wall(request: HttpRequest) -> HttpResponse:
    """Indicators against targets with forecasts, the red list by unit, the map of districts."""
    programme = current()
    lights = selectors.light_counts(request.user)
    units = selectors.lights_by_unit(request.user)
    districts = selectors.lights_by_district(request.user)
    context = {
        "states": [(state, _present(state.indicator.code)) for state in outlook(clock.today())],
        "lights": lights,
        "total": sum(lights.values()),
        "units": units,
        "unit_chart": charts.units(units[:20]),
        "red": selectors.red_list(request.user),
        "open_notices": selectors.notices(request.user, only_open=True).count(),
        "district_rows": charts.district_rows(programme, districts),
        "map_data": charts.district_map(programme, districts),
        "reporting": selectors.reporting(request.user, add_months(clock.today(), -1)),
    }
    return render(request, "ledger/wall.html", context)


def _present(code: str) -> tuple[int, str] | None:
    """How many records an indicator counts today, where it counts any, and the page of them."""
    if code not in counted.known() or not (number := counted.count(code)):
        return None
    return number, counted.address(code)


def todo(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    month = add_months(clock.today(), -1)
    waiting = selectors.todo(request.user, month)
    context = {
        "todo": waiting,
        "month": month,
        "nothing": not any(vars(waiting).values()),
    }
    return render(request, "ledger/todo.html", context)


def unit(request: HttpRequest, code: str) -> HttpResponse:
    """A unit: its tasks by light, its scores with the formula, its open notices."""
    rows = Unit.objects.all()
    if request.user.role == Role.STAFF:
        rows = rows.filter(pk=request.user.unit_id)
    row = get_object_or_404(rows, code=code)
    scores = list(row.scores.order_by("-month")[:12])
    tasks = selectors.tasks(request.user, {"unit": row.code, "sort": "due"})
    worst = sorted(tasks, key=lambda t: charts.WORST_FIRST.index(t.light))
    context = {
        "unit": row,
        "scores": scores,
        "score_chart": charts.scores(scores),
        "tasks": worst[:50],
        "total": len(worst),
        "counts": next(
            (u for u in selectors.lights_by_unit(request.user) if u.code == row.code), None
        ),
        "notices": selectors.notices(request.user, only_open=True).filter(unit=row),
    }
    return render(request, "ledger/unit.html", context)
