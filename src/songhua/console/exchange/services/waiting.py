"""Work that waits for the worker: held by one attempt at a time, taken up again when that gives no
sign of life for `SONGHUA_LEASE_SECONDS`, and given up after a few."""

from __future__ import annotations

import threading
import uuid
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import OperationalError, connection
from django.db.models import F, Q
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from songhua.console.exchange.models.waiting import Waiting
    from songhua.kit.errors import Problem

MOST_ATTEMPTS = 3
QUEUED, RUNNING, FAILED = "queued", "running", "failed"

W = TypeVar("W", bound="Waiting")


def _lost() -> Q:
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return Q(state=RUNNING, beat_at__lt=limit)


def take(kind: type[W]) -> W | None:
    """The oldest that waits, or whose attempt died: ours now."""
    rows: Any = kind._default_manager
    rows.filter(_lost(), attempts__gte=MOST_ATTEMPTS).update(state=FAILED, token=None)
    free = rows.filter(Q(state=QUEUED) | _lost())
    while (row := free.order_by("pk").first()) is not None:
        if free.filter(pk=row.pk).update(
            state=RUNNING, token=uuid.uuid4(), beat_at=timezone.now(), progress=0,
            attempts=F("attempts") + 1,
        ):  # fmt: skip
            row.refresh_from_db()
            return row
    return None


def ours(row: W) -> Any:
    """The record, as long as our attempt holds it."""
    rows: Any = type(row)._default_manager
    return rows.filter(pk=row.pk, token=row.token, state=RUNNING)


def beat(row: Waiting, progress: float) -> bool:
    """Give a sign of life; whether the work is still ours."""
    told = {"beat_at": timezone.now(), "progress": min(progress, 0.99)}
    return bool(ours(row).update(**told))


@contextmanager
def alive(row: Waiting, progress: Callable[[], float]) -> Iterator[None]:
    """Give signs of life from a thread beside the work, with how far it is."""
    done = threading.Event()

    def tell() -> None:
        while not done.wait(settings.LEASE_SECONDS / 5):
            with suppress(OperationalError):  # busy for a moment
                beat(row, progress())
        connection.close()

    thread = threading.Thread(target=tell, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def fail(row: Waiting, problems: Iterable[Problem]) -> None:
    """End it with what was wrong."""
    told = [asdict(problem) for problem in problems]
    ours(row).update(state=FAILED, problems=told, token=None)


def forgotten(kind: type[Waiting]) -> bool:
    """Whether one waits whose bell was lost, or whose attempt died."""
    rows: Any = kind._default_manager
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    return bool(rows.filter(_lost() | Q(state=QUEUED, created_at__lt=limit)).exists())
