"""The catalogue searched: by words, by facets, in an order, page by page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.expressions import RawSQL

from songhua.console.exchange.models import Distribution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

    from songhua.console.exchange.models import Entry

COLUMNS = {
    "unit": "unit__code", "tier": "tier", "theme": "theme", "cycle": "cycle", "open": "is_open",
    "licence": "licence", "group": "groups__name", "form": "distributions__form",
}  # fmt: skip
ORDERS = {
    "name": ("name",), "-name": ("-name",), "title": ("title", "name"), "-title": ("-title",),
    "modified": ("modified_at", "pk"), "-modified": ("-modified_at", "-pk"),
    "created": ("created_at", "pk"), "-created": ("-created_at", "-pk"),
}  # fmt: skip
MOST_WORDS = 20
_TRIGRAM = 3


def matching(
    rows: QuerySet[Entry], text: str = "", chosen: Mapping[str, Sequence[str]] | None = None
) -> QuerySet[Entry]:
    """The rows that hold every word of `text` and have one of the `chosen` values of each facet."""
    for word in text.lower().split()[:MOST_WORDS]:
        rows = rows.filter(holding(word))
    for facet, values in (chosen or {}).items():
        if facet == "keyword":
            for value in values:
                rows = rows.filter(tagged(value))
            continue
        rows = rows.filter(**{f"{COLUMNS[facet]}__in": list(values)})
    joined = {"group", "form"} & set(chosen or {})
    return rows.distinct() if joined else rows


def ordered(rows: QuerySet[Entry], text: str, order: str = "") -> QuerySet[Entry]:
    """In the order asked for; by default those first whose title holds what is looked for."""
    if order in ORDERS:
        return rows.order_by(*ORDERS[order])
    if not text.strip():
        return rows.order_by("-modified_at", "-pk")
    first = Case(
        When(title__icontains=text.strip(), then=Value(0)),
        When(title__icontains=text.split()[0], then=Value(1)),
        default=Value(2), output_field=IntegerField(),
    )  # fmt: skip
    return rows.annotate(nearness=first).order_by("nearness", "-modified_at", "-pk")


def facets(
    rows: QuerySet[Entry], names: Sequence[str], most: int | None = 50
) -> dict[str, list[Facet]]:
    """For each facet, its values among `rows` and how often they occur, the most frequent first."""
    plain = rows.order_by().values("pk")
    return {name: _counted(rows.model.objects.filter(pk__in=plain), name)[:most] for name in names}


@dataclass(frozen=True)
class Facet:
    """A value of a facet and how many datasets have it."""

    value: str
    count: int


def _counted(rows: QuerySet[Entry], name: str) -> list[Facet]:
    if name == "keyword":
        found = Counter(word for words in rows.values_list("keywords", flat=True) for word in words)
        return _sorted(found)
    if name == "form":
        entries = Distribution.objects.filter(entry__in=rows, removed_at=None).exclude(form="")
        pairs = entries.values_list("form").annotate(n=Count("entry", distinct=True))
    else:
        column = COLUMNS[name]
        pairs = rows.values_list(column).annotate(n=Count("pk", distinct=True)).order_by()
    return _sorted({value: n for value, n in pairs if value not in (None, "")})


def _sorted(found: Mapping[str, int]) -> list[Facet]:
    pairs = sorted(found.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return [Facet(str(value), n) for value, n in pairs]


def holding(word: str) -> Q:
    """Datasets of which some word contains `word`, which is in lower case."""
    if "\0" in word:  # no text holds one, and neither engine bears it
        return Q(pk__in=())
    if connection.vendor == "sqlite" and len(word) >= _TRIGRAM:
        sql = "SELECT rowid FROM exchange_found WHERE words MATCH %s"
        return Q(pk__in=RawSQL(sql, ['"' + word.replace('"', '""') + '"']))
    # SQLite's trigrams know no shorter words; PostgreSQL uses its own for LIKE.
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    sql = "SELECT id FROM exchange_entry WHERE found_by LIKE %s ESCAPE '\\'"
    return Q(pk__in=RawSQL(sql, [f"%{escaped}%"]))


def tagged(word: str) -> Q:
    """Datasets with this keyword."""
    if connection.vendor == "sqlite":
        sql = "SELECT e.id FROM exchange_entry e, json_each(e.keywords) k WHERE k.value = %s"
    else:
        sql = "SELECT id FROM exchange_entry WHERE keywords @> to_jsonb(%s::text)"
    return Q(pk__in=RawSQL(sql, [word]))
