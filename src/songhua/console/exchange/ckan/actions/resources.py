"""Resources: the files, addresses and tables of a dataset."""

from __future__ import annotations

import mimetypes
from typing import Any

from django.db.models import Q

from songhua.console.exchange import documents
from songhua.console.exchange.ckan.actions.finding import entry_of, page, resource_of, visible
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action
from songhua.console.exchange.ckan.refusals import Invalid
from songhua.console.exchange.models import Distribution
from songhua.console.exchange.services import entries

NAMED = {"name": "name", "description": "description", "format": "form", "url": "url",
         "hash": "sha256"}  # fmt: skip
OURS = frozenset({
    "id", "package_id", "position", "size", "state", "datastore_active", "created",
    "metadata_modified", "upload", "last_modified",
})  # fmt: skip


FORMATS = {
    form.lower(): form
    for form in ("CSV", "TSV", "TXT", "JSON", "GeoJSON", "XML", "RDF", "TTL", "HTML", "PDF", "ZIP",
                 "XLS", "XLSX", "DOC", "DOCX", "ODS", "SHP", "KML", "PNG", "JPEG", "Parquet", "WMS")
}  # fmt: skip


def read(given: dict[str, Any], *, guess: bool = False) -> dict[str, Any]:
    """What a resource says, as a distribution's fields; `guess` what its address tells of the
    rest. A well-known format is written as it usually is."""
    fields: dict[str, Any] = {
        ours: str(given[theirs] or "") for theirs, ours in NAMED.items() if theirs in given
    }
    fields["extras"] = {
        key: value
        for key, value in given.items()
        if key not in NAMED and key not in OURS and isinstance(value, str | int | float | bool)
    }
    url = fields.get("url", "")
    if guess and url and not fields["extras"].get("mimetype"):
        mimetype = mimetypes.guess_type(url)[0]
        fields["extras"] |= {"mimetype": mimetype} if mimetype else {}
    if guess and url and not fields.get("form"):
        fields["form"] = FORMATS.get(url.rpartition(".")[2].lower(), "")
    if "form" in fields:
        fields["form"] = FORMATS.get(fields["form"].lower().lstrip("."), fields["form"])
    return fields


@action(reads=True)
def resource_show(call: Call) -> Any:
    """One resource."""
    return documents.resource(resource_of(call))


@action(reads=True)
def resource_view_list(call: Call) -> list[Any]:
    """No views are kept of a resource: the dataset's page draws them."""
    resource_of(call)
    return []


SEARCHED = {"name": "name", "description": "description", "format": "form", "url": "url",
            "hash": "sha256"}  # fmt: skip
SORTED = {**SEARCHED, "position": "position", "created": "created_at"}


@action(reads=True)
def resource_search(call: Call) -> dict[str, Any]:
    """Resources of which fields hold texts: ``field:text``, once or several times."""
    given = call.given.get("query")
    if not given:
        raise Invalid(query=[MISSING])
    asked = Q()
    for one in given if isinstance(given, list) else [given]:
        field, colon, text = str(one).partition(":")
        if not colon or field not in SEARCHED:
            raise Invalid(query=[f'"{one}" is not field:text, of {", ".join(SEARCHED)}'])
        asked &= Q(**{f"{SEARCHED[field]}__icontains": text})
    seen = visible(call).order_by().values("pk")
    rows = Distribution.objects.filter(asked, entry__in=seen, removed_at=None)
    order = SORTED.get(call.text("order_by", otherwise="position"), "position")
    found = page(call, rows.select_related("entry").order_by(order, "pk"))
    shown = [documents.resource(row) for row in found]
    return {
        "count": rows.count(),
        "results": [{k: v for k, v in one.items() if k != "datastore_active"} for one in shown],
    }


@action(reads=False)
def resource_create(call: Call) -> Any:
    """A resource more for a dataset."""
    person, entry = call.person(), entry_of(call, "package_id")
    made = entries.distribute(person, entry, read(call.given, guess=True))
    return documents.resource(made)


@action(reads=False)
def resource_update(call: Call) -> Any:
    """A resource, replaced by what is given."""
    blank = {"name": "", "description": "", "format": "", "url": "", "hash": ""}
    return _change(call, {**blank, **call.given}, guess=True)


@action(reads=False)
def resource_patch(call: Call) -> Any:
    """A resource, changed in what is given."""
    return _change(call, call.given)


def _change(call: Call, given: dict[str, Any], *, guess: bool = False) -> Any:
    person, row = call.person(), resource_of(call)
    fields = read(given, guess=guess)
    fields["extras"] = {**row.extras, **fields["extras"]}
    entries.redistribute(person, row, fields)
    row.refresh_from_db()
    return documents.resource(row)


@action(reads=False)
def resource_delete(call: Call) -> None:
    """Take a resource away."""
    person, row = call.person(), resource_of(call)
    entries.redistribute(person, row, None)
