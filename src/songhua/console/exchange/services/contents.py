"""The rows of the exchange's tables: versions made of Parquet files that never change.

A write makes new files first and then, in one transaction, a new version that names them; whoever
reads meanwhile reads the version before. Appending names one file more; anything else writes the
rows anew. `_id` numbers the rows of a table in the order in which they came.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Distribution, Version
from songhua.console.exchange.services import opening
from songhua.console.ledger.services import audit, vouch
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.console.exchange.models import Entry
    from songhua.console.people.models import User

ROW = "_id"
MOST_PARTS = 16
ATTEMPTS = 5
KEPT_SECONDS = 3600  # of a file that no current version names: a reader may still be at it
TYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "TEXT": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean,
    "DATE": pl.Date, "TIMESTAMP": pl.Datetime("us"),
}  # fmt: skip

Change = Callable[[pl.DataFrame], pl.DataFrame]


def store() -> Store:
    """Where the Parquet files of all versions lie."""
    return Store(Path(settings.DATA_DIR) / "exchange")


def paths(version: Version) -> list[Path]:
    """The files of a version, in order."""
    return [store().path(part) for part in version.parts]


def frame(version: Version) -> pl.DataFrame:
    """All rows of a version; for writers and checks within the exchange, never for an answer."""
    if not version.parts:
        return pl.DataFrame(schema={c["name"]: TYPES[c["type"]] for c in version.columns})
    return pl.read_parquet(paths(version))


def create(
    actor: User | None, table: Distribution, columns: Sequence[dict[str, Any]],
    keys: Sequence[str] = (),
) -> Version:  # fmt: skip
    """A table without rows. `columns` are ``{"name", "type", "open", …}``, closed where they do not
    say that they are open; `keys` tell rows apart.

    Raises `InputError` with every column that cannot be kept.
    """
    _check(columns, keys)
    return _publish(
        actor, table, None, [], [{"name": ROW, "type": "BIGINT"}, *columns], list(keys), 0
    )


def _check(columns: Sequence[dict[str, Any]], keys: Sequence[str]) -> None:
    problems = [
        Problem(f"columns[{number}]", "exchange_column_name", str(column.get("name")))
        for number, column in enumerate(columns)
        if not str(column.get("name", "")).isidentifier() or column["name"] == ROW
    ]
    problems += [
        Problem(f"columns[{number}]", "exchange_column_type", str(column.get("type")))
        for number, column in enumerate(columns)
        if column.get("type") not in TYPES
    ]
    names = [str(column.get("name", "")).lower() for column in columns]
    if len(set(names)) < len(names) or not names:
        problems.append(Problem("columns", "exchange_columns_alike", "、".join(names)))
    problems += [Problem("keys", "exchange_key_unknown", k) for k in keys if k.lower() not in names]
    if problems:
        raise InputError(problems)


def append(actor: User | None, table: Distribution, rows: pl.DataFrame) -> Version:
    """Rows more, as a file more; their columns are those of the table, without `ROW`."""
    return _retried(table, lambda fresh: _append(actor, fresh, rows))


def _append(actor: User | None, table: Distribution, rows: pl.DataFrame) -> Version:
    before = table.current
    if len(before.parts) >= MOST_PARTS:
        return _rewrite(actor, table, lambda old: pl.concat([old, rows], how="diagonal"))
    first = int(before.columns[0].get("next", before.rows + 1))
    part = _write(_numbered(rows, first), before)
    return _publish(
        actor, table, before, [*before.parts, part], _counted(before, first + rows.height),
        before.keys, before.rows + rows.height,
    )  # fmt: skip


def change(actor: User | None, table: Distribution, how: Change) -> Version:
    """The rows as `how` makes them of those that are there; rows without a number get one."""
    return _retried(table, lambda fresh: _rewrite(actor, fresh, how))


def _rewrite(actor: User | None, table: Distribution, how: Change) -> Version:
    before = table.current
    rows = how(frame(before))
    first = int(before.columns[0].get("next", before.rows + 1))
    new = rows[ROW].is_null()
    number = pl.when(pl.col(ROW).is_null()).then(new.cum_sum() + (first - 1)).otherwise(ROW)
    rows = rows.with_columns(number.cast(pl.Int64).alias(ROW))
    parts = [_write(rows, before)] if rows.height else []
    columns = _counted(before, first + int(new.sum()))
    return _publish(actor, table, before, parts, columns, before.keys, rows.height)


def adopt(
    actor: User | None, table: Distribution, columns: Sequence[dict[str, Any]], file: Path,
    keys: Sequence[str] = (),
) -> Version:  # fmt: skip
    """A version whose rows are those of a Parquet file, streamed through and numbered afresh; its
    columns are `columns`, whatever the table had before.

    Raises `InputError` with every column that cannot be kept.
    """
    _check(columns, keys)
    return _retried(table, lambda fresh: _adopt(actor, fresh, columns, file, keys))


def _adopt(
    actor: User | None, table: Distribution, columns: Sequence[dict[str, Any]], file: Path,
    keys: Sequence[str],
) -> Version:  # fmt: skip
    before = table.current
    schema = [{"name": ROW, "type": "BIGINT"}, *columns]
    rows = pl.scan_parquet(file)
    kept = rows.select(_kept(c, rows.collect_schema()[c["name"]]) for c in columns)
    folder = store().folder
    folder.mkdir(parents=True, exist_ok=True)
    out = folder / f".incoming-{time.monotonic_ns()}.parquet"
    try:
        kept.with_row_index(ROW, 1).cast({ROW: pl.Int64}).sink_parquet(out, compression="zstd")
        count = int(pl.scan_parquet(out).select(pl.len()).collect().item())
        parts = [store().take(out)] if count else []
    finally:
        out.unlink(missing_ok=True)
    schema[0]["next"] = count + 1
    return _publish(actor, table, before, parts, schema, list(keys), count)


def _kept(column: dict[str, Any], dtype: pl.DataType) -> pl.Expr:
    """A column in its kept type; an aware instant as UTC."""
    made = pl.col(column["name"])
    if isinstance(dtype, pl.Datetime) and dtype.time_zone:
        made = made.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return made.cast(TYPES[column["type"]])


def describe(actor: User | None, table: Distribution, columns: Sequence[dict[str, Any]]) -> Version:
    """A version of the same rows in which the columns are said to be something else: their titles,
    or which of them are open. Names and types stay."""

    def told(fresh: Distribution) -> Version:
        before = fresh.current
        said = {column["name"]: column for column in columns}
        merged = [{**c, **said.get(c["name"], {}), "type": c["type"]} for c in before.columns]
        return _publish(actor, fresh, before, before.parts, merged, before.keys, before.rows)

    return _retried(table, told)


def _numbered(rows: pl.DataFrame, first: int) -> pl.DataFrame:
    return rows.with_columns(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias(ROW))


def _counted(before: Version, following: int) -> list[dict[str, Any]]:
    """The columns, of which the first also remembers the next row's number."""
    return [{**before.columns[0], "next": following}, *before.columns[1:]]


