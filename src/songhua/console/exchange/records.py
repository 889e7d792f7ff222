"""A dataset of the catalogue as the record that the national guide describes, and back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils import timezone

from songhua.exchange.catalogue import (
    Catalogue,
    Code,
    CodeTable,
    Field,
    Kind,
    Resource,
    Sensitivity,
    Tier,
    words,
)
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.exchange.models import Distribution, Entry

R = TypeVar("R", bound=Resource)
TABLE_FORMS = ("csv", "json", "xlsx", "parquet")
KINDS = {
    "TEXT": Kind.STRING, "BIGINT": Kind.INTEGER, "DOUBLE": Kind.NUMBER, "BOOLEAN": Kind.BOOLEAN,
    "DATE": Kind.DATE, "TIMESTAMP": Kind.DATETIME,
}  # fmt: skip
TYPES = {kind: name for name, kind in KINDS.items()} | {Kind.MONEY: "DOUBLE"}
_KEPT = (
    "summary_en", "provider_code", "open_conditions", "spatial", "contact_name", "contact_phone",
    "contact_email",
)  # fmt: skip
_LISTS = ("methods", "formats", "key", "related")
_DAYS = ("published", "updated", "temporal_start", "temporal_end")
_TIERS = {Tier.CONDITIONAL: "conditions", Tier.DENIED: "legal_basis"}


@dataclass(frozen=True)
class Listed(Resource):
    """A dataset as it stands in our records, which hold what other catalogues' programs wrote
    too: it is shown as it is, and nothing about it is refused."""

    def __post_init__(self) -> None:
        """Checked when it was entered, as far as it had to be."""


def given(resource: Resource, tables: Mapping[str, CodeTable]) -> dict[str, Any]:
    """What `entries.create` and `entries.change` are given for a record. The code tables that its
    fields use stay with it."""
    basis = _TIERS.get(resource.tier)
    used = {field.code_table for field in resource.fields if field.code_table}
    about: dict[str, Any] = {name: getattr(resource, name) for name in _KEPT}
    about |= {name: list(getattr(resource, name)) for name in _LISTS}
    about |= {name: day.isoformat() for name in _DAYS if (day := getattr(resource, name))}
    about["fields"] = [field_record(field) for field in resource.fields]
    about["code_tables"] = {
        name: [[code.value, code.zh, code.en] for code in tables[name].codes]
        for name in sorted(used)
    }
    return {
        "name": resource.name, "code": resource.code, "title": resource.title_zh,
        "title_en": resource.title_en, "summary": resource.summary_zh, "tier": str(resource.tier),
        "basis": getattr(resource, basis) if basis else "", "is_open": resource.open,
        "theme": resource.theme, "cycle": resource.cycle, "licence": resource.licence,
        "keywords": list(resource.keywords), "about": about,
    }  # fmt: skip


def field_record(field: Field) -> dict[str, Any]:
    """A field as `Entry.about` keeps it."""
    kept = {f.name: getattr(field, f.name) for f in fields(Field)}
    kept["title"] = kept.pop("title_zh")
    return {
        name: str(value) if isinstance(value, Decimal | Kind | Sensitivity) else value
        for name, value in kept.items()
    }


def fields_of(entry: Entry) -> tuple[Field, ...]:
    """The fields that a dataset's record holds; one that cannot be read is left out."""
    found = []
    for kept in entry.about.get("fields", []):
        with suppress(InputError, TypeError, ValueError, KeyError):
            found.append(field_from(kept))
    return tuple(found)


def fields_from(tables: Iterable[Distribution]) -> tuple[Field, ...]:
    """The fields of a dataset whose record names none: the columns of its tables."""
    found = {}
    for table in tables:
        for c in table.current.columns[1:]:  # the first numbers the rows
            said = {name: c.get(name, "") for name in ("title", "title_en", "unit")}
            kept = {"name": c["name"], "kind": KINDS[c["type"]], "open": c.get("open", False)}
            with suppress(InputError):
                found.setdefault(c["name"], field_from(kept | said))
    return tuple(found.values())


def field_from(kept: Mapping[str, Any]) -> Field:
    """A field as `field_record` wrote it. Raises `InputError` with every problem."""
    values = dict(kept)
    limits = {name: Decimal(values.pop(name)) for name in ("low", "high") if values.get(name)}
    return Field(
        title_zh=values.pop("title", "") or values["name"],
        kind=Kind(values.pop("kind", Kind.STRING)),
        sensitivity=Sensitivity(values.pop("sensitivity", Sensitivity.GENERAL)),
        **{f.name: values[f.name] for f in fields(Field) if f.name in values} | limits,
    )


def listed(entry: Entry, tables: Iterable[Distribution] = ()) -> Listed:
    """The record of a dataset; `tables` are its tables that have rows."""
    return _record(Listed, entry, tables)


def strict(entry: Entry, tables: Iterable[Distribution] = ()) -> Resource:
    """The same, held to the guide. Raises `InputError` with every problem."""
    return _record(Resource, entry, tables)


def _record(kind: type[R], entry: Entry, tables: Iterable[Distribution]) -> R:
    about, stocked = entry.about, list(tables)
    tier = Tier(entry.tier)
    formats = about.get("formats") or (TABLE_FORMS if stocked else ())
    days = {name: date.fromisoformat(about[name]) for name in _DAYS if about.get(name)}
    if stocked:
        days["updated"] = max(timezone.localdate(t.current.created_at) for t in stocked)
    said = {name: about.get(name, "") for name in _KEPT}
    said |= {_TIERS[tier]: entry.basis} if tier in _TIERS else {}
    return kind(
        code=entry.code or str(entry.uid), name=entry.name, title_zh=entry.title,
        title_en=entry.title_en, summary_zh=entry.summary or entry.title,
        provider=provider(entry), tier=tier, fields=fields_of(entry) or fields_from(stocked),
        theme=entry.theme if entry.theme in words("theme") else "",
        cycle=entry.cycle if entry.cycle in words("cycle") else "irregular",
        licence=entry.licence if entry.licence in words("licence") else "",
        open=entry.is_open, keywords=tuple(entry.keywords), source=entry.origin,
        methods=tuple(about.get("methods") or ("api", "file")),
        formats=tuple(name for name in formats if name in words("format")),
        key=tuple(about.get("key", ())), related=tuple(about.get("related", ())), **said, **days,
    )  # fmt: skip


def provider(entry: Entry) -> str:
    """Who a dataset is from: its department, or where it was harvested."""
    return entry.unit.name_zh if entry.unit else entry.origin or "exchange"


def public(resource: Listed) -> Listed:
    """What everybody may know of an open dataset: nothing of the fields that are kept back."""
    shown = resource.open_fields
    names = {field.name for field in shown}
    key = resource.key if set(resource.key) <= names else ()
    return replace(resource, fields=shown, key=key)


def code_tables(entry: Entry) -> dict[str, CodeTable]:
    """The code tables of a dataset's fields."""
    kept = entry.about.get("code_tables", {})
    return {
        name: CodeTable(name, tuple(Code(*code) for code in codes)) for name, codes in kept.items()
    }


class Shelf(Catalogue):
    """Records and code tables beside each other, whatever they refer to elsewhere: a part of the
    catalogue."""

    def __post_init__(self) -> None:
        """What belongs to a part may stand outside it."""
