"""Late requests taken up by the ledger: the office sends one on to a task of the unit that is
late, and the ladder of reminder, supervision and interview goes on from there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.design.bilingual import CHINESE
from songhua.console.ledger.models import Task
from songhua.console.ledger.models.oversight import Source
from songhua.console.ledger.services import notices
from songhua.console.people.models import Role
from songhua.kit.errors import InputError, Problem
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.exchange.models import Request
    from songhua.console.people.models import User

PROVIDING = ("reviewing", "granted")  # states in which the provider is waited for


def tasks(actor: User, row: Request) -> QuerySet[Task]:
    """The tasks on which the office may have a late request taken up: the provider's that run and
    bear no open notice. None while the request is in time."""
    late = row.due_on is not None and row.due_on < clock.today() and row.state in PROVIDING
    if actor.role != Role.OFFICE or not late or row.entry.unit_id is None:
        return Task.objects.none()
    return Task.objects.filter(lead_unit=row.entry.unit_id, state="active").exclude(
        notices__ended_on__isnull=True, notices__isnull=False
    ).order_by("code")  # fmt: skip


def supervise(actor: User, row: Request, code: str) -> None:
    """Have a late request taken up on the task `code`. Raises `InputError` for a task that is not
    one of `tasks`."""
    task = tasks(actor, row).filter(code=code).first()
    if task is None:
        raise InputError(Problem("task", "exchange_task_not_theirs", code[:40]))
    title = sentence("exchange_request_late", CHINESE, value=str(row.due_on), where=f"#{row.pk}")
    notices.add_trigger(actor, task, source=Source.ASSESSMENT, title=title)
