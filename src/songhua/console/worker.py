"""The background process: jobs from the database queue, and the daily clock.

A job that was running when its worker was killed is queued again at the next start. That is safe
because each job does its work in one transaction: it happened, or it did not.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from django.db import close_old_connections
from django.utils.crypto import get_random_string
from django_tasks.base import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from songhua.console import clock, jobs
from songhua.console.ledger.models import ImportBatch

if TYPE_CHECKING:
    from datetime import date

CLOCK_INTERVAL_SECONDS = 60


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
    return len(unfinished)


def _keep_time(stop: threading.Event) -> None:
    done: date | None = None
    while not stop.is_set():
        if clock.today() != done:
            done = clock.today()
            jobs.daily_clock.enqueue()
            close_old_connections()
        stop.wait(CLOCK_INTERVAL_SECONDS)


def work() -> None:
    """Run until stopped; a second signal stops even a running job."""
    recover()
    stop = threading.Event()
    threading.Thread(target=_keep_time, args=(stop,), daemon=True).start()
    worker = Worker(
        queue_names=["*"],
        interval=0.5,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(12),
        excluded_queue_names=[],
    )
    worker.configure_signals()
    try:
        worker.run()
    finally:
        stop.set()
