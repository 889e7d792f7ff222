"""Tables on their way in: kept, queued for the check, and dropped when nobody needs them."""

from __future__ import annotations

import hashlib
import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.runs import access
from songhua.console.runs.models import Run, Table, Work
from songhua.console.runs.services import work
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from songhua.console.people.models import User

OPEN = (Work.State.QUEUED, Work.State.RUNNING)


def receive(
    actor: User, scenario: str, dataset: str, filename: str, chunks: Iterable[bytes]
) -> Table:
    """Keep an uploaded file and queue its check. It is written to disk as it arrives."""
    admit(actor, scenario, dataset)
    with incoming(chunks) as file:
        return enter(actor, scenario, dataset, filename, file)


def admit(actor: User, scenario: str, dataset: str) -> None:
    """Raise unless there is such a dataset and `actor` may bring tables for it."""
    _known(scenario, dataset)
    access.demand(actor, scenario)


@dataclass(frozen=True)
class Incoming:
    """An uploaded file as it lies on disk."""

    source: uuid.UUID
    sha256: str
    size: int


@contextmanager
def incoming(chunks: Iterable[bytes]) -> Iterator[Incoming]:
    """Write an upload to disk as it arrives. It is deleted again unless it is entered."""
    source = uuid.uuid4()
    path = work.uploads() / str(source)
    entered = False
    try:
        yield Incoming(source, *_write(path, chunks))
        entered = Table.objects.filter(source=source).exists()
    finally:
        if not entered:
            path.unlink(missing_ok=True)


def enter(actor: User, scenario: str, dataset: str, filename: str, file: Incoming) -> Table:
    """The record of a file that came in, queued for its check."""
    name = filename.replace("\\", "/").rpartition("/")[2].strip()[-200:] or dataset
    if file.size == 0:
        raise InputError(Problem("file", "file_empty", name))
    with transaction.atomic():
        audit.hold()
        row = Table.objects.create(
            scenario=scenario, dataset=dataset, name=name, source=file.source,
            source_sha256=file.sha256, size=file.size, created_by=actor, created_at=clock.now(),
        )  # fmt: skip
        audit.record(actor, "table_received", vouch.subject(row), facts=vouch.facts(row))
        work.ring(1)
    return row


def sample(actor: User, scenario: str, dataset: str) -> Table:
    """Bring in the small table that the scenario's folder holds for a first try."""
    from importlib.resources import files

    _known(scenario, dataset)
    entry = files(scenarios()[scenario].package) / "sample" / f"{dataset}.csv"
    return receive(actor, scenario, dataset, f"{dataset}-sample.csv", [entry.read_bytes()])


def _known(scenario: str, dataset: str) -> None:
    declared = scenarios().get(scenario)
    if declared is None:
        raise InputError(Problem("scenario", "scenario_unknown", scenario))
    names = [d.name for d in declared.inputs]
    if dataset not in names:
        raise InputError(Problem("dataset", "table_unknown", f"{dataset} ({'、'.join(names)})"))


def _write(path: Path, chunks: Iterable[bytes]) -> tuple[str, int]:
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as stream:
        for chunk in chunks:
            size += len(chunk)
            if size > settings.TABLE_MAX_BYTES:
                limit = f"{settings.TABLE_MAX_BYTES // 1024 // 1024} MB"
                raise InputError(Problem("file", "file_too_large", limit))
            digest.update(chunk)
            stream.write(chunk)
        stream.flush()
        os.fsync(stream.fileno())
    return digest.hexdigest(), size


def usable_for(scenario: str, dataset: str) -> list[Table]:
    """The newest tables that an action may read as `dataset`: brought in or written by a run."""
    rows = Table.objects.filter(
        scenario=scenario, dataset=dataset, state=Work.State.DONE, dropped_at=None
    )
    return list(rows.select_related("run")[:50])


@transaction.atomic
def drop(actor: User, table: Table) -> None:
    """Delete the rows of `table`; its record stays, so that every run still says what it read."""
    access.demand(actor, table.scenario)
    give_up(actor, table)
    transaction.on_commit(work.sweep)


@transaction.atomic
def give_up(actor: User | str, table: Table) -> None:
    """Let the next sweep delete the rows of `table`, which nobody is reading."""
    audit.hold()
    row = Table.objects.select_for_update().get(pk=table.pk)
    if not row.over:
        raise Conflict(Problem("state", "work_not_over", row.get_state_display()))
    if Run.objects.filter(inputs__table=row, state__in=OPEN).exists():
        raise Conflict(Problem("state", "table_in_use", row.name))
    if row.dropped_at is None:
        row.dropped_at = clock.now()
        row.save(update_fields=["dropped_at"])
        audit.record(actor, "table_dropped", vouch.subject(row), sets=vouch.sets(row, "dropped_at"))
