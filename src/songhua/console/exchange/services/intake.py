"""Files that departments bring to their tables: checked against what the catalogue promises, then
published as a whole, or held back as a whole until the provider accepts the part without errors or
brings a mended file. A version is made in one transaction: nothing is ever half published."""

from __future__ import annotations

import codecs
import csv
import shutil
import uuid
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, TYPE_CHECKING, Any

import polars as pl
from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.exchange import records
from songhua.console.exchange.models import Distribution, Intake, Version
from songhua.console.exchange.services import contents, entries, evidence, waiting
from songhua.console.exchange.services.declared import column_of
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.catalogue import quality_rules
from songhua.exchange.quality import cells, quarantine, read_rules, score, tickets
from songhua.kit.errors import Conflict, InputError, Problem, SonghuaError
from songhua.tables.write import to_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.people.models import User
    from songhua.exchange.catalogue import Field
    from songhua.exchange.quality import Quarantine, Rules

PIECE = 1 << 20
HEADING = 1 << 16  # bytes in which the headings have to end
AT_ONCE = 4 << 20  # bytes of a file that is checked while its department waits
FILES = ("clean.csv", "quarantined.csv", "defects.parquet")


def folder(row: Intake) -> Path:
    """Where a file that was brought lies, and its parts."""
    return Path(settings.DATA_DIR) / "intakes" / str(row.folder)


