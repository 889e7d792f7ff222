"""A search that was read, as a condition on the catalogue's datasets."""

from __future__ import annotations

import functools
import operator
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import Q

from songhua.console.exchange.ckan.lucene import Group, Node, Range, Unreadable, Word
from songhua.console.exchange.documents import PACKAGE_EXTRAS
from songhua.console.exchange.models import Distribution, Entry
from songhua.console.exchange.searching import holding, tagged

if TYPE_CHECKING:
    from collections.abc import Iterable

NONE = Q(pk__in=())
ALL = ~NONE
EXACT = {"name": "name", "title_string": "title", "organization": "unit__code",
         "owner_org": "unit__code", "license_id": "licence", "license": "licence",
         "state": "state"} | {name: f"extras__{name}" for name in PACKAGE_EXTRAS}  # fmt: skip
TEXTS = {"title": "title", "notes": "summary", "name_ngram": "name", "title_ngram": "title"}
RESOURCES = {"res_format": "form", "res_name": "name__icontains", "res_url": "url",
             "res_description": "description__icontains"}  # fmt: skip
INSTANTS = {"metadata_modified": "modified_at", "metadata_created": "created_at"}
ALIKE = {"site_id": None, "entity_type": "package", "dataset_type": "dataset", "type": "dataset"}


def condition(node: Node) -> Q:
    """The datasets that a search means."""
    if isinstance(node, Group):
        some = _joined(operator.or_, map(condition, node.may)) if node.may else ALL
        found = _joined(operator.and_, map(condition, node.must)) if node.must else some
        for one in node.never:
            found &= ~condition(one)
        return found
    return _range(node) if isinstance(node, Range) else _word(node)


def _joined(how: Any, some: Iterable[Q]) -> Q:
    found: Q = functools.reduce(how, some)
    return found


def _word(word: Word) -> Q:
    field, text = word.field, word.text
    if text == "*" and not word.quoted:
        return ALL if not field or field in ALIKE else _any(field)
    if field in ("", "text"):
        return _joined(operator.and_, (holding(part) for part in _parts(word)))
    if field in TEXTS:
        parts = (Q(**{f"{TEXTS[field]}__icontains": part}) for part in _parts(word))
        return _joined(operator.and_, parts)
    if field in ALIKE:
        return ALL if ALIKE[field] in (None, text) else NONE
    if field == "tags":
        return tagged(text)
    if field == "id":
        return _id(text)
    if field in ("private", "capacity"):
        return Q(is_open=text in ("false", "public"))
    if field == "groups":
        return _in_group(name=text)
    if field in RESOURCES:
        return _with_resource(**{RESOURCES[field]: text})
    if field in INSTANTS:
        return Q(**{INSTANTS[field]: _instant(text)})
    if field in EXACT:
        begins = text.endswith("*") and not word.quoted
        return Q(**{f"{EXACT[field]}__startswith": text[:-1]} if begins else {EXACT[field]: text})
    pair = orjson.dumps({"key": field.removeprefix("extras_"), "value": text}).decode()
    return Q(published__contains=pair)


def _any(field: str) -> Q:
    """Datasets that have something in a field."""
    if field in EXACT:
        return ~Q(**{EXACT[field]: ""}) & Q(**{f"{EXACT[field]}__isnull": False})
    if field in TEXTS:
        return ~Q(**{TEXTS[field]: ""})
    if field in RESOURCES:
        return _with_resource()
    if field in INSTANTS or field in ("id", "text", "private", "capacity"):
        return ALL
    if field == "tags":
        return ~Q(keywords=[])
    if field == "groups":
        return _in_group()
    key = orjson.dumps(field.removeprefix("extras_")).decode()
    return Q(published__contains=f'{{"key":{key},')


def _parts(word: Word) -> list[str]:
    text = word.text.lower()
    return [text] if word.quoted else [text.strip("*")]


def _id(text: str) -> Q:
    try:
        return Q(uid=uuid.UUID(text))
    except ValueError:
        return NONE


def _in_group(**of: Any) -> Q:
    named = {f"group__{key}": value for key, value in of.items()}
    return Q(pk__in=Entry.groups.through.objects.filter(**named).values("entry_id"))


def _with_resource(**of: Any) -> Q:
    return Q(pk__in=Distribution.objects.filter(removed_at=None, **of).values("entry_id"))


def _range(span: Range) -> Q:
    if span.field not in INSTANTS and span.field not in EXACT:
        raise Unreadable(f"{span.field!r} has no order")
    column = INSTANTS.get(span.field) or EXACT[span.field]
    read = _instant if span.field in INSTANTS else str
    found = ALL
    if span.low is not None:
        found &= Q(**{f"{column}__gte": read(span.low)})
    if span.high is not None:
        found &= Q(**{f"{column}__lte": read(span.high)})
    return found


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"{text!r} is not an instant such as 2024-01-02T00:00:00Z") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
