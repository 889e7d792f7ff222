"""Workbooks in and out: carriers, moves in and out, yearly figures, addresses, sites.

A workbook is taken in whole or not at all, and what it says that is on record already changes
nothing, so an export can be brought in again.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.growth.models import Sheet
from songhua.console.growth.services.sheet_kinds import KINDS, Known
from songhua.console.growth.words import word
from songhua.console.ledger.services import audit
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.services.rows import append
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.tables import check_upload, match, read, to_xlsx

if TYPE_CHECKING:
    from songhua.console.growth.services.sheet_kinds import Kind
    from songhua.console.people.models import User
    from songhua.tables import Record


def bring(actor: User, kind: str, filename: str, data: bytes) -> Sheet:
    """Enter every row of a workbook, or none; what was wrong stands in the record with its cell."""
    access.demand(actor, Role.OFFICE, Role.STAFF)
    if kind not in KINDS:
        raise InputError(Problem("kind", "growth_not_a_choice", kind))
    made = Sheet(
        kind=kind, filename=filename.replace("\\", "/").rpartition("/")[2][-200:],
        sha256=hashlib.sha256(data).hexdigest(), brought_by=actor, brought_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction.atomic():
            audit.hold()
            made.entered, made.same = _enter(actor, KINDS[kind], filename, data)
            return append(actor, made, "sheet_brought")
    except InputError as error:
        made.entered = made.same = 0
        made.problems = [asdict(problem) for problem in error.problems]
    with transaction.atomic():
        return append(actor, made, "sheet_brought")


def _enter(actor: User, kind: Kind, filename: str, data: bytes) -> tuple[int, int]:
    """How many rows were entered and how many were on record."""
    check_upload(data, filename)
    records = match(read(data, filename), kind.fields, key=kind.key)
    if not records:
        raise InputError(Problem(filename, "import_without_rows"))
    known, entered, problems = Known(), 0, []
    for record in records:
        try:
            entered += kind.put(actor, record.values, known)
        except (InputError, Conflict) as error:
            problems += [_at(kind, record, problem) for problem in error.problems]
    if problems:
        raise InputError(problems[:1000])
    return entered, len(records) - entered


def _at(kind: Kind, record: Record, problem: Problem) -> Problem:
    """The problem at its cell."""
    titles = {field.name: field.titles[0] for field in kind.fields}
    if problem.where not in titles or problem.where not in record.columns:
        return replace(problem, row=record.row)
    place, title = record.place(problem.where), titles[problem.where]
    column = f"{place.rstrip('0123456789')} {title}"
    return replace(problem, where=f"{place} {title}", row=record.row, column=column)


def workbook(kind: str, *, empty: bool = False) -> bytes:
    """What is on record as a workbook that can be brought in again; or only its headings."""
    if kind not in KINDS:
        raise InputError(Problem("kind", "growth_not_a_choice", kind))
    rows: list[list[Any]] = [] if empty else list(KINDS[kind].rows(clock.today()))
    return to_xlsx(word("sheet", kind), [field.titles[0] for field in KINDS[kind].fields], rows)