def bring(actor: User, table: Distribution, filename: str, pieces: Iterable[bytes]) -> Intake:
    """Check a CSV file (UTF-8 or GB18030; headings are the fields' names or titles) and publish it
    where it has no error; otherwise hold it back with its defects. A big one is left to the worker.

    Raises `InputError` for what is no table, has columns that the catalogue does not know, or
    where the catalogue has no fields for it.
    """
    entries.demand(actor, table.entry.unit)
    row = Intake(
        distribution=table, filename=filename.replace("\\", "/").rpartition("/")[2][-200:],
        folder=uuid.uuid4(), state=Intake.State.QUEUED, created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    try:
        _keep(row, pieces)
        _rules(table, _headings(_source(row)))
        if _source(row).stat().st_size > AT_ONCE:
            _order(row)
        else:
            _settle(row, _split(row))
    except BaseException:
        shutil.rmtree(folder(row), ignore_errors=True)
        raise
    return row


def _source(row: Intake) -> Path:
    return folder(row) / "source.csv"


def _keep(row: Intake, pieces: Iterable[bytes]) -> None:
    folder(row).mkdir(parents=True)
    with _source(row).open("wb") as out:
        for piece in pieces:
            out.write(piece)


@transaction.atomic
def _order(row: Intake) -> None:
    audit.hold()
    row.save(force_insert=True)
    audit.record(row.created_by, "intake_queued", vouch.subject(row))
    transaction.on_commit(_ring)


def _ring() -> None:
    from songhua.console import jobs

    jobs.next_intake.enqueue()


def check_next() -> str:
    """Take the oldest file that waits, or whose check died, and see it to its end; says which."""
    row = waiting.take(Intake)
    if row is None:
        return ""
    try:
        with waiting.alive(row, lambda: _read(row)):
            found = _split(row)
            _settle(row, found)
    except SonghuaError as error:
        waiting.fail(row, error.problems)
    return vouch.subject(row)


def ring_for_lost() -> None:
    """Ring where a file waits whose bell was lost, or whose check died."""
    if waiting.forgotten(Intake):
        _ring()


def _read(row: Intake) -> float:
    """How much of the file has been split by now."""
    written = sum(f.stat().st_size for f in folder(row).rglob("work/*.csv"))
    return written / max(_source(row).stat().st_size, 1)


def _split(row: Intake) -> Quarantine:
    """The rows without errors and the others, as files, and what is wrong with them."""
    table, source = row.distribution, _source(row)
    shutil.rmtree(folder(row) / "parts", ignore_errors=True)  # of an attempt that died
    return quarantine(
        source, _rules(table, _headings(source)), folder(row) / "parts", day=clock.today(),
        previous_rows=table.current.rows if table.current else None,
    )  # fmt: skip


@transaction.atomic
def _settle(row: Intake, found: Quarantine) -> None:
    audit.hold()
    if row.pk and not waiting.ours(row).exists():
        return  # another attempt was quicker
    points = score(found.report).total
    row.rows, row.clean_rows = found.report.rows, found.clean_rows
    row.score = None if points is None else float(points)
    row.tickets = [_told(ticket) for ticket in tickets(found.report)]
    row.state, row.token, row.progress = Intake.State.HELD, None, 1
    if found.report.sound and found.quarantined_rows == 0:
        row.state = Intake.State.PUBLISHED
        row.version = _publish(row.created_by, row)
    row.save()
    _tell(row.created_by, row)
    transaction.on_commit(lambda: _source(row).unlink(missing_ok=True))


@transaction.atomic
def accept(actor: User, intake: Intake) -> Version:
    """Publish the rows without errors of a file that was held back. Its provider decides that."""
    audit.hold()
    row = Intake.objects.select_for_update().get(pk=intake.pk)
    entries.demand(actor, row.distribution.entry.unit)
    if row.state != Intake.State.HELD or not row.clean_rows:
        raise Conflict(Problem("file", "exchange_intake_over", row.filename))
    row.version = _publish(actor, row)
    row.state = Intake.State.ACCEPTED
    row.save()
    _tell(actor, row)
    return row.version


def part(actor: User, intake: Intake, name: str) -> Path:
    """One of `FILES` of a file that was brought, for its provider to mend."""
    entries.demand(actor, intake.distribution.entry.unit)
    found = folder(intake) / "parts" / name
    if name not in FILES or not found.exists():
        raise InputError(Problem("file", "exchange_part_unknown", name))
    return found


def all_defects(actor: User, intake: Intake) -> bytes:
    """Every defect of a file as CSV, as a spreadsheet opens it."""
    rows = pl.read_parquet(part(actor, intake, "defects.parquet"))
    return to_csv(rows.columns, rows.iter_rows())


def defects(actor: User, intake: Intake, most: int) -> list[tuple[str, str, Problem]]:
    """The first defects of a file: the rule, what it is about, and what is wrong where."""
    rows = pl.scan_parquet(part(actor, intake, "defects.parquet")).head(most).collect()
    return [
        (d["rule"], d["severity"],
         Problem(d["column"] or "", d["code"], d["value"] or "", row=d["row"], column=d["column"]))
        for d in rows.iter_rows(named=True)
    ]  # fmt: skip


def _tell(actor: User, row: Intake) -> None:
    number = row.version.number if row.version else None
    audit.record(actor, f"intake_{row.state}", vouch.subject(row), version=number)
    evidence.record(
        "intake", table=row.distribution.sql_name, state=row.state, rows=row.rows,
        clean=row.clean_rows, version=number, by=actor.username,
    )  # fmt: skip


def _told(ticket: Any) -> dict[str, Any]:
    return {
        "rule": ticket.rule, "columns": list(ticket.columns), "code": ticket.code,
        "severity": ticket.severity, "dimension": ticket.dimension, "count": ticket.count,
        "examples": [[e.row, e.column, e.value] for e in ticket.examples],
    }  # fmt: skip


def _fields(table: Distribution) -> tuple[Field, ...]:
    fields = records.fields_of(table.entry)
    if table.current:
        names = set(table.current.schema())
        fields = tuple(field for field in fields if field.name in names)
    if not fields:
        raise InputError(Problem("fields", "exchange_fields_missing", table.entry.name))
    return fields


def _headings(source: Path) -> list[str]:
    with source.open("rb") as stream:
        first = stream.read(HEADING).splitlines()[:1]
    line = first[0] if first else b""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("gb18030", "replace")
    return [heading.strip() for heading in next(csv.reader([text]), [])]


def _called(fields: Iterable[Field], headings: Iterable[str]) -> dict[str, str]:
    """Field → its heading in the file: its name, or its title where the file has that."""
    known = set(headings)
    return {
        f.name: f.title_zh if f.name not in known and f.title_zh in known else f.name
        for f in fields
    }


def _rules(table: Distribution, headings: list[str]) -> Rules:
    fields = _fields(table)
    record = replace(records.listed(table.entry, [table] if table.current else []), fields=fields)
    shelf = records.Shelf((record,), tuple(records.code_tables(table.entry).values()))
    called = _called(fields, headings)
    if unknown := [name for name in headings if name not in called.values()]:
        raise InputError(Problem("file", "exchange_headings_unknown", "、".join(unknown)[:200]))
    said = quality_rules(record, shelf)
    said["rules"] = [_renamed(rule, called) for rule in said["rules"]]
    return read_rules(said)


def _renamed(rule: Mapping[str, Any], called: Mapping[str, str]) -> dict[str, Any]:
    new = dict(rule)
    if "column" in new:
        new["column"] = called.get(new["column"], new["column"])
    if "columns" in new:
        new["columns"] = [called.get(name, name) for name in new["columns"]]
    return new


_KINDS: dict[str, Any] = {
    "BIGINT": "integer", "DOUBLE": "number", "BOOLEAN": "boolean", "DATE": "date",
    "TIMESTAMP": "datetime",
}  # fmt: skip


def _publish(actor: User, row: Intake) -> Version:
    """The clean rows as the newest version of their table, read as the check has read them."""
    table, clean = row.distribution, folder(row) / "parts" / "clean.csv"
    columns = [column_of(field) for field in _fields(table)]
    called = _called(_fields(table), _headings(clean))
    with TemporaryDirectory(dir=folder(row)) as work:
        plain, packed = Path(work) / "utf8.csv", Path(work) / "rows.parquet"
        _decode(clean, plain)
        frame = pl.scan_csv(plain, infer_schema=False)
        frame = frame.rename(lambda name: name.strip())
        frame.select(_value(c, called[c["name"]]) for c in columns).sink_parquet(packed)
        keys = table.current.keys if table.current else []
        made = contents.adopt(actor, table, columns, packed, keys)
    Version.objects.filter(pk=made.pk).update(score=row.score)
    entries.touch(table.entry)
    return made


def _value(column: Mapping[str, Any], heading: str) -> pl.Expr:
    text = cells.text(pl.col(heading))
    plain = column["type"] == "TEXT"
    made = text if plain else cells.value(cells.narrow(text), _KINDS[column["type"]])
    return made.cast(contents.TYPES[column["type"]]).alias(column["name"])


def _decode(source: Path, target: Path) -> None:
    """Write a text file anew as UTF-8, a piece at a time."""
    with source.open("rb") as raw:
        encoding = "utf-8-sig" if _is_utf8(raw) else "gb18030"
        raw.seek(0)
        decoder = codecs.getincrementaldecoder(encoding)()
        with target.open("w", encoding="utf-8", newline="") as out:
            while piece := raw.read(PIECE):
                out.write(decoder.decode(piece))
            out.write(decoder.decode(b"", final=True))


def _is_utf8(raw: IO[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while piece := raw.read(PIECE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
