"""Views read the request, call one service or selector, and answer."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.bilingual import choose
from songhua.console.design.posted import civil, done
from songhua.console.heating import access, network, pictures, readings, selectors
from songhua.console.heating.balance import spread
from songhua.console.heating.indicators import cold_days
from songhua.console.heating.metrics import unit
from songhua.console.heating.models import Plant
from songhua.console.heating.services import commands, outcomes
from songhua.console.heating.words import INDICATORS, shown
from songhua.kit.errors import InputError, Problem
from songhua.tables.write import to_csv, to_xlsx

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from django.http import HttpRequest

    from songhua.console.heating.selectors import Live

PARTS = {"live": "heating/_live.html", "charts": "heating/_charts.html"}
MAPS = {
    "temperature": ("primary_supply_c", "supply_c", ("供水温度", "Supply temperature")),
    "pressure": ("supply_kpa", "supply_kpa", ("供水压力", "Supply pressure")),
}
RECENT = 8
ROOM_BOUNDS = (16.0, 18.0, 20.0, 22.0)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def heating(request: HttpRequest) -> HttpResponse:
    """The plant as it is now; htmx asks for its changing parts alone."""
    plants = selectors.plants(request.user)
    if not plants:
        return render(request, "heating/none.html")
    wanted = request.GET.get("plant", "")
    plant = next((row for row in plants if row.code == wanted), plants[0])
    live, part = selectors.Live(plant), request.GET.get("part", "")
    by = request.GET.get("by", "")
    context = {
        "plant": plant, "plants": plants, "live": live, "by": by if by in MAPS else "temperature",
        "dispatcher": access.runs(request.user, plant),
    }  # fmt: skip
    if request.htmx and part == "charts":
        return render(request, PARTS[part], context | _charts(live))
    context |= _now(request, live, context["by"])
    if request.htmx and part == "live":
        return render(request, PARTS[part], context)
    context |= _charts(live) | _desk(request, plant)
    return render(request, "heating/plant.html", context)


def _now(request: HttpRequest, live: Live, by: str) -> dict[str, Any]:
    station, source, words = MAPS[by]
    values = live.values("station", station) | live.values("source", source)
    known = live.elements
    rows = selectors.commands(request.user).filter(point__element__plant=live.plant)
    return {
        "chain": _chain(live),
        "map": network.network(known, live.pipes, values, say(*words), unit(station)),
        "rooms": network.rooms(
            known, live.values("room", "room_c"), ROOM_BOUNDS, say("室温", "Rooms"), "°C"
        ),
        "cold": live.cold[: selectors.LISTED],
        "alarms": live.alarms[: selectors.LISTED],
        "proposed": list(rows.filter(state="proposed")[: selectors.LISTED]),
        "recent": list(rows.exclude(state="proposed")[:RECENT]),
    }  # fmt: skip


def _chain(live: Live) -> list[dict[str, Any]]:
    """The picture in one line: source, network, station, user, each with its present figures."""
    heat = live.total("source", "heat_mw")
    rooms = list(live.values("room", "room_c").values())
    return [
        {"name": say("热源", "Sources"), "count": len(live.of("source")), "figures": [
            (say("供热", "Heat"), heat, 1, "MW"),
            (say("供水", "Supply"), live.mean("source", "supply_c"), 1, "℃"),
            (say("回水", "Return"), live.mean("source", "return_c"), 1, "℃"),
            (say("流量", "Flow"), live.total("source", "flow_kg_per_s"), 0, "kg/s"),
            (say("供水压力", "Supply pressure"), live.mean("source", "supply_kpa"), 0, "kPa"),
        ]},
        {"name": say("管网", "Network"), "count": len(live.pipes), "figures": [
            (say("散热", "Lost"), live.mean("plant", "loss_mw"), 2, "MW"),
            (say("补水", "Make-up"), live.mean("plant", "makeup_kg_per_s"), 2, "kg/s"),
            (say("最低回水压力", "Lowest return"), _least(live, "station", "return_kpa"), 0, "kPa"),
            (say("室外", "Outdoor"), live.mean("plant", "outdoor_c"), 1, "℃"),
        ]},
        {"name": say("换热站", "Stations"), "count": len(live.of("station")), "figures": [
            (say("一次供水", "Primary supply"), live.mean("station", "primary_supply_c"), 1, "℃"),
            (say("二次供水", "Secondary supply"), live.mean("station", "secondary_supply_c"), 1,
             "℃"),
            (say("二次回水", "Secondary return"), live.mean("station", "secondary_return_c"), 1,
             "℃"),
            (say("阀门开度", "Valves"), live.mean("station", "valve_percent"), 0, "%"),
        ]},
        {"name": say("用户", "Rooms"), "count": len(live.of("room")), "figures": [
            (say("平均室温", "Mean"), live.mean("room", "room_c"), 1, "℃"),
            (say("最低室温", "Lowest"), min(rooms, default=None), 1, "℃"),
            (say("低于 18 ℃", "Below 18 °C"), live.too_cold if rooms else None, 0, ""),
        ]},
    ]  # fmt: skip


def _least(live: Live, kind: str, metric: str) -> float | None:
    return min(live.values(kind, metric).values(), default=None)


def _charts(live: Live) -> dict[str, Any]:
    rows = live.imbalance()
    return {
        "pressures": pictures.pressures(live), "load": pictures.load(live),
        "forecast": pictures.forecast(), "imbalance": pictures.imbalance(rows),
        "spread": spread(rows), "spread_before": spread(rows, before=True), "books": live.books(),
    }  # fmt: skip


def _desk(request: HttpRequest, plant: Plant) -> dict[str, Any]:
    today = timezone.localtime(timezone.now()).date()
    return {
        "points": selectors.points(plant) if access.runs(request.user, plant) else (),
        "outcomes": selectors.outcomes(request.user).filter(plant=plant)[:RECENT],
        "begins": today - timedelta(days=1), "ends": today + timedelta(days=1),
    }  # fmt: skip


def heating_command(request: HttpRequest, pk: int) -> HttpResponse:
    """A command from its proposal to its measured effect."""
    row = get_object_or_404(selectors.commands(request.user), pk=pk)
    plant = row.point.element.plant
    context = {
        "command": row, "dispatcher": access.runs(request.user, plant),
        "own": row.proposed_by_id == request.user.pk, "unit": unit(row.point.answer),
        "moving": row.state in ("approved", "sent", "acknowledged"),
    }  # fmt: skip
    if row.answered_at is not None:
        begins = (row.seen_at or timezone.now()) - timedelta(hours=3)
        around = readings.history(
            row.point.answer, [row.point.element], begins, begins + timedelta(hours=6)
        )
        if around.height:
            context["chart"] = pictures.answer(around, row.value, unit(row.point.answer))
    page = "heating/_command.html" if request.htmx else "heating/command.html"
    return render(request, page, context)


@require_POST
def heating_propose(request: HttpRequest, code: str) -> HttpResponse:
    """Propose a setpoint; somebody else decides."""
    plant, given = _plant(request, code), request.POST
    access.demand(request.user, plant)
    chosen = given.get("point", "")
    point = selectors.points(plant).filter(pk=chosen).first() if chosen.isdecimal() else None
    if point is None:
        raise InputError(Problem("point", "heating_point_unknown", chosen))
    before = selectors.Live(plant).now.value(point.element, point.answer)
    row = commands.propose(
        request.user, point, given.get("value", ""), given.get("reason", ""), before
    )
    said = say("已提出，待另一名调度员审批。", "Proposed; another dispatcher decides.")
    return done(request, said, "heating_command", row.pk)


@require_POST
def heating_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve a command, or refuse it with a reason."""
    row = get_object_or_404(selectors.commands(request.user), pk=pk)
    approved = request.POST.get("approved") == "1"
    commands.decide(request.user, row, approved=approved, reason=request.POST.get("reason", ""))
    said = say("已批准，正在下发。", "Approved; it is going out.")
    refused = say("已记录不批准。", "The refusal is recorded.")
    return done(request, said if approved else refused, "heating_command", row.pk)


