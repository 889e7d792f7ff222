"""Datasets and resources by what a call says of them, where the caller may know of them."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db.models import Q

from songhua.console.exchange.ckan.refusals import Missing
from songhua.console.exchange.models import Distribution, Entry
from songhua.console.exchange.services import entries
from songhua.kit.errors import NotAllowed

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange.ckan.actions.registry import Call


def visible(call: Call) -> QuerySet[Entry]:
    """The datasets that the caller may find."""
    shown = Entry.objects.filter(state=Entry.State.ACTIVE)
    if call.official:
        return shown
    return shown.filter(is_open=True)


def by_key(key: str) -> Q:
    """A dataset's name or id."""
    try:
        return Q(uid=uuid.UUID(key)) | Q(name=key)
    except ValueError:
        return Q(name=key)


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
    key = call.text(field)
    try:
        uid = uuid.UUID(key)
    except ValueError:
        raise Missing("Resource was not found.") from None
    row = (
        Distribution.objects.filter(uid=uid, removed_at=None)
        .select_related("entry__unit", "current")
        .first()
    )
    if row is None or not may_see(call, row.entry):
        raise Missing("Resource was not found.")
    return row
