"""What is read of plants, for whom the exchange opens their readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from songhua.console.heating import access, alarms, balance, readings
from songhua.console.heating.indicators import WARM_C, integral
from songhua.console.heating.models import Command, ControlPoint, Element, HeatingOutcome, Plant
from songhua.console.ledger.models import Task
from songhua.console.ledger.services.evidence import OPEN_STATES

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet

    from songhua.console.heating.models import Pipe
    from songhua.console.people.models import User

GOOD_C = 20.0
"""What the city's draft rules of 2025 ask for."""
WINDOW = timedelta(hours=24)
LISTED = 12


def plants(user: User) -> list[Plant]:
    """The plants that `user` may see, its own department's first."""
    rows = Plant.objects.select_related("unit", "table__entry", "table__current")
    seen = [row for row in rows if access.sees(user, row)]
    return sorted(seen, key=lambda row: row.unit_id != user.unit_id)


def commands(user: User) -> QuerySet[Command]:
    """The commands of those plants."""
    rows = Command.objects.filter(point__element__plant__in=plants(user))
    return rows.select_related("point__element__plant__unit", "proposed_by", "decided_by")


def outcomes(user: User) -> QuerySet[HeatingOutcome]:
    """The indicators of those plants."""
    rows = HeatingOutcome.objects.filter(plant__in=plants(user))
    return rows.select_related("plant", "made_by", "evidence__task")


def points(plant: Plant) -> QuerySet[ControlPoint]:
    """What may be ordered of a plant."""
    return ControlPoint.objects.filter(element__plant=plant).select_related("element__plant")


def open_tasks(user: User) -> QuerySet[Task]:
    """The tasks to which `user` may give evidence."""
    rows = Task.objects.visible_to(user).filter(state__in=OPEN_STATES)
    return rows.filter(lead_unit_id=user.unit_id).order_by("code")


@dataclass(frozen=True)
class Line:
    """A line of the heat books: MWh, and its share of what was put in."""

    name: tuple[str, str]
    mwh: float | None
    percent: float | None


class Live:
    """A plant as it is now; what is asked for is read once."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant

    @cached_property
    def elements(self) -> list[Element]:
        """All parts, the rooms with their stations."""
        return list(self.plant.elements.select_related("parent"))

    @cached_property
    def pipes(self) -> list[Pipe]:
        """All pipes."""
        return list(self.plant.pipes.all())

    @cached_property
    def now(self) -> readings.Snapshot:
        """The newest readings."""
        return readings.newest(self.plant, self.elements)

    def of(self, kind: str) -> list[Element]:
        """The elements of a kind."""
        return [row for row in self.elements if row.kind == kind]

    def values(self, kind: str, metric: str) -> dict[int, float]:
        """The present values of a metric by the keys of their elements."""
        found = ((row.pk, self.now.value(row, metric)) for row in self.of(kind))
        return {pk: value for pk, value in found if value is not None}

    def mean(self, kind: str, metric: str) -> float | None:
        """Their mean; None where nothing is known."""
        values = self.values(kind, metric).values()
        return sum(values) / len(values) if values else None

    def total(self, kind: str, metric: str) -> float | None:
        """Their sum; None unless all are known."""
        values = self.values(kind, metric)
        return sum(values.values()) if values and len(values) == len(self.of(kind)) else None

    @cached_property
    def alarms(self) -> list[alarms.Alarm]:
        """What is wrong."""
        return alarms.found(self.elements, self.now)

    @cached_property
    def cold(self) -> list[tuple[Element, float]]:
        """Rooms below `GOOD_C`, the coldest first."""
        values = self.values("room", "room_c")
        rows = [(row, values[row.pk]) for row in self.of("room") if row.pk in values]
        return sorted((r for r in rows if r[1] < GOOD_C), key=lambda r: r[1])

    @property
    def too_cold(self) -> int:
        """How many are below what the rules in force demand."""
        return sum(value < WARM_C for _, value in self.cold)

    def imbalance(self) -> list[balance.Balance]:
        """The stations by their hydraulic imbalance now and a window ago."""
        stations = self.of("station")
        if self.now.at is None:
            return []
        begins = self.now.at - WINDOW
        past = readings.history(
            "primary_flow_kg_per_s", stations, begins, begins + timedelta(hours=2)
        )
        first = past.group_by("device_id").first()
        flows = {
            row.device_id: flow
            for row in stations
            if (flow := self.now.value(row, "primary_flow_kg_per_s")) is not None
        }
        before = dict(zip(first["device_id"], first["value"], strict=True))
        return balance.ranking(stations, flows, before)

    def books(self) -> list[Line]:
        """The heat of the last window: what sources gave, where it went, and what is left over."""
        if self.now.at is None:
            return []
        put_in = self._mwh("source", "heat_mw", 1.0)
        parts = [
            (("换热站用热", "Taken by stations"), self._mwh("station", "heat_kw", 1e-3)),
            (("管网散热", "Lost by the network"), self._mwh("plant", "loss_mw", 1.0)),
            (("泄漏带走", "Leaked"), self._mwh("plant", "leaked_mw", 1.0)),
            (("管网蓄热变化", "Into storage"), self._mwh("plant", "stored_mw", 1.0)),
        ]
        known = [value for _, value in parts if value is not None]
        rest = None
        if put_in is not None and len(known) == len(parts):
            rest = round(put_in - sum(known), 6) + 0.0  # without a minus before 0
        rows = [
            (("热源供热", "Given by sources"), put_in),
            *parts,
            (("未计入", "Unexplained"), rest),
        ]
        return [
            Line(words, value, 100 * value / put_in if put_in and value is not None else None)
            for words, value in rows
        ]

    def _mwh(self, kind: str, metric: str, scale: float) -> float | None:
        rows, ends = self.of(kind), self.now.at
        assert ends is not None
        begins = max(ends - WINDOW, self._begun)
        table = readings.history(metric, rows, begins, ends)
        found = integral(table, len(rows), begins, ends)
        return None if found is None else found * scale

    @cached_property
    def _begun(self) -> datetime:
        """When the plant's readings began, as far as the window goes."""
        ends = self.now.at
        assert ends is not None
        rows = readings.history("outdoor_c", self.of("plant"), ends - WINDOW, ends)
        return rows["ts_utc"].min() or ends - WINDOW
