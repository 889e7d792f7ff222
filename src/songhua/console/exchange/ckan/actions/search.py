"""Datasets searched in the language of CKAN's clients, counted by facet, page by page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import orjson
from django.db.models import Q

from songhua.console.exchange import licences, searching
from songhua.console.exchange.ckan.actions.finding import visible
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action
from songhua.console.exchange.ckan.conditions import condition
from songhua.console.exchange.ckan.lucene import Unreadable, parse
from songhua.console.exchange.ckan.refusals import BadSearch, Invalid, Unsearchable
from songhua.console.exchange.models import Group
from songhua.console.people.models import Unit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.db.models import QuerySet

    from songhua.console.exchange.models import Entry

MOST_ROWS = 1000
USUAL_ORDER = "score desc, metadata_modified desc"
KNOWN = frozenset({
    "q", "fq", "fq_list", "sort", "rows", "start", "fl", "facet", "facet.field", "facet.limit",
    "facet.mincount", "include_drafts", "include_deleted", "include_private",
    "use_default_schema", "defType", "qf", "mm", "tie", "df", "q.op", "bf", "boost", "wt",
})  # fmt: skip
FACETS = {"tags": "keyword", "organization": "unit", "groups": "group", "res_format": "form",
          "license_id": "licence"}  # fmt: skip
ORDERS = {"name": "name", "title": "title", "title_string": "title", "id": "uid",
          "metadata_modified": "modified_at", "metadata_created": "created_at"}  # fmt: skip


@action(reads=True)
def package_search(call: Call) -> dict[str, Any]:
    """Datasets that match ``q`` and every ``fq``, in an order, with the facets asked for."""
    unknown = sorted(set(call.given) - KNOWN)
    if unknown:
        raise BadSearch(f"Invalid search parameters: {unknown}")
    text = call.text("q", otherwise="*:*").strip()
    rows = visible(call).filter(*_conditions(call, text))
    first, most = call.number("start", 0), call.number("rows", 10, MOST_ROWS)
    sort = call.text("sort", otherwise=USUAL_ORDER)
    shown = _ordered(rows, text, sort)[first : first + most]
    if call.given.get("fl"):
        results = list(_some(shown, call))
    else:
        results = [orjson.Fragment(one) for one in shown.values_list("published", flat=True)]
    counted = _facets(call, rows)
    return {
        "count": rows.count(),
        "sort": sort,
        "results": results,
        "facets": {name: {one["name"]: one["count"] for one in items}
                   for name, items in counted.items()},
        "search_facets": {name: {"title": name, "items": items}
                          for name, items in counted.items()},
    }  # fmt: skip


def _conditions(call: Call, text: str) -> Iterator[Q]:
    """What is asked for. A search without fields is words alone: signs that mean nothing among
    words are no error."""
    if ":" not in text:
        allowed = r'[^\w\s"+-]' if text.count('"') % 2 == 0 else r"[^\w\s+-]"
        text = re.sub(allowed, " ", text).strip(" +-") or "*:*"
    try:
        if text not in ("*:*", '""', "''"):
            yield condition(parse(text))
        for one in [call.given.get("fq") or "", *(call.given.get("fq_list") or [])]:
            for part in one if isinstance(one, list) else [one]:
                if part:
                    yield condition(parse(str(part)))
    except Unreadable as error:
        raise Unsearchable(str(error)) from None


def _ordered(rows: QuerySet[Entry], text: str, sort: str) -> QuerySet[Entry]:
    """The rows in the order asked for; fields that we do not know do not order anything."""
    orders: list[str] = []
    for part in sort.split(","):
        found = re.fullmatch(r"\s*([\w.]+)\s+(asc|desc)\s*", part, re.IGNORECASE)
        if found is None:
            raise BadSearch('Invalid "sort" parameter')
        if found[1] in ORDERS:
            orders.append(("-" if found[2].lower() == "desc" else "") + ORDERS[found[1]])
    if sort.strip().startswith("score"):
        plain = "" if ":" in text else text.replace('"', " ")
        return searching.ordered(rows, plain)
    return rows.order_by(*orders, "-modified_at", "-pk")


def _some(rows: QuerySet[Entry], call: Call) -> Iterator[dict[str, Any]]:
    names = call.listed("fl")
    for published in rows.values_list("published", flat=True):
        whole = orjson.loads(published)
        yield {name: whole[name] for name in names if name in whole}


def _facets(call: Call, rows: QuerySet[Entry]) -> dict[str, list[dict[str, Any]]]:
    names = call.listed("facet.field") if call.flag("facet", otherwise=True) else []
    most = int(call.given.get("facet.limit") or 50)
    counted = searching.facets(
        rows, [FACETS[name] for name in names if name in FACETS], None if most < 0 else most
    )
    found = {}
    for name in names:
        facets = counted.get(FACETS.get(name, ""), [])
        titles = _titles(name, [facet.value for facet in facets])
        found[name] = [
            {"name": f.value, "display_name": titles.get(f.value) or f.value, "count": f.count}
            for f in facets
        ]
    return found


def _titles(field: str, values: list[str]) -> Mapping[str, str]:
    """What values of a facet are called."""
    if field == "organization":
        return dict(Unit.objects.filter(code__in=values).values_list("code", "name_zh"))
    if field == "groups":
        return dict(Group.objects.filter(name__in=values).values_list("name", "title"))
    if field == "license_id":
        return {key: one.title for key, one in licences.known().items()}
    return {}


@action(reads=True)
def package_autocomplete(call: Call) -> list[dict[str, str]]:
    """Datasets whose name or title holds a text."""
    if "q" not in call.given:
        raise Invalid(q=[MISSING])
    text = call.text("q", otherwise="")
    rows = visible(call).filter(Q(name__icontains=text) | Q(title__icontains=text))
    found = []
    for name, title in rows.values_list("name", "title")[: call.number("limit", 10, MOST_ROWS)]:
        by_name = text.lower() in name.lower()
        found.append({
            "name": name, "title": title, "match_field": "name" if by_name else "title",
            "match_displayed": name if by_name else f"{title} ({name})",
        })  # fmt: skip
    return found
