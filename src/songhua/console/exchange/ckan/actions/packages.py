"""Datasets: listed, shown, made, changed, taken down."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from django.db import transaction
from django.db.models import Q

from songhua.console.exchange.ckan.actions.finding import entry_of, published, visible
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action, uuid_of
from songhua.console.exchange.ckan.actions.resources import read as read_resource
from songhua.console.exchange.ckan.actions.units import unit_of
from songhua.console.exchange.ckan.refusals import Invalid
from songhua.console.exchange.documents import PACKAGE_EXTRAS
from songhua.console.exchange.models import Entry, Group
from songhua.console.exchange.services import entries

if TYPE_CHECKING:
    import uuid
    from collections.abc import Sequence

TAG = re.compile(r"[\w\- .]{2,100}")


def shown(row: Entry) -> Any:
    """A dataset as it leaves."""
    return orjson.Fragment(row.published)


@action(reads=True)
def package_show(call: Call) -> Any:
    """One dataset, by name or id."""
    key = call.text("id", otherwise="") or call.text("name_or_id", otherwise="")
    if not key:
        raise Invalid(name_or_id=[MISSING])
    found = published(call, key)
    if found is None:
        found = entry_of(Call(call.caller, {"id": key}, call.request)).published
    return orjson.Fragment(found)


@action(reads=True)
def package_list(call: Call) -> list[str]:
    """The names of all datasets."""
    rows = visible(call).order_by("name").values_list("name", flat=True)
    first = call.number("offset", 0)
    limit = call.given.get("limit")
    return list(rows[first : first + call.number("limit", 0)] if limit else rows[first:])


@action(reads=True)
def current_package_list_with_resources(call: Call) -> list[Any]:
    """Datasets as a whole, the newest first."""
    first, most = call.number("offset", 0), call.number("limit", 1000)
    rows = visible(call).order_by("-modified_at", "-pk").values_list("published", flat=True)
    return [orjson.Fragment(text) for text in rows[first : first + most]]


@action(reads=False)
@transaction.atomic
def package_create(call: Call) -> Any:
    """A new dataset with its resources."""
    person, given = call.person(), call.given
    resources = _resources(given)
    fields = _fields(given) | {"state": given.get("state", Entry.State.ACTIVE)}
    if given.get("id"):
        fields["uid"] = _new_id(str(given["id"]))
    fields = {"unit": unit_of(given.get("owner_org")), **fields}
    return shown(entries.create(person, fields, [read_resource(one) for one in resources]))


@action(reads=False)
@transaction.atomic
def package_update(call: Call) -> Any:
    """A dataset, replaced by what is given."""
    call.person()
    row = entry_of(call, "id" if call.given.get("id") else "name")
    blank = {"title": row.name, "notes": "", "license_id": "", "tags": [], "extras": [],
             "groups": []}  # fmt: skip
    return _change(call, row, {**blank, **call.given, "resources": call.given.get("resources", [])})


@action(reads=False)
@transaction.atomic
def package_patch(call: Call) -> Any:
    """A dataset, changed in what is given."""
    call.person()
    return _change(call, entry_of(call), call.given)


def _change(call: Call, row: Entry, given: dict[str, Any]) -> Any:
    person = call.person()
    resources = _resources(given) if "resources" in given else None
    fields = _fields(given, row)
    if given.get("owner_org"):
        fields["unit"] = unit_of(given["owner_org"])
    entries.change(person, row, fields)
    if resources is not None:
        _replace(call, row, resources)
    return shown(Entry.objects.get(pk=row.pk))


def _replace(call: Call, row: Entry, resources: Sequence[dict[str, Any]]) -> None:
    """The resources of a dataset become these; those with a known id stay what they are."""
    there = {str(old.uid): old for old in row.distributions.filter(removed_at=None)}
    for position, given in enumerate(resources):
        old = there.pop(str(given.get("id", "")), None)
        read = read_resource(given, guess=old is not None)
        if old is None:
            entries.distribute(call.person(), row, read)
        else:
            entries.redistribute(call.person(), old, {**read, "position": position})
    for left in there.values():
        entries.redistribute(call.person(), left, None)


@action(reads=False)
def package_delete(call: Call) -> None:
    """Take a dataset down."""
    person, row = call.person(), entry_of(call)
    entries.withdraw(person, row)


@action(reads=False)
def dataset_purge(call: Call) -> None:
    """Take a dataset down for good, so that its name is free."""
    person, row = call.person(), entry_of(call)
    entries.purge(person, row)


def _resources(given: dict[str, Any]) -> list[dict[str, Any]]:
    found = given.get("resources") or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Invalid(resources=["Only lists of dicts can be placed against subschema"])
    return found


def _new_id(text: str) -> uuid.UUID:
    found = uuid_of(text)
    if found is None:
        raise Invalid(id=["Invalid id provided"])
    if Entry.objects.filter(uid=found).exists():
        raise Invalid(id=["Dataset id already exists"])
    return found


def _fields(given: dict[str, Any], row: Entry | None = None) -> dict[str, Any]:
    """What CKAN's fields say, as the catalogue's."""
    named = {"name": "name", "title": "title", "notes": "summary", "license_id": "licence",
             "state": "state"}  # fmt: skip
    fields: dict[str, Any] = {
        ours: str(given[theirs] or "") for theirs, ours in named.items() if theirs in given
    }
    if row is None and not fields.get("name"):
        raise Invalid(name=[MISSING])
    if row is None and not fields.get("title"):
        fields["title"] = fields["name"]
    if "title" in fields and not fields["title"]:
        fields["title"] = fields.get("name") or (row.name if row else "")
    private = str(given.get("private", False)).lower() in {"true", "1", "yes"}
    if row is None or ("private" in given and private == row.is_open):
        fields["is_open"] = not private
        fields["tier"] = Entry.Tier.CONDITIONAL if private else Entry.Tier.UNCONDITIONAL
    if "tags" in given or given.get("tag_string"):
        fields["keywords"] = _tags(given)
    if "groups" in given:
        fields["groups"] = _groups(given["groups"] or [])
    own = {key: given[key] for key in PACKAGE_EXTRAS if key in given}
    if own or "extras" in given:
        kept = dict(row.extras) if row else {}
        fields["extras"] = kept | own | ({"extras": _extras(given)} if "extras" in given else {})
    return fields


def _tags(given: dict[str, Any]) -> list[str]:
    found = [str(tag.get("name", "")) for tag in given.get("tags") or []]
    found += [part.strip() for part in str(given.get("tag_string") or "").split(",") if part]
    wrong = [tag for tag in found if not TAG.fullmatch(tag)]
    if wrong:
        said = "must be 2 to 100 alphanumeric characters or symbols: -_."
        raise Invalid(tags=[{"name": [f"Tag {tag!r} {said}"]} for tag in wrong])
    return sorted(set(found))


def _groups(given: list[dict[str, Any]]) -> list[Group]:
    found = []
    for one in given:
        key = str(one.get("id") or one.get("name") or "")
        row = Group.objects.filter(Q(name=key) | Q(uid=uuid_of(key))).first()
        if row is None:
            raise Invalid(groups=[{"id": [f"Group {key} does not exist"]}])
        found.append(row)
    return found


def _extras(given: dict[str, Any]) -> list[dict[str, str]]:
    found = [
        {"key": str(one.get("key", "")), "value": str(one.get("value", ""))}
        for one in given.get("extras") or []
        if not str(one.get("key", "")).startswith("songhua_")
    ]
    keys = [one["key"] for one in found]
    if len(set(keys)) < len(keys):
        raise Invalid(extras_validation=["There is a schema field with the same name"])
    return sorted(found, key=lambda one: one["key"])
