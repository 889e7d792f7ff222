"""Tables: made, filled, changed, searched. Rows leave by `services.door` alone."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from songhua.console.exchange import lookups
from songhua.console.exchange.ckan.actions import questions
from songhua.console.exchange.ckan.actions.finding import entry_of, may_see, resource_of
from songhua.console.exchange.ckan.actions.registry import MISSING, Call, action, uuid_of
from songhua.console.exchange.ckan.refusals import Denied, Invalid, Missing
from songhua.console.exchange.services import contents, door, entries, flows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.exchange.models import Distribution

MOST_ROWS = 32_000
TYPES = {
    "text": "TEXT", "varchar": "TEXT", "json": "TEXT", "int4": "BIGINT", "int8": "BIGINT",
    "numeric": "DOUBLE", "float8": "DOUBLE", "bool": "BOOLEAN", "date": "DATE",
    "timestamp": "TIMESTAMP",
}  # fmt: skip
ALSO = {"int": "int4", "integer": "int4", "bigint": "int8", "float": "float8", "boolean": "bool",
        "double precision": "float8"}  # fmt: skip
SAID = {"VARCHAR": "text", "TEXT": "text", "BIGINT": "int8", "DOUBLE": "float8", "BOOLEAN": "bool",
        "HUGEINT": "numeric"}  # fmt: skip
NATIVE = {"BIGINT": "integer", "DOUBLE": "double precision",
          "TIMESTAMP": "timestamp without time zone"}  # fmt: skip


def table_of(call: Call) -> Distribution:
    """The table that the call names. Raises `Missing` for a resource without one."""
    key = call.text("resource_id")
    uid = uuid_of(key)
    row = lookups.table(uid) if uid else None
    if row is None or not may_see(call, row.entry):
        raise Missing(f'Resource "{key}" was not found.')
    return row


def _opened(call: Call, row: Distribution) -> door.Opened:
    """What the caller may see of the table now. Raises `Denied` where that is nothing."""
    opened = door.open_tables(call.caller, [row], call.text("purpose", otherwise=""))
    if not opened.held:
        raise Denied("these data were not granted to the caller: ask for them at the exchange")
    return opened


@action(reads=True)
def datastore_search(call: Call) -> dict[str, Any]:
    """Rows of a table: filtered, sorted, some of their columns, some of their number."""
    row = table_of(call)
    opened = _opened(call, row)
    columns = opened.columns[str(row.sql_name)]
    asked = questions.read(call, str(row.sql_name), columns, MOST_ROWS)
    answer = opened.deliver(asked.text, "datastore_search", (asked.limit, asked.offset))
    names = [name for name, _ in answer.columns]
    types = {c["name"]: c.get("said", c["type"].lower()) for c in columns}
    result: dict[str, Any] = {
        "include_next_page": False,
        "include_total": asked.counted,
        "limit": asked.limit,
        "records_format": asked.form,
        "resource_id": call.text("resource_id"),
        "records": _records(asked.form, names, answer.rows),
        "fields": [
            {"id": name, "type": "int" if name == contents.ROW else types.get(name, "text")}
            for name in names
        ],
        "songhua_receipt": answer.receipt,
    }
    for name in ("filters", "q", "sort", "offset", "distinct"):
        if name in call.given:
            result[name] = call.given[name]
    if asked.counted:
        known = answer.total
        result["total"] = _total(opened, asked) if known is None else known
    return result


def _total(opened: door.Opened, asked: questions.Asked) -> int:
    """How many rows there are in all; a whole table is not counted again."""
    only = opened.held[0]
    if asked.whole and not only.grant.rows:
        return only.version.rows
    (counted,) = opened.page(asked.count, 1, 0).batches
    return int(counted[0][0])


def _records(form: str, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Any:
    if form == "lists":
        return rows
    if form == "objects":
        return [dict(zip(names, row, strict=True)) for row in rows]
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t" if form == "tsv" else ",", lineterminator="\n")
    writer.writerows([_text(value) for value in row] for row in rows)
    return stream.getvalue()


def _text(value: Any) -> Any:
    """A value as CKAN writes it between commas."""
    if isinstance(value, bool):
        return "t" if value else "f"
    return value.isoformat() if isinstance(value, date | datetime) else value


@action(reads=True)
def datastore_search_sql(call: Call) -> dict[str, Any]:
    """The rows of one SELECT. A table is called by its resource's id in double quotes, or by the
    name that its page gives it."""
    text = call.text("sql")
    answer = door.deliver(
        call.caller, questions.named(text), route="datastore_search_sql",
        purpose=call.text("purpose", otherwise=""),
    )  # fmt: skip
    flows.note(call.caller, questions.named(text))
    names = [name for name, _ in answer.columns]
    return {
        "sql": text,
        "records": _records("objects", names, answer.rows),
        "fields": [{"id": name, "type": SAID.get(kind, kind.lower())}
                   for name, kind in answer.columns],
        "songhua_receipt": answer.receipt,
    }  # fmt: skip


@action(reads=True)
def datastore_info(call: Call) -> dict[str, Any]:
    """The columns of a table and how many rows it has, as far as the caller sees them; its size on
    the disk would tell of the others."""
    key = "resource_id" if call.given.get("resource_id") else "id"
    row = table_of(Call(call.caller, {"resource_id": call.text(key)}, call.request))
    opened = _opened(call, row)
    columns = opened.columns[str(row.sql_name)]
    every = questions.read(Call(call.caller, {}, call.request), str(row.sql_name), columns, 0)
    return {
        "meta": {"id": str(row.uid), "count": _total(opened, every), "size": None,
                 "table_type": "BASE TABLE", "aliases": [], "songhua_table": row.sql_name},
        "fields": [_field(c, row.current.keys) for c in columns if c["name"] != contents.ROW],
    }  # fmt: skip


def _field(column: dict[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    key = column["name"] in keys
    native = NATIVE.get(column["type"], column["type"].lower())
    schema = {"native_type": native, "notnull": False, "index_name": None, "is_index": key,
              "uniquekey": False}  # fmt: skip
    said = column.get("said", column["type"].lower())
    info = {"info": column["info"]} if column.get("info") else {}
    return {"id": column["name"], "type": said, **info, "schema": schema}


@action(reads=False)
def datastore_create(call: Call) -> dict[str, Any]:
    """A table, made where there is none, and rows for it."""
    person, given = call.person(), call.given
    if bool(given.get("resource")) == bool(given.get("resource_id")):
        raise Invalid(resource=["resource_id or resource is needed, and not both"])
    if given.get("resource"):
        entry = entry_of(Call(call.caller, {"id": given["resource"].get("package_id")},
                              call.request))  # fmt: skip
        row = entries.distribute(person, entry, {"name": given["resource"].get("name", "table")})
    else:
        row = resource_of(call, "resource_id")
    entries.demand(person, row.entry.unit)
    records = _given_records(given)
    fields = given.get("fields") or _guessed(records)
    if row.current is None:
        if row.sql_name is None:
            entries.redistribute(person, row, {"sql_name": entries.sql_name(row.entry)})
            row.refresh_from_db()
        contents.create(person, row, _columns(fields), _listed(given.get("primary_key")))
        entries.touch(row.entry)
    if records:
        _insert(call, row, records)
    shown = {"calculate_record_count": "background", "delete_fields": False,
             "resource_id": str(row.uid), "fields": fields, "method": "insert"}  # fmt: skip
    if given.get("primary_key"):
        shown["primary_key"] = given["primary_key"]
    return shown | ({"records": records} if given.get("include_records") else {})


def _given_records(given: dict[str, Any]) -> list[dict[str, Any]]:
    records = given.get("records") or []
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise Invalid(records=["A list of objects is needed"])
    return records


def _guessed(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The columns that the first records show."""
    found: dict[str, str] = {}
    for record in records[:100]:
        for name, value in record.items():
            kind = next(
                (said for said, type_ in (("bool", bool), ("int", int), ("numeric", float))
                 if isinstance(value, type_)), "text",
            )  # fmt: skip
            found.setdefault(name, kind)
    return [{"id": name, "type": kind} for name, kind in found.items()]


