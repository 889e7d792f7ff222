"""The background process: what waits in the queue, and the clock.

Nothing is lost when it is killed: an import does its work in one transaction, so it happened or it
did not, and is queued again at the next start; tables and runs are held by a lease (see
`runs.services.work`), and whichever worker is alive takes them up again when it has run out.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import close_old_connections
from django.utils.crypto import get_random_string
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from songhua.console import clock, jobs
from songhua.console.exchange.services import delivery, evidence, harvesting, intake, subscriptions
from songhua.console.heating.services import advice, outbox
from songhua.console.ledger.models import ImportBatch
from songhua.console.runs.services import schedules, supervise
from songhua.console.runs.services import work as work_service

if TYPE_CHECKING:
    from datetime import date

TICK_SECONDS = 5.0

log = logging.getLogger("songhua.worker")

_worker: Worker | None = None


def stopping() -> bool:
    """Whether this worker was asked to stop."""
    return _worker is not None and not _worker.running


def recover() -> int:
    """Queue again what a killed worker left: unfinished imports. Returns how many."""
    DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).update(
        status=TaskResultStatus.FAILED, finished_at=clock.now()
    )
    unfinished = ImportBatch.objects.filter(
        state__in=[ImportBatch.State.RECEIVED, ImportBatch.State.RUNNING]
    )
    for pk in unfinished.values_list("pk", flat=True):
        jobs.process_import.enqueue(pk)
    work_service.recover()
    work_service.sweep()
    return len(unfinished)


def _keep_time(stop: threading.Event) -> None:
    done: date | None = None
    while not stop.is_set():
        try:
            if clock.today() != done:
                jobs.daily_clock.enqueue()
                done = clock.today()
            work_service.recover()
            schedules.tick()
            evidence.seal()
            delivery.ring_for_lost()
            intake.ring_for_lost()
            harvesting.ring_for_lost()
            subscriptions.tell()
            outbox.tick()
            advice.tick()
        except Exception:  # the database is away for a moment: the clock must not stop for good
            log.exception("the clock missed a beat")
        close_old_connections()
        stop.wait(min(TICK_SECONDS, settings.LEASE_SECONDS))


def work(processes: int = 1) -> None:
    """Run until stopped; a second signal stops even a running job. With more `processes`, as many
    pieces of work are done at the same time."""
    global _worker
    recover()
    command = [sys.executable, "-m", "songhua.cli", "worker"]
    others = [subprocess.Popen(command) for _ in range(processes - 1)]
    stop = threading.Event()
    threading.Thread(target=_keep_time, args=(stop,), daemon=True).start()
    _worker = Worker(
        queue_names=["*"],
        interval=0.5,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(12),
        excluded_queue_names=[],
    )
    _worker.configure_signals()
    try:
        _worker.run()
    finally:
        stop.set()
        supervise.our_lane().stop()
        for process in others:
            process.terminate()
        for process in others:
            process.wait()
