"""A filter as a condition on records. What a path leads through is seen by the caller, or is not
there: a filter about hidden entities finds what it would find without them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Q

from songhua.console.exchange.sensorthings.kinds import CHANNEL, KINDS
from songhua.exchange.sensorthings.filters import (
    Both,
    Compare,
    Either,
    Match,
    Node,
    Not,
    refused,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.exchange.sensorthings.world import World

LOOKUPS = {"eq": "exact", "ne": "exact", "gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
MATCHES = {"startswith": "startswith", "endswith": "endswith", "substringof": "contains"}
TEXTS = {"name", "description", "encoding_type", "definition", "observation_type", "device_id",
         "metric", "table__entry__name"}  # fmt: skip
NUMBERS = {"pk", "low", "high"}
DEEPEST = 4


def condition(world: World, kind: str, node: Node) -> Q:
    """The condition that holds for the entities of `kind` that a filter finds.

    Raises `InputError` ``sensorthings_query`` for a property that is not there or not compared.
    """
    if isinstance(node, Both):
        return condition(world, kind, node.left) & condition(world, kind, node.right)
    if isinstance(node, Either):
        return condition(world, kind, node.left) | condition(world, kind, node.right)
    if isinstance(node, Not):
        return ~condition(world, kind, node.inner)
    return _led(world, kind, node.path, node)


def _led(world: World, kind: str, path: Sequence[str], node: Compare | Match) -> Q:
    link = KINDS[kind].links.get(path[0])
    if link is None:
        return _held(column(kind, path), node)
    if len(path) < 2 or len(node.path) > DEEPEST:
        raise refused("$filter", "/".join(node.path))
    found = world.of(link.kind).filter(_led(world, link.kind, path[1:], node))
    if not link.many:
        return Q(**{f"{link.own}__in": found})
    linked = found.order_by().filter(**{f"{link.back}__isnull": False})
    return Q(pk__in=linked.values(link.back))


def column(kind: str, path: Sequence[str]) -> str:
    """The column of a property that can be compared."""
    if tuple(path) in {("id",), ("@iot.id",)}:
        return "pk"
    if kind == "Datastream" and len(path) == 2 and path[0] == "properties" and path[1] in CHANNEL:
        return CHANNEL[path[1]]
    name = KINDS[kind].properties.get(path[0], "")
    if len(path) == 1 and name in TEXTS:
        return name
    raise refused("$filter", "/".join(path))


def _held(name: str, node: Compare | Match) -> Q:
    if isinstance(node, Match):
        if name not in TEXTS:
            raise refused("$filter", "/".join(node.path))
        return Q(**{f"{name}__{MATCHES[node.name]}": node.text})
    value = node.value
    if value is None:
        if node.operator not in {"eq", "ne"}:
            raise refused("$filter", "null")
        return Q(**{f"{name}__isnull": node.operator == "eq"})
    right = (int, float) if name in NUMBERS else (str,)
    if not isinstance(value, right) or isinstance(value, (bool, datetime)):
        raise refused("$filter", str(value))
    found = Q(**{f"{name}__{LOOKUPS[node.operator]}": value})
    return ~found if node.operator == "ne" else found
