"""A dataset as programs are shown it: the package of CKAN's action interface, version 3."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

import orjson

from songhua.console.exchange import licences

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from songhua.console.exchange.models import Distribution, Entry, Group
    from songhua.console.people.models import Unit

PACKAGE_EXTRAS = ("author", "author_email", "maintainer", "maintainer_email", "version", "url",
                  "type")  # fmt: skip


def package(entry: Entry, ways: Iterable[Distribution], groups: Iterable[Group]) -> str:
    """The JSON text of a dataset with its resources, tags, groups and organization."""
    resources = [resource(row, entry) for row in ways]
    licence = licences.known().get(entry.licence)
    said = {
        **{name: entry.extras.get(name) or None for name in PACKAGE_EXTRAS},
        "type": entry.extras.get("type") or "dataset",
        "id": str(entry.uid),
        "name": entry.name,
        "title": entry.title,
        "notes": entry.summary or None,
        "license_id": entry.licence or None,
        "license_title": licence.title if licence else entry.licence or None,
        **({"license_url": licence.url} if licence and licence.url else {}),
        "isopen": licence is not None and licence.open,
        "private": not entry.is_open,
        "state": entry.state,
        "owner_org": entry.unit.code if entry.unit else None,
        "organization": organization(entry.unit) if entry.unit else None,
        "creator_user_id": entry.created_by.username if entry.created_by else None,
        "metadata_created": stamp(entry.created_at),
        "metadata_modified": stamp(entry.modified_at),
        "num_resources": len(resources),
        "num_tags": len(entry.keywords),
        "extras": [*entry.extras.get("extras", []), *_particulars(entry)],
        "resources": resources,
        "tags": [tag(word) for word in sorted(entry.keywords)],
        "groups": [group(row) for row in groups],
        "relationships_as_subject": [],
        "relationships_as_object": [],
    }
    return orjson.dumps(said).decode()


def _particulars(entry: Entry) -> list[dict[str, str]]:
    """What a Chinese catalogue says and CKAN has no field for."""
    said = {
        "resource_code": entry.code or "", "sharing_tier": entry.tier, "update_cycle": entry.cycle,
        "theme": entry.theme, "title_en": entry.title_en, "origin": entry.origin,
    }  # fmt: skip
    return [{"key": f"songhua_{key}", "value": value} for key, value in said.items() if value]


def resource(row: Distribution, entry: Entry | None = None) -> dict[str, Any]:
    """One file, address or table of a dataset."""
    return {
        "cache_last_updated": None, "cache_url": None, "mimetype": None, "mimetype_inner": None,
        "hash": row.sha256, "last_modified": None, "resource_type": None, "url_type": None,
        **row.extras,
        "id": str(row.uid),
        "package_id": str((entry or row.entry).uid),
        "position": row.position,
        "name": row.name or None,
        "description": row.description or None,
        "format": row.form,
        "url": row.url,
        "size": row.size or None,
        "state": "active",
        "datastore_active": row.current_id is not None,
        "created": stamp(row.created_at),
        "metadata_modified": stamp(row.modified_at),
    }  # fmt: skip


def tag(word: str) -> dict[str, Any]:
    """A keyword."""
    return {"display_name": word, "id": word, "name": word, "state": "active",
            "vocabulary_id": None}  # fmt: skip


def group(row: Group) -> dict[str, Any]:
    """A theme, as a dataset names it."""
    return {
        "id": str(row.uid), "name": row.name, "title": row.title, "display_name": row.title,
        "description": row.description, "image_display_url": "",
    }  # fmt: skip


def organization(unit: Unit) -> dict[str, Any]:
    """A department, as a dataset names it."""
    return {
        "id": unit.code, "name": unit.code, "title": unit.name_zh, "type": "organization",
        "description": "", "image_url": "", "created": None, "is_organization": True,
        "approval_status": "approved", "state": "active",
    }  # fmt: skip


def stamp(at: datetime) -> str:
    """An instant as CKAN writes it: UTC without its zone."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
