"""A plant enters the console: its elements here, its devices and metrics in the exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import (
    Datastream,
    Entry,
    Location,
    ObservedProperty,
    Sensor,
    Thing,
)
from songhua.console.exchange.services import devices, entries
from songhua.console.heating.metrics import Metric, metrics, of_kind
from songhua.console.heating.models import ControlPoint, Element, Pipe, Plant
from songhua.console.ledger.services import audit, vouch
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from songhua.console.exchange.models import Distribution
    from songhua.console.heating.layout import ElementRow, Layout
    from songhua.console.heating.simulation import SimulatedPlant
    from songhua.console.people.models import Unit, User

SIMULATED = "模拟数据，仅供演示。"
MEASURED = "热源、管网、换热站和室温测点的实时读数。"


@transaction.atomic
def register(
    actor: User | None,
    unit: Unit,
    code: str,
    title: str,
    layout: Layout,
    *,
    simulated: bool = False,
) -> Plant:
    """Enter a plant, or refuse it whole. What is simulated is open to everybody; the readings of a
    real plant are its department's until it shares them.

    Raises `Conflict` ``heating_plant_used`` where it is entered already, `NotAllowed` for another
    department's, `InputError` for device ids that others use.
    """
    if Plant.objects.filter(code=code).exists():
        raise Conflict(Problem(code, "heating_plant_used"))
    ids = [row.device_id for row in layout.elements]
    if used := Element.objects.filter(device_id__in=ids).values_list("device_id", flat=True):
        raise InputError([Problem(name, "layout_twice", name) for name in used])
    table = devices.telemetry_table(actor, _dataset(actor, unit, code, title, simulated))
    plant = Plant.objects.create(
        code=code, title=title, unit=unit, table=table, simulated=simulated, created_at=clock.now()
    )
    made = _elements(plant, layout)
    Pipe.objects.bulk_create(
        Pipe(plant=plant, start=made[row.start], end=made[row.end], length_m=row.length_m)
        for row in layout.pipes
    )
    ControlPoint.objects.bulk_create(
        ControlPoint(
            element=made[row.device_id], quantity=row.quantity, answer=row.answer, low=row.low,
            high=row.high, tolerance=row.tolerance, protocol=row.protocol, address=row.address,
        )
        for row in layout.points
    )  # fmt: skip
    _streams(actor, unit, table, layout)
    audit.record(
        actor or "heating", "heating_plant_registered", vouch.subject(plant), code=code,
        elements=len(made), points=len(layout.points), simulated=simulated,
    )  # fmt: skip
    return plant


def simulated(unit: Unit, plant: SimulatedPlant, title: str = "") -> Plant:
    """The record of a simulated plant, entered where it is missing."""
    found = Plant.objects.filter(code=plant.code, simulated=True).first()
    return found or register(
        None, unit, plant.code, title or "模拟供热系统", plant.layout(), simulated=True
    )


def _dataset(actor: User | None, unit: Unit, code: str, title: str, simulated: bool) -> Entry:
    given = {
        "name": f"heating-{code}", "title": f"{title}运行读数", "unit": unit,
        "state": Entry.State.ACTIVE, "cycle": "realtime", "keywords": ["供热", "实时"],
        "summary": SIMULATED if simulated else MEASURED,
    }  # fmt: skip
    if simulated:
        given |= {"tier": Entry.Tier.UNCONDITIONAL, "is_open": True}
    else:
        given |= {"tier": Entry.Tier.CONDITIONAL, "basis": "用于供热调度和民生保障"}
    return entries.create(actor, given)


def _elements(plant: Plant, layout: Layout) -> dict[str, Element]:
    """The elements by their device ids; rooms last, for they name their station."""
    made: dict[str, Element] = {}
    for rooms in (False, True):
        rows = [row for row in layout.elements if (row.kind == "room") is rooms]
        for row in Element.objects.bulk_create(
            Element(plant=plant, parent=made.get(row.parent), **_known(row)) for row in rows
        ):
            made[row.device_id] = row
    return made


def _known(row: ElementRow) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "parent"}


def _streams(actor: User | None, unit: Unit, table: Distribution, layout: Layout) -> None:
    """A datastream for each metric of each element."""
    shared = {metric: _instrument(actor, unit, metric) for metric in metrics()}
    for row in layout.elements:
        if not (measured := of_kind(row.kind)):
            continue
        thing = Thing(name=row.name, unit=unit, properties={"kind": row.kind})
        devices.save(actor, thing, locations=_place(actor, unit, row))
        for metric in measured:
            sensor, observed = shared[metric]
            devices.save(actor, Datastream(
                name=f"{row.name} {metric.zh}", unit=unit, thing=thing, sensor=sensor,
                observed_property=observed, table=table, device_id=row.device_id,
                metric=metric.metric, observation_type="OM_Measurement", low=metric.low,
                high=metric.high, unit_of_measurement={"symbol": metric.unit, "name": metric.unit},
            ))  # fmt: skip


def _instrument(actor: User | None, unit: Unit, metric: Metric) -> tuple[Sensor, ObservedProperty]:
    sensor = Sensor(name=f"{metric.zh}测点", unit=unit)
    observed = ObservedProperty(
        name=metric.zh, unit=unit, definition=f"urn:songhua:heating:{metric.kind}:{metric.metric}"
    )
    devices.save(actor, sensor)
    devices.save(actor, observed)
    return sensor, observed


def _place(actor: User | None, unit: Unit, row: ElementRow) -> list[Location]:
    if row.longitude is None:
        return []
    place = Location(
        name=row.name, unit=unit,
        location={"type": "Point", "coordinates": [row.longitude, row.latitude]},
    )  # fmt: skip
    devices.save(actor, place)
    return [place]