def _write(rows: pl.DataFrame, version: Version) -> str:
    folder = store().folder
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [pl.col(c["name"]).cast(TYPES[c["type"]]) for c in version.columns]
    file = folder / f".incoming-{time.monotonic_ns()}.parquet"
    try:
        rows.select(wanted).write_parquet(file, compression="zstd")
        return store().take(file)
    finally:
        file.unlink(missing_ok=True)


@transaction.atomic
def _publish(
    actor: User | None, table: Distribution, before: Version | None, parts: list[str],
    columns: list[dict[str, Any]], keys: list[str], rows: int,
) -> Version:  # fmt: skip
    audit.hold()
    rows_of = Distribution.objects.select_for_update(of=("self",)).select_related("entry")
    now = rows_of.get(pk=table.pk)
    if now.current_id != (before.pk if before else None):
        raise Conflict(Problem(table.sql_name or "", "exchange_table_changed"))
    if opening.public(now.entry):
        _demand_harmless(now.entry, before, parts, columns)
    made = Version.objects.create(
        distribution=now, number=(before.number if before else 0) + 1, parts=parts,
        columns=columns, keys=keys, rows=rows, created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    now.current = table.current = made
    now.modified_at = made.created_at
    now.save(update_fields=["current", "modified_at"])
    audit.record(actor or "exchange", "table_version", vouch.subject(made), facts=vouch.facts(made))
    return made


def _demand_harmless(
    entry: Entry, before: Version | None, parts: list[str], columns: list[dict[str, Any]]
) -> None:
    """Raise `InputError` with everything against showing a version to everybody. Rows that were
    looked at with the version before are not looked at again."""
    seen = opening.shown(before.columns) if before else []
    known = before.parts if before and seen == opening.shown(columns) else []
    told_apart = opening.said(entry)["quasi_identifiers"]  # by which all rows count together
    fresh = parts if told_apart else [part for part in parts if part not in known]
    made = Version(columns=columns, parts=fresh)
    if problems := opening.against(entry, frame(made).select(opening.shown(columns))):
        raise InputError(problems)


def obstacles(entry: Entry) -> list[Problem]:
    """Everything against opening a dataset to everybody as its tables are now."""
    rows = entry.distributions.filter(removed_at=None, current__isnull=False)
    return [
        problem
        for table in rows.select_related("current")
        for problem in opening.against(
            entry, frame(table.current).select(opening.shown(table.current.columns))
        )
    ]


def _retried(table: Distribution, work: Callable[[Distribution], Version]) -> Version:
    """Do it again on the newest version where somebody was quicker."""
    for _ in range(ATTEMPTS):
        fresh = Distribution.objects.select_related("current").get(pk=table.pk)
        try:
            table.current = work(fresh)
        except Conflict as error:
            kept = error
        else:
            return table.current
    raise kept


def sweep() -> int:
    """Delete files that no current version names; how many. New ones are left for an hour."""
    named = {
        part
        for parts in Version.objects.filter(
            pk__in=Distribution.objects.values("current")
        ).values_list("parts", flat=True)
        for part in parts
    }
    old = time.time() - KEPT_SECONDS
    gone = [
        digest
        for digest in store().digests() - named
        if (path := store().path(digest)).exists() and path.stat().st_mtime < old
    ]
    for digest in gone:
        store().drop(digest)
    return len(gone)