def _columns(fields: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    columns = []
    for field in fields:
        said = str(field.get("type", "text")).lower()
        said = ALSO.get(said, said)
        if said not in TYPES:
            raise Invalid(fields=[f'"{said}" is not a valid field type'])
        if str(field.get("id", "")).startswith("_"):
            raise Invalid(fields=[f'"{field["id"]}" is not a valid field name'])
        columns.append({"name": field.get("id"), "type": TYPES[said], "said": said,
                        "info": field.get("info") or {}, "open": True})  # fmt: skip
    return columns


def _listed(value: object) -> list[str]:
    if not value:
        return []
    return [str(one) for one in value] if isinstance(value, list) else str(value).split(",")


@action(reads=False)
def datastore_upsert(call: Call) -> dict[str, Any]:
    """Rows put into a table: inserted, updated, or whichever fits, by its key."""
    person, row = call.person(), table_of(call)
    entries.demand(person, row.entry.unit)
    method = call.text("method", otherwise="upsert")
    if method not in {"insert", "upsert", "update"}:
        raise Invalid(method=[f'"{method}" is not defined'])
    records = _given_records(call.given)
    if method != "insert" and not row.current.keys:
        raise Invalid(table=["table does not have a unique key defined"])
    if not call.flag("dry_run"):
        if method == "insert":
            _insert(call, row, records)
        else:
            _merge(call, row, records, only_known=method == "update")
    shown = {"calculate_record_count": "background", "resource_id": str(row.uid)}
    if "method" in call.given:
        shown["method"] = method
    return shown | ({"records": records} if call.flag("include_records") else {})


def _frame(row: Distribution, records: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Records as rows of the table. Raises `Invalid` for a value that is none of its column's."""
    columns = [c for c in row.current.columns if c["name"] != contents.ROW]
    names = {c["name"] for c in columns}
    unknown = sorted({key for record in records for key in record} - names - {contents.ROW})
    if unknown:
        raise Invalid(fields=[f'fields "{", ".join(unknown)}" do not exist'])
    made = {}
    for column in columns:
        values = [record.get(column["name"]) for record in records]
        made[column["name"]] = _series(column, values)
    return pl.DataFrame(made)


def _series(column: dict[str, Any], values: list[Any]) -> pl.Series:
    kind = contents.TYPES[column["type"]]
    texts = [None if v is None or v == "" else v if isinstance(v, str) else _plain(v)
             for v in values]  # fmt: skip
    series = pl.Series(column["name"], texts, dtype=pl.String)
    if column["type"] == "TEXT":
        return pl.Series(column["name"], [None if v is None else str(v) for v in values],
                         dtype=pl.String)  # fmt: skip
    if column["type"] == "DATE":
        cast = series.str.slice(0, 10).str.to_date(strict=False)
    elif column["type"] == "TIMESTAMP":
        cast = series.str.replace(" ", "T").str.to_datetime(time_unit="us", strict=False)
    elif column["type"] == "BOOLEAN":
        known = {"true": True, "t": True, "1": True, "yes": True,
                 "false": False, "f": False, "0": False, "no": False}  # fmt: skip
        cast = series.str.to_lowercase().replace_strict(known, default=None)
    else:
        cast = series.cast(kind, strict=False)
    wrong = (cast.is_null() & series.is_not_null()).arg_true()
    if wrong.len():
        at = int(wrong[0])
        said = f'invalid input for {column.get("said", column["type"])}: "{values[at]}"'
        raise Invalid(records=[said], records_row=[at])
    return cast


def _plain(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def _insert(call: Call, row: Distribution, records: Sequence[dict[str, Any]]) -> None:
    new = _frame(row, records)
    keys = row.current.keys
    if not keys:
        contents.append(call.caller, row, new)
        return

    def how(old: pl.DataFrame) -> pl.DataFrame:
        joined = pl.concat([old, new], how="diagonal")
        if joined.select(keys).is_duplicated().any():
            raise Invalid(records=["duplicate key value violates unique constraint"])
        return joined

    contents.change(call.caller, row, how)


def _merge(
    call: Call, row: Distribution, records: Sequence[dict[str, Any]], *, only_known: bool
) -> None:
    """Rows with a known key take over the given values; the others are new, or refused."""
    keys = row.current.keys
    missing = [key for key in keys if any(record.get(key) is None for record in records)]
    if missing:
        said = "fields " + ", ".join(f'"{key}"' for key in missing) + " are missing"
        raise Invalid(key=[said])
    new = _frame(row, records).unique(subset=keys, keep="last", maintain_order=True)
    given = {key for record in records for key in record}

    def how(old: pl.DataFrame) -> pl.DataFrame:
        fresh = new.join(old, on=keys, how="anti", maintain_order="left")
        if only_known and fresh.height:
            raise Invalid(key=[f"key {keys} not found: {fresh.select(keys).row(0)}"])
        changed = [name for name in new.columns if name in given and name not in keys]
        marked = new.select([*keys, *changed]).with_columns(pl.lit(True).alias("~new"))
        joined = old.join(marked, on=keys, how="left", suffix="~given", maintain_order="left")
        taken = [
            pl.when(pl.col("~new")).then(f"{name}~given").otherwise(name).alias(name)
            for name in changed
        ]
        return pl.concat([joined.with_columns(taken).select(old.columns), fresh], how="diagonal")

    contents.change(call.caller, row, how)


@action(reads=False)
def datastore_delete(call: Call) -> dict[str, Any]:
    """A table, or the rows of it that the filters choose."""
    if call.given.get("filters"):
        return datastore_records_delete(call)
    person, row = call.person(), table_of(call)
    entries.redistribute(person, row, {"current": None})
    return {"resource_id": str(row.uid)}


@action(reads=False)
def datastore_records_delete(call: Call) -> dict[str, Any]:
    """The rows of a table that the filters choose; all of them for empty ones."""
    person, row = call.person(), table_of(call)
    entries.demand(person, row.entry.unit)
    filters = call.given.get("filters")
    if not isinstance(filters, dict):
        raise Invalid(filters=[MISSING if filters is None else "Not a json object"])
    chosen = pl.lit(True)
    for name, value in filters.items():
        if name not in row.current.schema():
            raise Invalid(filters=[f'field "{name}" not in table'])
        values = value if isinstance(value, list) else [value]
        chosen &= pl.col(name).cast(pl.String).is_in([_plain(v) for v in values])
    contents.change(person, row, lambda rows: rows.filter(~chosen))
    return {"resource_id": str(row.uid), "filters": filters}
