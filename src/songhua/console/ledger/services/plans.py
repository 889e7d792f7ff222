"""Monthly plans: the cumulative progress meant for the end of each month. The old stays."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.models import MonthlyPlan, Task
from songhua.console.ledger.services import audit, lights, vouch
from songhua.console.ledger.services.rows import demand, locked
from songhua.console.people.models import Role
from songhua.governance.periods import month_start
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.people.models import User


def submit_plan(
    actor: User, task: Task, entries: list[tuple[date, Decimal, str]], reason: str = ""
) -> list[MonthlyPlan]:
    """Set the planned progress of some months. A change keeps the old plan and asks why."""
    demand(actor, task, Role.OFFICE, Role.STAFF)
    with transaction.atomic():
        task = locked(task)
        rows = check_plans(actor, [(task, *entry, None) for entry in entries], reason)
        return append_plans(actor, rows)


def check_plans(
    actor: User,
    entries: list[tuple[Task, date, Decimal, str, int | None]],
    reason: str = "",
) -> list[MonthlyPlan]:
    """Unsaved plans for all entries (task, month, percent, content, file row), or every problem."""
    keys = {task.pk for task, *_ in entries}
    current = {
        (p.task_id, p.month): p for p in MonthlyPlan.objects.filter(is_current=True, task__in=keys)
    }
    problems, made = [], []
    highest: dict[int, Decimal] = {}
    for task, month, percent, content, row in sorted(entries, key=lambda e: (e[0].pk, e[1])):
        name = f"{month:%Y-%m}"
        if not month_start(task.start) <= month <= month_start(task.due):
            problems.append(Problem("month", "month_outside_task", name, row))
        if percent < highest.get(task.pk, Decimal(0)):
            problems.append(Problem("percent", "plan_falls", f"{name} {percent}", row))
        highest[task.pk] = percent
        old = current.get((task.pk, month))
        if old is not None and not reason.strip():
            problems.append(Problem("reason", "plan_change_without_reason", name, row))
        made.append(
            MonthlyPlan(
                task=task,
                month=month,
                percent=percent,
                content=content,
                supersedes=old,
                reason=reason,
                reported_by=actor,
                reported_at=clock.now(),
            )
        )
    if problems:
        raise InputError(problems)
    return made


def append_plans(actor: User, rows: list[MonthlyPlan]) -> list[MonthlyPlan]:
    """Append checked plans. Must run in a transaction."""
    old = [row.supersedes_id for row in rows if row.supersedes_id]
    if old:
        MonthlyPlan.objects.filter(pk__in=old).update(is_current=False)
    audit.hold()
    MonthlyPlan.objects.bulk_create(rows, batch_size=500)
    audit.record(actor, "plans_submitted", f"plans:{rows[0].pk}", bulk=[vouch.bulk(rows)])
    keys = {row.task_id for row in rows}
    lights.refresh(Task.objects.filter(pk__in=keys) if len(keys) <= 500 else None)
    return rows
