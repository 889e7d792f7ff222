"""Setpoints that the console computes and a dispatcher decides on: it carries out none by itself.

Stations: the weather curve, moved by what the station's rooms are above or below `ROOM_C`. Sources:
hotter where most valves are open already, for then no station can help itself.
"""

from __future__ import annotations

from datetime import timedelta
from statistics import fmean
from typing import TYPE_CHECKING

import numpy as np
from django.db.models import Q
from django.utils import timezone

from songhua.console.heating import selectors
from songhua.console.heating.alarms import OPEN_PERCENT
from songhua.console.heating.models import Command, Plant
from songhua.console.heating.services import commands
from songhua.engines.substations.curve import Curve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet

    from songhua.console.heating.models import ControlPoint

CURVE = Curve(75, 50, 20, -24.2)
"""Secondary supply and return in °C on Harbin's design day (GB 50736-2012, appendix A)."""
ROOM_C = 20.5
MOST_K = 5.0
WORTH_K = 2.0
STEP_K = 5.0
EVERY = timedelta(minutes=15)
REST = timedelta(hours=1)
MOST = 5


def tick() -> int:
    """Propose what is due for every plant with fresh readings; how many commands that are."""
    now = timezone.now()
    due = Q(advised_at=None) | Q(advised_at__lte=now - EVERY)
    made = 0
    for plant in Plant.objects.filter(due):
        came = selectors.Live(plant).now.received_at
        if came is not None and came >= now - EVERY:
            made += propose(plant)
        Plant.objects.filter(pk=plant.pk).update(advised_at=now)
    return made


def propose(plant: Plant) -> int:
    """The proposals for a plant that are worth the most now; how many there are."""
    found = sorted(_worth(plant), key=lambda row: -abs(row[1] - row[2]))[:MOST]
    for point, value, before, reason in found:
        commands.propose(None, point, f"{value:.1f}", reason, before)
    return len(found)


def _worth(plant: Plant) -> Iterator[tuple[ControlPoint, float, float, str]]:
    """Points without an unfinished or a recent command: new value, present value, reason."""
    live = selectors.Live(plant)
    recent = Command.objects.filter(asked_at__gte=timezone.now() - REST)
    busy = Command.objects.filter(state__in=commands.UNFINISHED) | recent
    points = selectors.points(plant).exclude(pk__in=busy.values("point_id"))
    outdoor = live.mean("plant", "outdoor_c")
    for point in points.filter(quantity="secondary_supply_c"):
        before = live.now.value(point.element, "secondary_supply_c")
        if before is None or outdoor is None:
            continue
        rooms = _rooms(live, point)
        trim = float(np.clip(ROOM_C - fmean(rooms), -MOST_K, MOST_K)) if rooms else 0.0
        curve = float(CURVE.temperatures_c(np.array(outdoor))[0])
        value = min(max(curve + trim, point.low), point.high)
        if abs(value - before) >= WORTH_K:
            reason = f"室外 {outdoor:.1f} ℃ 的曲线值 {curve:.1f} ℃，室温修正 {trim:+.1f} K"
            yield point, value, before, reason
    yield from _sources(live, points.filter(quantity="supply_c", element__kind="source"))


def _rooms(live: selectors.Live, point: ControlPoint) -> list[float]:
    values = live.values("room", "room_c")
    rooms = [row.pk for row in live.of("room") if row.parent_id == point.element_id]
    return [values[pk] for pk in rooms if pk in values]


def _sources(
    live: selectors.Live, points: QuerySet[ControlPoint]
) -> Iterator[tuple[ControlPoint, float, float, str]]:
    openings = list(live.values("station", "valve_percent").values())
    wide = sum(value >= OPEN_PERCENT for value in openings)
    if 2 * wide <= len(openings):
        return
    for point in points:
        before = live.now.value(point.element, "supply_c")
        if before is not None and before + STEP_K <= point.high:
            reason = f"{len(openings)} 座换热站中 {wide} 座阀门已全开，提高供水温度"
            yield point, before + STEP_K, before, reason
