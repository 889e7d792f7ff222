"""What grants are used for: how much by whom, which ones by nobody, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Q, Sum

from songhua.console import clock
from songhua.console.exchange.models import Grant, Outcome, Use
from songhua.console.exchange.sharing_selectors import SEEING_ALL, requests
from songhua.console.people.models import Role, Unit

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.people.models import User

IDLE_DAYS = 30  # 默认值(非文件规定)
MOST = 20


def grants(user: User) -> QuerySet[Grant]:
    """The grants that `user` may see, those of their unit in either direction, with their use:
    ``asked, seen, newest`` (questions, rows, the last day; None where there was none)."""
    rows = (
        Grant.objects.select_related("distribution__entry__unit", "unit")
        .annotate(asked=Sum("uses__requests"), seen=Sum("uses__rows"), newest=Max("uses__day"))
        .order_by("-pk")
    )
    if user.role in SEEING_ALL:
        return rows
    if user.role != Role.STAFF or user.unit_id is None:
        return rows.none()
    return rows.filter(Q(unit=user.unit_id) | Q(distribution__entry__unit=user.unit_id))


def unused(rows: QuerySet[Grant], days: int = IDLE_DAYS) -> QuerySet[Grant]:
    """Those in force of which nothing was delivered in the last `days` days, though they were
    there to be used all that time."""
    today = clock.today()
    since = today - timedelta(days=days)
    begun = Q(valid_from=None) | Q(valid_from__lte=since)
    lasts = Q(valid_until=None) | Q(valid_until__gt=today)
    idle = Q(newest=None) | Q(newest__lt=since)
    return rows.filter(begun, lasts, idle, revoked_at=None, made_at__lt=clock.midnight(since))


@dataclass(frozen=True)
class Used:
    """What one unit, or the public (None), was delivered in a period."""

    unit: Unit | None
    requests: int
    rows: int
    bytes: int
    tables: int


def top(since: date) -> list[Used]:
    """The units to whom most rows were delivered since `since`, under grants and without
    conditions alike, and the public among them."""
    counted = Use.objects.filter(day__gte=since).order_by().values_list("holder", "grant__unit")
    rows = counted.annotate(
        Sum("requests"), Sum("rows"), Sum("bytes"), Count("distribution", distinct=True)
    )
    units = {unit.pk: unit for unit in Unit.objects.all()}
    codes = {f"unit:{unit.code}": pk for pk, unit in units.items()}
    found: dict[int | None, tuple[int, ...]] = {}
    for holder, granted, *figures in rows:
        key = granted if granted is not None else codes.get(holder)
        before = found.get(key, (0, 0, 0, 0))
        found[key] = tuple(a + b for a, b in zip(before, figures, strict=True))
    made = [Used(units.get(key) if key else None, *figures) for key, figures in found.items()]
    return sorted(made, key=lambda one: -one.rows)[:MOST]


def outcomes(user: User) -> list[dict[str, object]]:
    """What the departments told of each dataset: how many times (``told``), ``reuses`` and
    ``papers`` (None where nobody told a figure)."""
    seen = requests(user).order_by().values("pk")
    return list(
        Outcome.objects.filter(step__request__in=seen)
        .values("step__request__entry__title", "step__request__entry__name")
        .annotate(told=Count("pk"), reuses=Sum("reused"), papers=Sum("papers_saved"))
        .order_by("-reuses")[:MOST]
    )
