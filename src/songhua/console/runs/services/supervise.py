"""What a worker does with one piece of work: start it in a lane, sign for it, end it."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.runs.models import Run, Table, Work
from songhua.console.runs.services import work
from songhua.kit.errors import Problem
from songhua.runtime import attempt
from songhua.runtime.lanes import Lane, lane

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@cache
def our_lane() -> Lane:
    """This worker's lane."""
    return lane(settings.CLUSTER)


def request(row: Work) -> dict[str, Any]:
    """What the attempt is asked to do."""
    if isinstance(row, Run):
        inputs = row.inputs.select_related("table")
        return {
            "task": "run_action",
            "scenario": row.scenario,
            "action": row.action,
            "inputs": {i.name: str(work.store().path(i.table.digest)) for i in inputs},
            "params": row.params,
            "seed": row.seed,
        }
    assert isinstance(row, Table)
    return {
        "task": "check_upload",
        "scenario": row.scenario,
        "dataset": row.dataset,
        "source": str(work.uploads() / str(row.source)),
        "filename": row.name,
    }


def next_work(stopping: Callable[[], bool] = lambda: False) -> str:
    """Take the oldest piece of work and see it to its end; says what it was."""
    row = work.take()
    if row is None:
        return ""
    folder = work.attempts() / str(row.token)
    try:
        attempt.prepare(folder, request(row))
        our_lane().start(folder)
        if _watch(row, folder, stopping):
            _settle(row, folder)
        else:
            our_lane().stop()
    finally:
        attempt.discard(folder)
    return vouch.subject(row)


def _watch(row: Work, folder: Path, stopping: Callable[[], bool]) -> bool:
    """Whether the attempt came to an end of its own."""
    started = time.monotonic()
    every = settings.LEASE_SECONDS / 5
    while not our_lane().wait(folder, min(every, 0.5)):
        if not work.beat(row, attempt.progress(folder)):
            return False
        if row.cancel_asked:
            work.stopped(row)
            return False
        if stopping():
            work.give_back(row)
            return False
        if time.monotonic() - started > settings.RUN_MAX_SECONDS:
            work.fail(row, [Problem("run", "work_too_long", str(settings.RUN_MAX_SECONDS))])
            return False
    return True


def _settle(row: Work, folder: Path) -> None:
    """Take over what the attempt reports."""
    found = attempt.report(folder)
    if found is None:
        our_lane().stop()
        work.fail(row, [Problem("run", "work_died")])
    elif found["state"] == "failed":
        work.fail(row, attempt.problems(found))
    elif found["state"] == "broken":
        work.fail(row, [Problem("run", "work_broken", found["kind"])], found["trace"])
    else:
        _done(row, folder, found)
    if isinstance(row, Table):
        (work.uploads() / str(row.source)).unlink(missing_ok=True)


@transaction.atomic
def _done(row: Work, folder: Path, found: dict[str, Any]) -> None:
    current = work.held(row)
    if current is None:
        return
    store = work.store()
    if isinstance(current, Table):
        current.digest = store.take(folder / f"{found['digest']}.parquet")
        current.rows, current.left_out = found["rows"], found["left_out"]
        current.encoding = found["encoding"] or ""
        work.end(current, Work.State.DONE, "digest", "rows")
        return
    assert isinstance(current, Run)
    for name, kept in found["tables"].items():
        made = Table.objects.create(
            scenario=current.scenario, dataset=kept["dataset"], name=name, run=current,
            state=Work.State.DONE, progress=1, rows=kept["rows"],
            digest=store.take(folder / f"{kept['digest']}.parquet"),
            created_by_id=current.created_by_id, created_at=clock.now(), finished_at=clock.now(),
        )  # fmt: skip
        audit.record(
            "worker", "table_written", vouch.subject(made), facts=vouch.facts(made),
            sets=vouch.sets(made, "state", "digest", "rows"),
        )  # fmt: skip
    current.kpis = found["kpis"]
    work.end(current, Work.State.DONE, "kpis")
