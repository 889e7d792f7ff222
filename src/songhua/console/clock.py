"""The one clock of the console. Instants are UTC and aware; days are civil dates of the city.

Services ask this module and never the machine, so that a demonstration can stand on a fixed day
and a simulation can play two years through the real services.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Iterator

_pinned: ContextVar[datetime | None] = ContextVar("pinned_instant", default=None)


def now() -> datetime:
    """The present instant: aware, UTC."""
    pinned = _pinned.get()
    if pinned is not None:
        return pinned
    actual = timezone.now()
    if settings.TODAY:
        local = timezone.localtime(actual)
        pinned_day = date.fromisoformat(settings.TODAY)
        return datetime.combine(pinned_day, local.timetz()).astimezone(UTC)
    return actual


def today() -> date:
    """The present civil date of the city."""
    return timezone.localtime(now()).date()


def midnight(day: date) -> datetime:
    """The instant at which `day` begins. Rows are compared with instants, not with dates taken
    from them, so that the database need not convert every row."""
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


@contextmanager
def pinned(day: date, at: time = time(9, 0)) -> Iterator[None]:
    """Within this block it is `day` at `at`, local time."""
    instant = datetime.combine(day, at, tzinfo=timezone.get_default_timezone())
    token = _pinned.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _pinned.reset(token)
