"""Entities entered, changed and taken out; observations handed to the intake."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from songhua.console.exchange import models, selectors
from songhua.console.exchange.sensorthings import readings
from songhua.console.exchange.sensorthings.kinds import CHANNEL, KINDS
from songhua.console.exchange.services import devices, entries, intake_mqtt
from songhua.exchange.sensorthings.filters import refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.exchange.sensorthings.world import World

Given = dict[str, Any]
DICTS = {"properties", "unit_of_measurement"}


@transaction.atomic
def create(world: World, kind: str, body: object) -> Any:
    """A new entity, with the new ones inside it; whole or not at all.

    Raises `InputError`, and `NotAllowed` for what another department looks after.
    """
    given = _object(body)
    row = KINDS[kind].model()
    _fill(row, kind, given)
    sets: dict[str, list[Any]] = {}
    for name, link in KINDS[kind].links.items():
        if not link.many:
            setattr(row, link.own, _linked(world, name, given.get(name)))
        elif name != "Datastreams" and name in given:
            sets[link.own] = [_linked(world, link.kind, one) for one in _list(given[name])]
    if isinstance(row, models.Datastream):
        _place(world, row)
    devices.save(world.caller, row, **sets)
    for one in _list(given.get("Datastreams", [])):
        create(world, "Datastream", {**_object(one), kind: {"@iot.id": row.pk}})
    return row


@transaction.atomic
def change(world: World, kind: str, row: Any, body: object) -> None:
    """Change what is given of an entity: an object, or a list of JSON Patch operations."""
    before: Given = {name: getattr(row, held) for name, held in KINDS[kind].properties.items()}
    given = patched(before, body) if isinstance(body, list) else _object(body)
    kept = devices_of(row) if isinstance(row, models.Datastream) else {}
    _fill(row, kind, given)
    sets: dict[str, list[Any]] = {}
    for name, link in KINDS[kind].links.items():
        if name in given and name != "Datastreams":
            if link.many:
                sets[link.own] = [_linked(world, link.kind, one) for one in _list(given[name])]
            else:
                setattr(row, link.own, _linked(world, name, given[name]))
    if isinstance(row, models.Datastream):
        _channel(row, kept)
    devices.save(world.caller, row, **sets)


def devices_of(row: models.Datastream) -> Given:
    """The dataset of a datastream, which does not change."""
    return {"dataset": row.table.entry.name}


def _fill(row: Any, kind: str, given: Given) -> None:
    for name, held in KINDS[kind].properties.items():
        if name not in given:
            continue
        value = given[name]
        if held in DICTS and not isinstance(value, dict):
            raise refused(name, str(value))
        field = row._meta.get_field(held)
        if field.get_internal_type() != "JSONField":
            if not isinstance(value, str):
                raise refused(name, str(value))
            try:
                field.clean(value, row)
            except ValidationError as error:
                raise refused(name, "; ".join(error.messages)) from None
        setattr(row, held, value)


def _linked(world: World, kind: str, given: object) -> Any:
    """The entity that is meant, or a new one."""
    found = _object(given, kind)
    if "@iot.id" not in found:
        return create(world, kind, found)
    key = found["@iot.id"]
    row = world.of(kind).filter(pk=key).first() if isinstance(key, int) else None
    if row is None:
        raise refused(kind, str(key))
    return row


def _place(world: World, row: models.Datastream) -> None:
    """Put a new datastream into the dataset that its properties name."""
    name = row.properties.pop("dataset", None)
    mine = selectors.managed(world.caller) if world.caller else models.Entry.objects.none()
    entry = mine.filter(name=str(name), state=models.Entry.State.ACTIVE).first()
    if entry is None:
        raise refused("properties/dataset", str(name))
    row.device_id, row.metric = f"thing-{row.thing.pk}", row.observed_property.name
    _channel(row, {})
    row.table, row.unit = devices.telemetry_table(world.caller, entry), entry.unit


def _channel(row: models.Datastream, kept: Mapping[str, Any]) -> None:
    """Take the channel out of the properties."""
    row.properties = dict(row.properties)
    for name in CHANNEL:
        value = row.properties.pop(name, None)
        if name == "dataset":
            if value not in {None, kept.get("dataset")}:
                raise refused("properties/dataset", str(value))
        elif value is not None:
            number = name in {"low", "high"}
            if not isinstance(value, (int, float) if number else str) or isinstance(value, bool):
                raise refused(f"properties/{name}", str(value))
            setattr(row, name, value)
    for name in ("device_id", "metric"):
        try:
            row._meta.get_field(name).clean(getattr(row, name), row)
        except ValidationError as error:
            raise refused(f"properties/{name}", "; ".join(error.messages)) from None


def patched(before: Given, operations: list[Any]) -> Given:
    """What JSON Patch (RFC 6902: add, replace, remove of members) makes of properties.

    >>> patched({"properties": {"a": 1}}, [{"op": "add", "path": "/properties/b", "value": 2}])
    {'properties': {'a': 1, 'b': 2}}
    """
    found = {name: dict(v) if isinstance(v, dict) else v for name, v in before.items()}
    for one in operations:
        operation = _object(one)
        path, kind = str(operation.get("path", "")), operation.get("op")
        *above, last = [p.replace("~1", "/").replace("~0", "~") for p in path.split("/")[1:]] or [
            ""
        ]
        place: Any = found
        for name in above:
            place = place.get(name) if isinstance(place, dict) else None
        known = isinstance(place, dict) and (kind == "add" or last in place)
        if not known or not last or kind not in {"add", "replace", "remove"}:
            raise refused("PATCH", f"{kind} {path}")
        if kind == "remove":
            del place[last]
        else:
            place[last] = operation.get("value")
    return found


def observe(world: World, bodies: list[Given]) -> list[str]:
    """Have observations stored; their ids. They are durable when this returns."""
    sent = []
    for body in bodies:
        key = _object(body.get("Datastream"), "Datastream").get("@iot.id")
        stream = world.streams.filter(pk=key).first() if isinstance(key, int) else None
        if stream is None:
            raise refused("Datastream", str(key))
        entries.demand(world.caller, stream.unit)
        value = body.get("result")
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refused("result", str(value))
        sent.append((stream, readings.instant(body.get("phenomenonTime") or now()), float(value)))
    if sent:
        intake_mqtt.send(sent)
    return [
        readings.Reading(stream, at.replace(tzinfo=None), value, None).id
        for stream, at, value in sent
    ]


def now() -> str:
    """The present instant: for an observation that does not say its own."""
    return datetime.now(UTC).isoformat()


def rows_of(body: object) -> list[Given]:
    """The observations of a ``CreateObservations``."""
    found = []
    for one in _list(body):
        array = _object(one)
        names = [str(name) for name in _list(array.get("components"))]
        for row in _list(array.get("dataArray")):
            found.append({**dict(zip(names, _list(row), strict=False)),
                          "Datastream": array.get("Datastream")})  # fmt: skip
    return found


def _object(given: object, name: str = "body") -> Given:
    if not isinstance(given, dict):
        raise refused(name, str(given))
    return given


def _list(given: object) -> list[Any]:
    if not isinstance(given, list):
        raise refused("body", str(given))
    return given
