"""A table brought as a CSV file: its columns become fields of the dataset, its rows a version.

What a column is said to be stays from one file to the next. A new column is closed until somebody
opens it, and is taken for personal where its name or its cells look so.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from django.db import transaction

from songhua.console.exchange import records
from songhua.console.exchange.services import contents, entries
from songhua.console.exchange.services.declared import column_of
from songhua.exchange.catalogue import Field, Sensitivity
from songhua.kit.errors import InputError, Problem
from songhua.tables import check_upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.console.exchange.models import Distribution, Entry
    from songhua.console.people.models import User

SCANNED = 5_000  # rows looked at for personal data
_TYPES = (pl.String, pl.Int64, pl.Float64, pl.Boolean, pl.Date, pl.Datetime("us"))


def upload(
    actor: User, entry: Entry, table: Distribution | None, filename: str, data: bytes
) -> Distribution:
    """The rows of a file as the newest version of `table`, or as a new table of the dataset.

    Raises `InputError` for a file that cannot be read as one.
    """
    entries.demand(actor, entry.unit)
    frame = read(filename, data)
    titles = dict(zip(_names(entry, frame.columns), frame.columns, strict=True))
    frame.columns = list(titles)
    fields = _fields(entry, frame, titles)
    columns = [column_of(fields[name]) for name in frame.columns]
    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        file = Path(folder) / "rows.parquet"
        frame.write_parquet(file)
        if table is None:
            stem = filename.replace("\\", "/").rpartition("/")[2].rpartition(".")[0] or entry.title
            given = {"name": stem[:200], "form": "CSV", "sql_name": entries.sql_name(entry)}
            table = entries.distribute(actor, entry, given)
        contents.adopt(actor, table, columns, file)
        kept = [records.field_record(field) for field in fields.values()]
        entries.change(actor, entry, {"about": entry.about | {"fields": kept}})
    return table


def read(filename: str, data: bytes) -> pl.DataFrame:
    """The rows of a CSV file under its headings, in the types that tables keep."""
    check_upload(data, filename)
    try:
        text = _decoded(data)
        frame = pl.read_csv(io.StringIO(text), infer_schema_length=None, try_parse_dates=True)
    except (UnicodeDecodeError, pl.exceptions.PolarsError, ValueError):
        raise InputError(Problem("file", "exchange_rows_unreadable", "1")) from None
    headings = next(csv.reader(io.StringIO(text)))
    if len({heading.strip() for heading in headings}) < len(headings):
        raise InputError(Problem("file", "exchange_columns_alike", "、".join(headings)))
    plain = [
        pl.col(name).cast(pl.Int64 if dtype.is_integer() else pl.String)
        for name, dtype in frame.schema.items()
        if dtype not in _TYPES
    ]
    return frame.with_columns(plain).rename(str.strip)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030")


def _names(entry: Entry, headings: Sequence[str]) -> list[str]:
    """A name for each heading: that of the field which has it as its title or name, else the
    heading itself where it can be a name, else a number."""
    known = {f.title_zh: f.name for f in records.fields_of(entry)}
    taken, names = set(known.values()), []
    for heading in headings:
        plain = re.sub(r"\W+", "_", heading, flags=re.ASCII).strip("_").lower()
        sound = plain.isidentifier() and heading.isascii()
        number = next(n for n in count(1) if f"field_{n}" not in taken)
        name = known.get(heading) or (plain if sound else f"field_{number}")
        taken.add(name)
        names.append(name)
    if len(set(names)) < len(names):
        raise InputError(Problem("file", "exchange_columns_alike", "、".join(headings)))
    return names


def _fields(entry: Entry, frame: pl.DataFrame, titles: Mapping[str, str]) -> dict[str, Field]:
    """The dataset's fields by name: those that it had, then the new columns."""
    from songhua.exchange.privacy.scanning import scan

    fields = {field.name: field for field in records.fields_of(entry)}
    personal = {finding.column for finding in scan(frame.head(SCANNED))}
    for name, dtype in frame.schema.items():
        kind = records.KINDS[_kind(dtype)]
        if name not in fields or fields[name].kind is not kind:
            fields[name] = Field(
                name, titles[name], kind=kind, required=frame[name].null_count() == 0,
                sensitivity=Sensitivity.PERSONAL if name in personal else Sensitivity.GENERAL,
            )  # fmt: skip
    return fields


def _kind(dtype: pl.DataType) -> str:
    return next(name for name, kept in contents.TYPES.items() if dtype == kept)


@transaction.atomic
def describe(actor: User, entry: Entry, said: Mapping[str, Mapping[str, Any]]) -> None:
    """Change what fields are called, how sensitive they are and whether they are open, in the
    catalogue and in every table of the dataset.

    Raises `InputError` with every field that cannot be so.
    """
    fields, problems = [], []
    for kept in records.fields_of(entry):
        record = records.field_record(kept) | dict(said.get(kept.name, {}))
        try:
            fields.append(records.field_from(record))
        except InputError as error:
            problems += [Problem(f"{kept.name}.{p.where}", p.code, p.value) for p in error.problems]
    if problems:
        raise InputError(problems)
    about = entry.about | {"fields": [records.field_record(field) for field in fields]}
    entries.change(actor, entry, {"about": about})
    columns = {field.name: column_of(field) for field in fields}
    for table in entry.distributions.filter(removed_at=None, current__isnull=False):
        names = [c["name"] for c in table.current.columns if c["name"] in columns]
        before = {c["name"]: c for c in table.current.columns}
        told = [{k: v for k, v in columns[n].items() if k != "type"} for n in names]
        if any(before[t["name"]] != before[t["name"]] | t for t in told):
            contents.describe(actor, table, told)
