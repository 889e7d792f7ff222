"""One entry of the catalogue: what a resource is, who provides it, and to whom it may go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from songhua.exchange.catalogue import checks
from songhua.exchange.catalogue.codes import is_code
from songhua.exchange.catalogue.vocabulary import words
from songhua.kit.errors import InputError, Problem
from songhua.kit.figures import credit_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from songhua.exchange.catalogue.fields import Field


TABULAR = frozenset(("csv", "xlsx", "parquet", "arrow"))
"""The formats whose content has columns."""


class Tier(StrEnum):
    """How a resource is shared between departments (共享类型)."""

    UNCONDITIONAL = "unconditional"
    CONDITIONAL = "conditional"
    DENIED = "denied"


def table_name(name: str) -> str:
    """The name of a resource as that of its table.

    >>> table_name("heated-homes"), table_name("2026-readings")
    ('heated_homes', 't_2026_readings')
    """
    plain = name.replace("-", "_")
    return plain if plain.isidentifier() else f"t_{plain}"


@dataclass(frozen=True)
class Resource:
    """An information resource, with the core metadata of the national guide (GB/T 21063.3,
    发改高技〔2017〕1272号) and what open-data portals ask beside it.

    `name` stands in addresses and file names, `table` in queries. A conditional tier states its
    conditions, a denied one its legal basis. Only what may be shared may be open to the public: a
    conditional resource under `open_conditions`, and only its open fields. `formats`, `methods`,
    `licence`, `cycle` and `theme` are words of `vocabulary.csv`. An unknown date is None. Only
    files that are no tables (a map, a text) come without fields. `key` names the
    fields that identify a row, `related` the codes of resources it belongs with, and `source`
    where the exchange got it from. Raises `InputError` with every problem, each naming its
    attribute.
    """

    code: str
    name: str
    title_zh: str
    provider: str
    summary_zh: str
    tier: Tier
    fields: tuple[Field, ...]
    theme: str = ""
    title_en: str = ""
    provider_code: str = ""
    summary_en: str = ""
    conditions: str = ""
    legal_basis: str = ""
    methods: tuple[str, ...] = ("api", "file")
    formats: tuple[str, ...] = ("csv", "json")
    open: bool = False
    open_conditions: str = ""
    licence: str = ""
    cycle: str = "irregular"
    published: date | None = None
    updated: date | None = None
    keywords: tuple[str, ...] = ()
    spatial: str = ""
    temporal_start: date | None = None
    temporal_end: date | None = None
    contact_name: str = ""
    contact_phone: str = ""
    contact_email: str = ""
    key: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    source: str = ""

    def __post_init__(self) -> None:
        checks.settle(self._problems())

    def field(self, name: str) -> Field | None:
        """The field called `name`, if there is one."""
        return next((field for field in self.fields if field.name == name), None)

    @property
    def table(self) -> str:
        """What queries call it."""
        return table_name(self.name)

    @property
    def open_fields(self) -> tuple[Field, ...]:
        """What the public may see; empty unless the resource is open."""
        return tuple(field for field in self.fields if field.open) if self.open else ()

    def days_late(self, on: date) -> int | None:
        """By how many days the update is late on a civil day, 0 where it is not; None where the
        cycle sets no limit or the last update is not known."""
        limit = words("cycle")[self.cycle].detail
        if not limit or self.updated is None:
            return None
        return max(0, (on - self.updated).days - int(limit))

    def _problems(self) -> Iterator[Problem]:
        yield from self._codes()
        yield from self._texts()
        yield from self._words()
        yield from self._sharing()
        yield from self._dates()
        yield from self._structure()

    def _codes(self) -> Iterator[Problem]:
        yield from checks.slug("name", self.name)
        for where, code in (("code", self.code), *(("related", code) for code in self.related)):
            if not is_code(code):
                yield Problem(where, "catalogue_code_malformed" if code else "empty", code)
        if self.provider_code:
            try:
                credit_code(self.provider_code, "provider_code")
            except InputError as error:
                yield from error.problems

    def _texts(self) -> Iterator[Problem]:
        for name in ("title_zh", "provider", "summary_zh"):
            yield from checks.text(name, getattr(self, name), required=True)
        for name in (
            "title_en", "provider_code", "summary_en", "conditions", "legal_basis",
            "open_conditions", "spatial", "contact_name", "contact_phone", "contact_email",
            "source",
        ):  # fmt: skip
            yield from checks.text(name, getattr(self, name))
        local, at, host = self.contact_email.partition("@")
        if self.contact_email and (not (local and at and host) or " " in self.contact_email):
            yield Problem("contact_email", "catalogue_email", self.contact_email)

    def _words(self) -> Iterator[Problem]:
        yield from checks.word("cycle", "cycle", self.cycle)
        for name in ("theme", "licence"):
            if code := getattr(self, name):
                yield from checks.word(name, name, code)
        for name, single in (("methods", "method"), ("formats", "format")):
            for value in getattr(self, name) or ("",):
                yield from checks.word(name, single, value)
        for name in ("methods", "formats", "keywords", "related", "key"):
            yield from checks.listed(name, getattr(self, name))

    def _sharing(self) -> Iterator[Problem]:
        if self.tier is Tier.CONDITIONAL and not self.conditions:
            yield Problem("conditions", "catalogue_conditions_missing")
        if self.tier is Tier.DENIED and not self.legal_basis:
            yield Problem("legal_basis", "catalogue_legal_basis_missing")
        if not self.open:
            if self.open_conditions:
                yield Problem("open_conditions", "catalogue_open_conditions_idle")
            return
        if self.tier is Tier.DENIED:
            yield Problem("open", "catalogue_open_denied")
        if self.tier is Tier.CONDITIONAL and not self.open_conditions:
            yield Problem("open_conditions", "catalogue_open_conditions_missing")
        if self.fields and not any(field.open for field in self.fields):
            yield Problem("open", "catalogue_open_without_field")

    def _dates(self) -> Iterator[Problem]:
        for first, second in (("published", "updated"), ("temporal_start", "temporal_end")):
            start, end = getattr(self, first), getattr(self, second)
            if start and end and end < start:
                yield Problem(second, "catalogue_dates_crossed", f"{end} < {start}")

    def _structure(self) -> Iterator[Problem]:
        if not self.fields and not TABULAR.isdisjoint(self.formats):
            yield Problem("fields", "catalogue_no_fields")
        seen = Counter[str]()
        for number, field in enumerate(self.fields):
            seen[field.name.lower()] += 1
            if seen[field.name.lower()] > 1:
                yield Problem(f"fields.{number}.name", "catalogue_field_twice", field.name)
        for name in self.key:
            if self.field(name) is None:
                yield Problem("key", "catalogue_key_unknown", name)
