"""Resources: the files, addresses and tables of a dataset."""

from __future__ import annotations

from typing import Any

from songhua.console.exchange import documents
from songhua.console.exchange.ckan.actions.finding import entry_of, resource_of
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action
from songhua.console.exchange.ckan.refusals import Invalid
from songhua.console.exchange.services import entries

NAMED = {"name": "name", "description": "description", "format": "form", "url": "url",
         "hash": "sha256"}  # fmt: skip
OURS = frozenset({
    "id", "package_id", "position", "size", "state", "datastore_active", "created",
    "metadata_modified", "upload", "last_modified",
})  # fmt: skip


def read(given: dict[str, Any]) -> dict[str, Any]:
    """What a resource says, as a distribution's fields."""
    fields: dict[str, Any] = {
        ours: str(given[theirs] or "") for theirs, ours in NAMED.items() if theirs in given
    }
    fields["extras"] = {
        key: value
        for key, value in given.items()
        if key not in NAMED and key not in OURS and isinstance(value, str | int | float | bool)
    }
    return fields


@action(reads=True)
def resource_show(call: Call) -> Any:
    """One resource."""
    return documents.resource(resource_of(call))


@action(reads=False)
def resource_create(call: Call) -> Any:
    """A resource more for a dataset."""
    if not call.given.get("package_id"):
        raise Invalid(package_id=[MISSING])
    entry = entry_of(call, "package_id")
    made = entries.distribute(call.person(), entry, read(call.given))
    return documents.resource(made)


@action(reads=False)
def resource_update(call: Call) -> Any:
    """A resource, replaced by what is given."""
    blank = {"name": "", "description": "", "format": "", "url": "", "hash": ""}
    return _change(call, {**blank, **call.given})


@action(reads=False)
def resource_patch(call: Call) -> Any:
    """A resource, changed in what is given."""
    return _change(call, call.given)


def _change(call: Call, given: dict[str, Any]) -> Any:
    row = resource_of(call)
    read_ = read(given)
    read_["extras"] = {**row.extras, **read_["extras"]}
    entries.redistribute(call.person(), row, read_)
    row.refresh_from_db()
    return documents.resource(row)


@action(reads=False)
def resource_delete(call: Call) -> None:
    """Take a resource away."""
    row = resource_of(call)
    entries.redistribute(call.person(), row, None)