@require_POST
def heating_measure(request: HttpRequest, code: str) -> HttpResponse:
    """Compute the indicators of an interval of whole days."""
    plant = _plant(request, code)
    begins, ends = _interval(request.POST.get("begins", ""), request.POST.get("ends", ""))
    row = outcomes.compute(request.user, plant, begins, min(ends, timezone.now()))
    return done(
        request, say("指标已算出。", "The indicators are computed."), "heating_outcome", row.pk
    )


def heating_outcome(request: HttpRequest, pk: int) -> HttpResponse:
    """The indicators of an interval, what they rest on, and the commands of the time."""
    row = get_object_or_404(selectors.outcomes(request.user), pk=pk)
    mine = access.runs(request.user, row.plant)
    figures = [(word, shown(name, row.figures[name])) for name, word in INDICATORS.items()]
    context = {
        "outcome": row, "figures": figures, "commands": outcomes.measured(row),
        "tasks": selectors.open_tasks(request.user) if mine and row.evidence is None else (),
    }  # fmt: skip
    return render(request, "heating/outcome.html", context)


@require_POST
def heating_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the indicators as evidence of a task of the ledger."""
    row = get_object_or_404(selectors.outcomes(request.user), pk=pk)
    code = request.POST.get("task", "")
    task = get_object_or_404(selectors.open_tasks(request.user), code=code)
    outcomes.submit(request.user, row, task)
    return done(request, say("已作为佐证提交台账。", "Submitted to the ledger."), "task", task.code)


def heating_refunds(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """Rooms below 18 °C by day: what a refund is judged by, as CSV or XLSX."""
    plant = _plant(request, code)
    access.demand(request.user, plant)
    if form not in {"csv", "xlsx"}:
        raise InputError(Problem("form", "exchange_form_unknown", form))
    begins, ends = _interval(request.GET.get("begins", ""), request.GET.get("ends", ""))
    heads, rows = _refunds(plant, begins, min(ends, timezone.now()))
    title = choose("室温不达标退费依据", "Rooms below 18 °C")
    content = to_csv(heads, rows) if form == "csv" else to_xlsx(title, heads, rows)
    kind = "text/csv; charset=utf-8" if form == "csv" else XLSX
    answer = HttpResponse(content, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="refunds-{plant.code}.{form}"'
    return answer


def _refunds(plant: Plant, begins: datetime, ends: datetime) -> tuple[list[str], list[list[Any]]]:
    known = {
        row.device_id: row for row in plant.elements.filter(kind="room").select_related("parent")
    }
    found = cold_days(readings.history("room_c", known.values(), begins, ends), ends)
    heads = [
        choose("测点", "Room"), choose("换热站", "Station"), choose("日期", "Day"),
        choose("读数条数", "Readings"), choose("有读数小时", "Hours read"),
        choose("低于 18 ℃ 小时", "Hours below 18 °C"), choose("平均室温 ℃", "Mean °C"),
        choose("最低室温 ℃", "Lowest °C"), choose("数据说明", "About"),
    ]  # fmt: skip
    said = choose("模拟数据", "simulated") if plant.simulated else ""
    rows = [
        [known[device].name, known[device].parent.name, *more, said]
        for device, *more in found.iter_rows()
    ]
    return heads, rows


def _plant(request: HttpRequest, code: str) -> Plant:
    seen = [row.pk for row in selectors.plants(request.user)]
    return get_object_or_404(Plant.objects.filter(pk__in=seen), code=code)


def _interval(begins: str, ends: str) -> tuple[datetime, datetime]:
    """From the first moment of one civil day to that of another."""
    given = ((begins, "begins"), (ends, "ends"))
    first, last = (clock.midnight(civil(text, name)) for text, name in given)
    outcomes.check(first, last)
    return first, last
