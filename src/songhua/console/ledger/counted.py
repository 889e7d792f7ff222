"""Collections of records that the plan counts: every number of one opens exactly its records.

An application registers its collections in ``ready()``; the programme's ``records.csv`` says which
obligations each of them shows. A count and the list behind it are the same query.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from songhua.console import clock
from songhua.console.ledger.services.audit import canonical
from songhua.console.ledger.services.programme import current
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from django.db.models import Model, QuerySet


@dataclass(frozen=True)
class Collection:
    """Records of one kind. ``rows(on)`` are those that count on a day, no more and no fewer;
    `name`, `day` and `address` say how one of them is listed and where its own page is."""

    key: str
    zh: str
    en: str
    rows: Callable[[date], QuerySet[Any]]
    name: Callable[[Any], str]
    day: Callable[[Any], date | None]
    address: Callable[[Any], str]


_collections: dict[str, Collection] = {}
_sources: list[Callable[[], tuple[Collection, ...]]] = []


def register(*collections: Collection) -> None:
    """Make collections known by their keys. The same key twice is a mistake of the program."""
    for each in collections:
        if each.key in _collections:
            raise ValueError(each.key)
        _collections[each.key] = each


def register_source(source: Callable[[], tuple[Collection, ...]]) -> None:
    """Make known the collections that the programme itself declares, whichever is running."""
    _sources.append(source)


def known() -> dict[str, Collection]:
    """Every collection by its key."""
    return _collections | {each.key: each for source in _sources for each in source()}


def get(key: str) -> Collection:
    """One collection. Raises `InputError` for a key that nobody registered."""
    found = known().get(key)
    if found is None:
        raise InputError(Problem("collection", "collection_unknown", key))
    return found


def count(key: str, on: date | None = None) -> int:
    """How many records count on a day, today unless given: 1 query."""
    return get(key).rows(on or clock.today()).count()


def address(key: str, on: date | None = None) -> str:
    """The page that lists exactly the records behind ``count(key, on)``."""
    return reverse("records", args=[get(key).key]) + (f"?on={on}" if on else "")


def digest(collection: Collection, rows: list[Model]) -> str:
    """SHA-256 over which records these were and what they were called, in the order of keys."""
    lines = sorted([row._meta.label_lower, str(row.pk), collection.name(row)] for row in rows)
    return hashlib.sha256(canonical([collection.key, lines]).encode()).hexdigest()


def showing(obligation: str) -> list[Collection]:
    """The collections whose records show that an obligation is met."""
    there = known()
    return [there[key] for key in current().showing(obligation) if key in there]
