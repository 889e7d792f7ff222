"""Entities as the standard writes them, with what is to be expanded and links to the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from songhua.console.exchange.sensorthings import readings
from songhua.console.exchange.sensorthings.conditions import column, condition
from songhua.console.exchange.sensorthings.kinds import CHANNEL, KINDS, OBSERVATIONS
from songhua.exchange.sensorthings.filters import refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange.models import Datastream
    from songhua.console.exchange.sensorthings.readings import Reading
    from songhua.console.exchange.sensorthings.world import World
    from songhua.exchange.sensorthings.options import Query

Found = dict[str, Any]
IDS = ("id", "@iot.id")


@dataclass(frozen=True)
class Showing:
    """Writes entities for one caller, below the address `root`, which ends with a slash."""

    world: World
    root: str

    def link(self, kind: str, pk: object) -> str:
        """The address of an entity."""
        plural = KINDS[kind].plural if kind in KINDS else OBSERVATIONS
        return (
            f"{self.root}{plural}({pk})" if isinstance(pk, int) else f"{self.root}{plural}('{pk}')"
        )

    def collection(self, kind: str, rows: QuerySet[Any], query: Query, address: str) -> Found:
        """A page of entities that a query finds among `rows`."""
        if query.filter:
            rows = rows.filter(condition(self.world, kind, query.filter))
        orders = [("-" if down else "") + column(kind, path) for path, down in query.orderby]
        page = list(rows.order_by(*orders, "pk")[query.skip : query.skip + query.top + 1])
        count = rows.count() if query.count else None
        shown = [self.entity(kind, row, query) for row in page[: query.top]]
        return _page(shown, len(page), query, address, count)

    def entity(self, kind: str, row: Any, query: Query) -> Found:
        """One entity."""
        address, known = self.link(kind, row.pk), KINDS[kind]
        said = {name: getattr(row, held) for name, held in known.properties.items()}
        if kind == "Datastream":
            said["properties"] = row.properties | channel(row)
        ways = [*known.links, OBSERVATIONS] if kind == "Datastream" else [*known.links]
        found = _selected(said, ways, row.pk, address, query)
        for name, inner in query.expand.items():
            found |= self._expanded(kind, row, name, inner, f"{address}/{name}")
        return found

    def _expanded(self, kind: str, row: Any, name: str, query: Query, address: str) -> Found:
        if kind == "Datastream" and name == OBSERVATIONS:
            streams = self.world.streams.filter(pk=row.pk)
            page = self.observations(streams, query, address)
        else:
            link = KINDS[kind].links.get(name)
            if link is None:
                raise refused("$expand", name)
            rows = self.world.of(link.kind).filter(**{link.back: row.pk})
            if not link.many:
                one = rows.first()
                return {name: one and self.entity(link.kind, one, query)}
            page = self.collection(link.kind, rows, query, address)
        more = {f"{name}{key}": value for key, value in page.items() if key != "value"}
        return {name: page["value"], **more}

    def observations(self, streams: QuerySet[Datastream], query: Query, address: str) -> Found:
        """A page of the observations of these datastreams."""
        found, count = readings.ask(self.world, streams, query)
        page = found[: query.top]
        if query.data_array:
            return _page(self._arrays(page, query), len(found), query, address, count)
        return _page([self.observation(r, query) for r in page], len(found), query, address, count)

    def observation(self, reading: Reading, query: Query) -> Found:
        """One observation."""
        address = self.link("Observation", reading.id)
        found = _selected(reading.shown(), ["Datastream"], reading.id, address, query)
        for name, inner in query.expand.items():
            if name != "Datastream":
                raise refused("$expand", name)
            found[name] = self.entity("Datastream", reading.stream, inner)
        return found

    def _arrays(self, page: list[Reading], query: Query) -> list[Found]:
        parts = [n for n in ("id", *readings.SHOWN) if not query.select or n in query.select]
        rows: dict[int, list[list[Any]]] = {}
        for reading in page:
            said = {"id": reading.id, **reading.shown()}
            rows.setdefault(reading.stream.pk, []).append([said[name] for name in parts])
        return [
            {"Datastream@iot.navigationLink": self.link("Datastream", pk), "components": parts,
             "dataArray@iot.count": len(array), "dataArray": array}
            for pk, array in rows.items()
        ]  # fmt: skip


def channel(row: Datastream) -> Found:
    """Where the readings of a datastream come from and go, as its properties say it."""
    held = {"dataset": row.table.entry.name}
    held |= {name: getattr(row, name) for name in CHANNEL if name != "dataset"}
    return {name: value for name, value in held.items() if value is not None}


def _selected(said: Found, ways: list[str], pk: object, address: str, query: Query) -> Found:
    ids: Found = {"@iot.id": pk, "@iot.selfLink": address}
    links = {name: f"{address}/{name}" for name in ways}
    if not query.select:
        return ids | said | {f"{name}@iot.navigationLink": to for name, to in links.items()}
    found: Found = {}
    for name in query.select:
        if name in IDS:
            found["@iot.id"] = pk
        elif name in said:
            found[name] = said[name]
        elif name in links:
            found[f"{name}@iot.navigationLink"] = links[name]
        elif name != "@iot.selfLink":
            raise refused("$select", name)
    return found


def _page(shown: list[Found], found: int, query: Query, address: str, count: int | None) -> Found:
    page: Found = {} if count is None else {"@iot.count": count}
    if found > query.top > 0:
        given = {**query.given, "$top": query.top, "$skip": query.skip + query.top}
        page["@iot.nextLink"] = f"{address}?{urlencode(given, quote_via=quote)}"
    return page | {"value": shown}


def alone(query: Query) -> Query:
    """What of a query is for a single entity."""
    return replace(query, filter=None, orderby=(), top=1, skip=0, count=False)
