"""Observations: asked of the door to the readings, under the caller's grants as they are now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from songhua.console.exchange.sensorthings.conditions import LOOKUPS, condition
from songhua.console.exchange.services import devices
from songhua.exchange.sensorthings.filters import Both, Compare, Either, Node, Not, refused

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange.models import Datastream
    from songhua.console.exchange.sensorthings.world import World
    from songhua.exchange.sensorthings.options import Query

SIGNS = {"eq": "=", "ne": "<>", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
COLUMNS = {"phenomenonTime": "ts_utc", "resultTime": "ts_utc", "result": "value"}
SHOWN = ("phenomenonTime", "resultTime", "result", "resultQuality")
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 (the door's instants are UTC without saying so)
_ID = re.compile(r"([0-9]{1,18})-([0-9]{1,18})")
MOST = 1e300
ROUTE = "sensorthings"


@dataclass(frozen=True)
class Reading:
    """An observation of a datastream."""

    stream: Datastream
    at: datetime
    value: Any
    quality: int | None

    @property
    def id(self) -> str:
        """The datastream and the microseconds since 1970."""
        return f"{self.stream.pk}-{(self.at - EPOCH) // timedelta(microseconds=1)}"

    def shown(self) -> dict[str, Any]:
        """The properties of the standard."""
        at = self.at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
        quality = None if self.quality is None else str(self.quality)
        return dict(zip(SHOWN, (at, at, self.value, quality), strict=True))


def ask(
    world: World, streams: QuerySet[Datastream], query: Query, one: str = ""
) -> tuple[list[Reading], int | None]:
    """The observations of these datastreams that a query finds, one more than its page holds where
    there are more, and how many there are if that is asked. `one` is the id of a single one."""
    rows = {(row.device_id, row.metric): row for row in streams}
    opened = devices.opened(world.caller, rows.values())
    where = f"({_sql(world, query.filter)})" if query.filter else "TRUE"
    if one:
        where = _identified(world, one)
    parts = []
    for h in opened.held:
        quality = "quality" if "quality" in h.grant.columns else "NULL"
        parts.append(
            f"SELECT device_id, metric, ts_utc, value, {quality} AS quality"
            f' FROM "{h.grant.dataset}" WHERE {where}'
        )
    if not parts:
        return [], 0 if query.count else None
    union = " UNION ALL ".join(parts)
    asked = (
        f"SELECT * FROM ({union}) AS r ORDER BY {_order(query)}"
        f" LIMIT {query.top + 1} OFFSET {query.skip}"
    )
    found = opened.deliver(asked, ROUTE).rows
    count = None
    if query.count:
        count = int(opened.deliver(f"SELECT COUNT(*) AS n FROM ({union}) AS r", ROUTE).rows[0][0])
    return [Reading(rows[d, m], at, value, q) for d, m, at, value, q in found], count


def _order(query: Query) -> str:
    orders = []
    for path, down in query.orderby:
        name = "device_id" if path in {("id",), ("@iot.id",)} else COLUMNS.get("/".join(path))
        if name is None:
            raise refused("$orderby", "/".join(path))
        orders.append(f"{name} {'DESC' if down else 'ASC'}")
    return ", ".join([*orders, "ts_utc", "device_id", "metric"])


def _sql(world: World, node: Node) -> str:
    if isinstance(node, Both):
        return f"({_sql(world, node.left)} AND {_sql(world, node.right)})"
    if isinstance(node, Either):
        return f"({_sql(world, node.left)} OR {_sql(world, node.right)})"
    if isinstance(node, Not):
        return f"(NOT {_sql(world, node.inner)})"
    if node.path[0] == "Datastream" and len(node.path) > 1:
        return _through_streams(world, node)
    if isinstance(node, Compare):
        if node.path in {("id",), ("@iot.id",)} and node.operator in {"eq", "ne"}:
            found = _identified(world, str(node.value))
            return found if node.operator == "eq" else f"(NOT {found})"
        name = COLUMNS.get("/".join(node.path))
        if name and node.operator in LOOKUPS:
            return f"({name} {SIGNS[node.operator]} {_literal(name, node.value)})"
    raise refused("$filter", "/".join(node.path))


def _through_streams(world: World, node: Any) -> str:
    """A condition on the datastream, as one on the channels of those that the caller sees."""
    inner = type(node)(**{**vars(node), "path": node.path[1:]})
    found = world.streams.filter(condition(world, "Datastream", inner))
    pairs = [
        f"(device_id = {_text(row.device_id)} AND metric = {_text(row.metric)})" for row in found
    ]
    return f"({' OR '.join(pairs)})" if pairs else "(FALSE)"


def _identified(world: World, text: str) -> str:
    match = _ID.fullmatch(text)
    row = world.streams.filter(pk=int(match[1])).first() if match else None
    if match is None or row is None:
        return "(FALSE)"
    try:
        at = EPOCH + timedelta(microseconds=int(match[2]))
    except OverflowError:
        return "(FALSE)"
    return (
        f"(device_id = {_text(row.device_id)} AND metric = {_text(row.metric)}"
        f" AND ts_utc = {_literal('ts_utc', at)})"
    )


def _literal(name: str, value: object) -> str:
    if name == "value":
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or abs(value) > MOST:
            raise refused("$filter", str(value))
        return repr(float(value))
    if not isinstance(value, datetime):
        raise refused("$filter", str(value))
    return f"CAST('{value.replace(tzinfo=None).isoformat(sep=' ')}' AS TIMESTAMP)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def instant(text: object) -> datetime:
    """The instant of an observation that is sent: the beginning, where an interval is given."""
    try:
        at = datetime.fromisoformat(str(text).partition("/")[0])
    except ValueError:
        raise refused("phenomenonTime", str(text)) from None
    if at.tzinfo is None:
        raise refused("phenomenonTime", str(text))
    return at.astimezone(UTC)
