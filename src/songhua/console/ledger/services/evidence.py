"""Evidence: submitted with its digest, accepted or rejected by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F

from songhua.console import clock, files
from songhua.console.ledger import counted
from songhua.console.ledger.models import Evidence, Task
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.rows import demand, locked
from songhua.console.people.models import Role
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import User

OPEN_STATES = ("active", "closing", "suspended")


def submit_file(
    actor: User, task: Task, *, title: str, filename: str, chunks: Iterable[bytes]
) -> Evidence:
    """Keep a file as evidence of `task`."""
    demand(actor, task, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    _check(task, title)
    sha256, size = files.keep(chunks, settings.UPLOAD_MAX_BYTES)
    if size == 0:
        raise InputError(Problem("file", "file_empty", filename))
    name = filename.replace("\\", "/").rpartition("/")[2][-200:]
    return _append(
        actor, task, Evidence(kind="file", title=title, filename=name, sha256=sha256, size=size)
    )


def submit_link(actor: User, task: Task, *, title: str, url: str) -> Evidence:
    """Name an address as evidence of `task`."""
    demand(actor, task, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    _check(task, title)
    if not url.startswith(("https://", "http://")) or len(url) > 500:
        raise InputError(Problem("url", "not_a_url", url[:80]))
    return _append(actor, task, Evidence(kind="link", title=title, url=url))


def submit_run(
    actor: User, task: Task, *, title: str, run_id: str, inputs_digest: str, seed: int
) -> Evidence:
    """Attach a run's indicator: its id, the digest of its inputs and its seed."""
    demand(actor, task, Role.OFFICE, Role.STAFF)
    _check(task, title)
    row = Evidence(kind="run", title=title, run_id=run_id, inputs_digest=inputs_digest, seed=seed)
    return _append(actor, task, row)


def submit_records(actor: User, task: Task, key: str) -> Evidence:
    """The records that a collection counts today as evidence: how many, and which they were."""
    demand(actor, task, Role.OFFICE, Role.STAFF)
    collection, on = counted.get(key), clock.today()
    rows = list(collection.rows(on))
    title = f"{collection.zh}（{on}，{len(rows)} 条）"
    if not rows:
        raise InputError(Problem("collection", "no_records", collection.zh))
    _check(task, title)
    row = Evidence(
        kind="records", title=title, url=counted.address(key, on),
        inputs_digest=counted.digest(collection, rows),
    )  # fmt: skip
    return _append(actor, task, row)


def _check(task: Task, title: str) -> None:
    if not title.strip():
        raise InputError(Problem("title", "empty"))
    task.refresh_from_db(fields=["state"])  # the caller's copy may be old
    if task.state not in OPEN_STATES:
        raise Conflict(Problem("state", "task_not_open", task.state))


@transaction.atomic
def _append(actor: User, task: Task, row: Evidence) -> Evidence:
    task = locked(task)
    _check(task, row.title)
    row.task, row.submitted_by, row.submitted_at = task, actor, clock.now()
    row.save(force_insert=True)
    Task.objects.filter(pk=task.pk).update(evidence_count=F("evidence_count") + 1)
    audit.record(actor, "evidence_submitted", vouch.subject(row), facts=vouch.facts(row))
    return row


@transaction.atomic
def decide(actor: User, evidence: Evidence, *, accepted: bool, opinion: str = "") -> Evidence:
    """Accept or reject; never by the submitter, and once. A rejection gives its reason."""
    if actor.role not in {Role.OFFICE, Role.REVIEWER}:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    locked(evidence.task)
    row = Evidence.objects.get(pk=evidence.pk)
    if row.submitted_by_id == actor.pk:
        raise NotAllowed(Problem("decided_by", "own_submission"))
    if row.state != Evidence.State.SUBMITTED:
        raise Conflict(Problem("state", "already_decided", row.get_state_display()))
    if not accepted and not opinion.strip():
        raise InputError(Problem("opinion", "empty"))
    row.state = Evidence.State.ACCEPTED if accepted else Evidence.State.REJECTED
    row.opinion, row.decided_by, row.decided_at = opinion, actor, clock.now()
    row.save(update_fields=["state", "opinion", "decided_by", "decided_at"])
    audit.record(
        actor, "evidence_decided", vouch.subject(row), accepted=accepted, opinion=opinion,
        task=row.task_id, sets=vouch.sets(row, "state", "opinion", "decided_by_id", "decided_at"),
    )  # fmt: skip
    return row
