"""Datasets and resources by what a call says of them, where the caller may know of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection
from django.db.models import Q

from songhua.console.exchange.ckan.actions.registry import uuid_of
from songhua.console.exchange.ckan.refusals import Missing
from songhua.console.exchange.models import Distribution, Entry
from songhua.console.exchange.services import entries
from songhua.kit.errors import NotAllowed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange.ckan.actions.registry import Call

MOST_LISTED = 1000


def visible(call: Call) -> QuerySet[Entry]:
    """The datasets that the caller may find."""
    shown = Entry.objects.filter(state=Entry.State.ACTIVE)
    if call.official:
        return shown
    return shown.filter(is_open=True)


_PUBLISHED = """
SELECT published FROM exchange_entry WHERE {} = %s AND state = 'active' AND (is_open OR %s)
"""


def published(call: Call, key: str) -> str | None:
    """The text of a dataset that the caller may find: what is asked for most, in plain SQL."""
    uid = uuid_of(key)
    given = Entry._meta.get_field("uid").get_db_prep_value(uid, connection) if uid else key
    with connection.cursor() as cursor:
        cursor.execute(_PUBLISHED.format("uid" if uid else "name"), [given, call.official])
        found = cursor.fetchone()
    return str(found[0]) if found else None


def by_key(key: str) -> Q:
    """A dataset's name or id."""
    uid = uuid_of(key)
    return Q(uid=uid) | Q(name=key) if uid else Q(name=key)


def shown_to(call: Call, most: int, *conditions: Q, **filters: Any) -> list[Any]:
    """Datasets as a whole that the caller may find, the newest first."""
    rows = visible(call).filter(*conditions, **filters).order_by("-modified_at", "-pk")
    return [orjson.Fragment(text) for text in rows.values_list("published", flat=True)[:most]]


def page(call: Call, rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rows from ``offset`` on, ``limit`` of them."""
    first = call.number("offset", 0)
    return rows[first : first + call.number("limit", MOST_LISTED, MOST_LISTED)]


def entry_of(call: Call, field: str = "id") -> Entry:
    """The dataset that the call names; its own department finds it in any state."""
    key = call.text(field)
    found = Entry.objects.exclude(state=Entry.State.PURGED).filter(by_key(key))
    row = found.select_related("unit", "created_by").first()
    if row is None or not may_see(call, row):
        raise Missing()
    return row


def may_see(call: Call, row: Entry) -> bool:
    """Whether the caller may know of the dataset: it is shown to it, or its own."""
    if row.state == Entry.State.ACTIVE and (row.is_open or call.official):
        return True
    if call.caller is None:
        return False
    try:
        entries.demand(call.caller, row.unit)
    except NotAllowed:
        return False
    return True


def resource_of(call: Call, field: str = "id") -> Distribution:
    """The resource that the call names, in a dataset that the caller may see."""
    uid = uuid_of(call.text(field))
    row = (
        Distribution.objects.filter(uid=uid, removed_at=None)
        .select_related("entry__unit", "current")
        .first()
    )
    if row is None or not may_see(call, row.entry):
        raise Missing("Resource was not found.")
    return row
