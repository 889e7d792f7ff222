"""How work is taken, kept alive, ended once, and taken up again after a kill.

Whoever takes a piece of work puts a fresh token into its record and signs it from time to time.
Only the holder of the token may end it. Work whose holder has not signed for a lease is queued
again; after `MOST_ATTEMPTS` it fails with that reason. A job of the queue is a doorbell only: it
says that there is work, and whoever hears it takes the oldest. So a lost doorbell loses no work,
and one too many does no harm.
"""

from __future__ import annotations

import shutil
import time
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.runs.models import Run, Table, Work
from songhua.kit.errors import Conflict, Problem
from songhua.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import User

KINDS: tuple[type[Work], ...] = (Table, Run)
MOST_ATTEMPTS = 3
UPLOAD_KEPT_S = 24 * 3600  # an uploaded file without a record: its upload was cut off


def store() -> Store:
    """Where the rows of all tables lie."""
    return Store(Path(settings.DATA_DIR) / "datasets")


def attempts() -> Path:
    """The folder in which each attempt has its own."""
    return Path(settings.DATA_DIR) / "attempts"


def uploads() -> Path:
    """The folder of uploaded files that wait for their check."""
    return Path(settings.DATA_DIR) / "uploads"


def take() -> Work | None:
    """The oldest piece of work that waits, now held by us; None where none waits."""
    while True:
        waiting = [
            row
            for kind in KINDS
            if (row := kind.objects.filter(state=Work.State.QUEUED).order_by("pk").first())
        ]
        if not waiting:
            return None
        row = min(waiting, key=lambda w: w.created_at)
        token, now = uuid.uuid4(), timezone.now()
        taken = type(row).objects.filter(pk=row.pk, state=Work.State.QUEUED).update(
            state=Work.State.RUNNING, token=token, beat_at=now, attempts=F("attempts") + 1,
            started_at=clock.now(), progress=0,
        )  # fmt: skip
        if taken:
            row.refresh_from_db()
            return row


def beat(row: Work, progress: float) -> bool:
    """Sign `row` as alive; False where it is no longer ours. Learns whether to cancel."""
    ours = type(row).objects.filter(pk=row.pk, token=row.token, state=Work.State.RUNNING)
    if not ours.update(beat_at=timezone.now(), progress=progress):
        return False
    row.cancel_asked = ours.values_list("cancel_asked", flat=True).first() or False
    return True


def held(row: Work) -> Work | None:
    """`row` as it stands, locked, if this attempt still holds it. Within a transaction."""
    audit.hold()
    return (
        type(row)
        .objects.select_for_update()
        .filter(pk=row.pk, token=row.token, state=Work.State.RUNNING)
        .first()
    )


def end(row: Work, state: str, *fields: str, actor: User | str = "worker") -> None:
    """Write the end of a locked `row`, with the `fields` that came with it. In a transaction."""
    row.state, row.finished_at, row.token, row.beat_at = state, clock.now(), None, None
    if state == Work.State.DONE:
        row.progress = 1
    row.save()
    told = ("state", "finished_at", "problems", *fields)
    name = f"{row._meta.model_name}_{state}"
    audit.record(actor, name, vouch.subject(row), sets=vouch.sets(row, *told))


@transaction.atomic
def fail(row: Work, problems: Iterable[Problem], trace: str = "") -> None:
    """End `row` as failed, with the reasons, if it is still ours."""
    current = held(row)
    if current is not None:
        current.problems, current.trace = [asdict(p) for p in problems], trace
        end(current, Work.State.FAILED)


@transaction.atomic
def cancel(actor: User, row: Work) -> None:
    """Take `row` out of the queue, or ask its holder to stop. What is over stays as it is."""
    audit.hold()
    current = type(row).objects.select_for_update().get(pk=row.pk)
    if current.over:
        raise Conflict(Problem("state", "work_is_over", current.get_state_display()))
    if current.state == Work.State.RUNNING:
        type(row).objects.filter(pk=row.pk).update(cancel_asked=True)
        audit.record(actor, f"{row._meta.model_name}_cancel_asked", vouch.subject(row))
    else:
        end(current, Work.State.CANCELLED, actor=actor)


@transaction.atomic
def stopped(row: Work) -> None:
    """End `row` as cancelled, if it is still ours."""
    current = held(row)
    if current is not None:
        end(current, Work.State.CANCELLED)


def give_back(row: Work) -> None:
    """Put `row` back into the queue: this worker is about to stop."""
    type(row).objects.filter(pk=row.pk, token=row.token, state=Work.State.RUNNING).update(
        state=Work.State.QUEUED, token=None, beat_at=None, attempts=F("attempts") - 1, progress=0
    )
    ring(1)


def ring(times: int) -> None:
    """Tell the workers that there is work."""
    from songhua.console import jobs

    for _ in range(times):
        jobs.next_work.enqueue()


def recover() -> int:
    """Queue again what a killed worker held, and ring for work that nobody was told of. Returns
    how many pieces were queued again."""
    from songhua.console import jobs

    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    again = 0
    for kind in KINDS:
        lost = kind.objects.filter(state=Work.State.RUNNING, beat_at__lt=limit)
        for row in lost.filter(attempts__gte=MOST_ATTEMPTS):
            fail(row, [Problem("run", "work_lost", str(row.attempts))])
        again += lost.filter(attempts__lt=MOST_ATTEMPTS).update(
            state=Work.State.QUEUED, token=None, beat_at=None, progress=0
        )
    waiting = sum(kind.objects.filter(state=Work.State.QUEUED).count() for kind in KINDS)
    bells = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY, task_path=jobs.next_work.module_path
    ).count()
    ring(max(waiting - bells, 0))
    return again


@transaction.atomic
def sweep() -> int:
    """Delete what no record refers to: attempts given up, tables of attempts that never ended,
    uploads cut off. Returns how many."""
    audit.hold()  # nothing is moved into the store meanwhile
    # Folders first and tokens second: a token is on record before its folder is made.
    folders = _entries(attempts())
    live = {
        str(token)
        for kind in KINDS
        for token in kind.objects.filter(token__isnull=False).values_list("token", flat=True)
    }
    gone = [f for f in folders if f.name not in live]
    files = {f.name: f for f in _entries(uploads())}
    for source, state in Table.objects.filter(source__in=files).values_list("source", "state"):
        path = files.pop(str(source))
        if state not in {Work.State.QUEUED, Work.State.RUNNING}:
            gone.append(path)
    old = time.time() - UPLOAD_KEPT_S
    gone += [path for path in files.values() if path.stat().st_mtime < old]
    for path in gone:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    kept = set(Table.objects.filter(dropped_at=None).values_list("digest", flat=True))
    orphans = store().digests() - kept
    for digest in orphans:
        store().drop(digest)
    return len(gone) + len(orphans)


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []
