"""The leader wall, the to-do list, a unit's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render

from songhua.console import clock
from songhua.console.ledger import charts, selectors
from songhua.console.ledger.models import Task
from songhua.console.ledger.outlook import outlook
from songhua.console.ledger.services.programme import current
from songhua.console.people.models import Role, Unit
from songhua.governance.periods import add_months, month_end

if TYPE_CHECKING:
    from datetime import date

    from django.http import HttpRequest, HttpResponse

    from songhua.console.people.models import User

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
        "states": outlook(clock.today()),
        "lights": lights,
        "total": sum(lights.values()),
        "units": units,
        "unit_chart": charts.units(units[:12]),
        "red": selectors.red_list(request.user),
        "open_notices": selectors.notices(request.user, only_open=True).count(),
        "zones": programme.zones,
        "district_rows": charts.district_rows(programme, districts),
        "map_data": charts.district_map(programme, districts),
        "reporting": _reporting(request.user, add_months(clock.today(), -1)),
    }
    return render(request, "ledger/wall.html", context)


def _reporting(user: User, month: date) -> dict[str, object]:
    """Reports of `month` due, in, and in on time, on the rows that `user` sees: 1 query."""
    came = Q(reports__month=month, reports__is_current=True)
    running = Task.objects.visible_to(user).filter(start__lte=month_end(month), due__gte=month)
    counts = running.aggregate(
        due=Count("pk", filter=Q(state__in=("active", "closing")) | came, distinct=True),
        came=Count("pk", filter=came, distinct=True),
        on_time=Count("pk", filter=came & Q(reports__on_time=True), distinct=True),
    )
    return {"month": month, "missing": counts["due"] - counts["came"], **counts}


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
