"""The catalogue as a workbook: taken in as a whole or not at all, and handed out again."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange import records
from songhua.console.exchange.models import Brought, Entry
from songhua.console.exchange.services import declared, entries
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.catalogue import read_catalogue, write_catalogue
from songhua.exchange.catalogue.cells import read_cells
from songhua.exchange.catalogue.rows import read_rows
from songhua.kit.errors import InputError, NotAllowed, Problem
from songhua.tables import check_upload

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import Unit, User
    from songhua.exchange.catalogue import Catalogue, Resource
    from songhua.exchange.catalogue.rows import Row
    from songhua.kit.messages import Language


def bring(actor: User, filename: str, data: bytes) -> Brought:
    """Enter every dataset of a workbook, or none; what was wrong stands in the record."""
    row = Brought(
        filename=filename.replace("\\", "/").rpartition("/")[2][-200:], brought_by=actor,
        sha256=hashlib.sha256(data).hexdigest(), brought_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            check_upload(data, filename)
            row.added, row.changed = _enter(actor, read_catalogue(data), data)
            return _kept(actor, row)
    except InputError as error:
        row.added = row.changed = 0
        row.problems = [asdict(problem) for problem in error.problems]
    with transaction.atomic():
        return _kept(actor, row)


def _kept(actor: User, row: Brought) -> Brought:
    audit.hold()
    row.save(force_insert=True)
    audit.record(actor, "catalogue_brought", vouch.subject(row), facts=vouch.facts(row))
    return row


def _enter(actor: User, catalogue: Catalogue, data: bytes) -> tuple[int, int]:
    """How many were new and how many changed; `InputError` with everything in the way."""
    rows = read_rows("resources", read_cells(data), [])
    known = {entry.code: entry for entry in _known(catalogue)}
    problems: list[Problem] = []
    added = changed = 0
    for resource, row in zip(catalogue, rows, strict=True):
        entry = known.get(resource.code)
        said = records.given(resource, catalogue.tables)
        unit = declared.unit_called(resource.provider)
        if unit is None:
            problem = Problem("provider", "unit_unknown", resource.provider)
            problems.append(row.at(problem, "provider"))
            continue
        if entry is not None and _same(entry, said, unit):
            continue
        problems += _put(actor, entry, said | {"unit": unit}, row)
        added, changed = added + (entry is None), changed + (entry is not None)
    if problems:
        raise InputError(problems)
    return added, changed


def _known(catalogue: Catalogue) -> Iterable[Entry]:
    return Entry.objects.filter(code__in=list(catalogue.by_code)).select_related("unit")


def _same(entry: Entry, said: dict[str, object], unit: Unit) -> bool:
    about = {name: entry.about.get(name) for name in said["about"]}
    plain = {name: getattr(entry, name) for name in said if name != "about"}
    return entry.unit_id == unit.pk and {**plain, "about": about} == said


def _put(actor: User, entry: Entry | None, said: dict[str, object], row: Row) -> list[Problem]:
    """What was in the way of entering one dataset, each at its cell."""
    try:
        if entry is None:
            entries.create(actor, said | {"state": Entry.State.ACTIVE})
        else:
            said["about"] = entry.about | said["about"]
            entries.change(actor, entry, said)
    except (InputError, NotAllowed) as error:
        cells = {"unit": "provider", "is_open": "open", "title": "title_zh"}
        return [row.at(p, cells.get(p.where, p.where)) for p in error.problems]
    return []


def workbook(rows: Iterable[Entry], language: Language) -> tuple[bytes, int]:
    """The workbook of these datasets, and how many are not complete enough to stand in it."""
    resources: list[Resource] = []
    tables, left_out = {}, 0
    for entry in rows:
        try:
            resources.append(records.strict(entry))
        except InputError:
            left_out += 1
        else:
            tables |= records.code_tables(entry)
    shelf = records.Shelf(tuple(resources), tuple(tables.values()))
    return write_catalogue(shelf, language), left_out
