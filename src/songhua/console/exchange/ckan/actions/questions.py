"""The question, in SQL, that a call to search a table asks. What it may see of the table is not
decided here: the text goes through the enforcement point like everybody's."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from songhua.console.exchange.ckan.refusals import Invalid
from songhua.console.exchange.models import Distribution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.console.exchange.ckan.actions.registry import Call

USUAL_ROWS = 100
FORMS = ("objects", "lists", "csv", "tsv")
COMPARED = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_ID = re.compile(r'"([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12})"')


@dataclass(frozen=True)
class Asked:
    """The question (of which a page is wanted), the one that counts all its rows, and how the
    answer is wanted."""

    text: str
    count: str
    limit: int
    offset: int
    form: str
    counted: bool
    whole: bool  # every row is meant: nothing is filtered, none are folded together


def read(call: Call, table: str, columns: list[dict[str, Any]], most: int) -> Asked:
    """What ``datastore_search`` was given, as SQL over the `columns` that the caller may see."""
    form = call.text("records_format", otherwise="objects")
    if form not in FORMS:
        raise Invalid(records_format=[f"Value must be one of {list(FORMS)}"])
    limit = call.number("limit", USUAL_ROWS, most)
    offset = call.number("offset", 0)
    schema = {column["name"]: column["type"] for column in columns}
    wanted = _columns(call, schema)
    distinct = "DISTINCT " if call.flag("distinct") else ""
    conditions = [*_filters(call, schema), *_words(call, schema)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    rows = f"SELECT {distinct}{wanted} FROM {name(table)}{where}"
    order = _order(call, schema) or ("" if distinct else ' ORDER BY "_id"')
    return Asked(
        rows + order, f"SELECT COUNT(*) FROM ({rows}) AS counted", limit, offset, form,
        call.flag("include_total", otherwise=True), not (conditions or distinct),
    )  # fmt: skip


def _columns(call: Call, schema: dict[str, str]) -> str:
    given = call.given.get("fields")
    if not given:
        return "*"
    chosen = given if isinstance(given, list) else str(given).split(",")
    chosen = [str(one).strip() for one in chosen]
    _known("fields", chosen, schema)
    return ", ".join(name(one) for one in chosen)


def _known(field: str, names: list[str], schema: dict[str, str]) -> None:
    unknown = [one for one in names if one not in schema]
    if unknown:
        raise Invalid(**{field: [f'field "{unknown[0]}" not in table']})


def _json(value: Any, field: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise Invalid(**{field: ["Not a json object"]}) from None


def _filters(call: Call, schema: dict[str, str]) -> Iterator[str]:
    filters = _json(call.given.get("filters") or {}, "filters")
    if not isinstance(filters, dict):
        raise Invalid(filters=["Not a json object"])
    _known("filters", list(filters), schema)
    for column, value in filters.items():
        kind = schema[column]
        if isinstance(value, dict):
            for word, bound in value.items():
                if word not in COMPARED:
                    raise Invalid(filters=[f'unknown comparison "{word}"'])
                yield f"{name(column)} {COMPARED[word]} {literal(bound, kind)}"
        elif isinstance(value, list):
            some = ", ".join(literal(one, kind) for one in value)
            yield f"{name(column)} IN ({some})" if value else "FALSE"
        elif value is None:
            yield f"{name(column)} IS NULL"
        else:
            yield f"{name(column)} = {literal(value, kind)}"


def _words(call: Call, schema: dict[str, str]) -> Iterator[str]:
    """Each word must be somewhere in the row, or in the column for which it was given."""
    given = call.given.get("q") or call.given.get("full_text") or ""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        given = _json(given, "q")
    if isinstance(given, dict):
        _known("q", list(given), schema)
        for column, words in given.items():
            for word in str(words).split():
                yield _holds(column, word)
        return
    texts = [column for column in schema if column != "_id"]
    for word in str(given).split():
        yield "(" + " OR ".join(_holds(column, word) for column in texts) + ")"


def _holds(column: str, word: str) -> str:
    return f"CAST({name(column)} AS TEXT) ILIKE {literal(f'%{word}%', 'TEXT')}"


def _order(call: Call, schema: dict[str, str]) -> str:
    given = call.given.get("sort")
    if not given:
        return ""
    parts = given if isinstance(given, list) else str(given).split(",")
    made = []
    for part in parts:
        found = re.fullmatch(
            r'\s*("?)(.+?)\1\s*(\s(?:asc|desc))?(\snulls (?:first|last))?\s*', str(part), re.I
        )
        if found is None:
            raise Invalid(sort=[f'cannot read "{part}"'])
        _known("sort", [found[2]], schema)
        made.append(f"{name(found[2])}{(found[3] or '').upper()}{(found[4] or '').upper()}")
    return f" ORDER BY {', '.join(made)}"


def named(text: str) -> str:
    """SQL in which tables are called by their resource's id, with their names instead."""

    def known(found: re.Match[str]) -> str:
        uid = uuid.UUID(found[1])
        called = Distribution.objects.filter(uid=uid).values_list("sql_name", flat=True).first()
        return name(called) if called else found[0]

    return _ID.sub(known, text)


def name(text: str) -> str:
    """A name as SQL quotes it."""
    return '"' + text.replace('"', '""') + '"'


def literal(value: Any, kind: str) -> str:
    """A value as SQL writes it, in the column's type. Raises `Invalid` for one that is none."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float) and kind in {"BIGINT", "DOUBLE"}:
        return repr(value)
    text = "'" + str(value).replace("'", "''") + "'"
    if kind in {"BIGINT", "DOUBLE"}:
        try:
            return repr(float(value) if kind == "DOUBLE" else int(value))
        except ValueError:
            raise Invalid(filters=[f"invalid value {value!r}"]) from None
    return text if kind == "TEXT" else f"CAST({text} AS {kind})"
