"""Lights: recomputed in bulk from the rows beneath, written only where they changed."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F, Q

from songhua.console import clock
from songhua.console.ledger.models import MonthlyPlan, MonthWindow, Notice, Task
from songhua.console.ledger.services import bulk
from songhua.governance.lights import TaskFacts, Thresholds, light
from songhua.governance.periods import add_months, month_index, month_start

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from songhua.governance.reasons import Reason

FIELDS = ("light", "light_reasons", "planned_percent", "missing_months")
THRESHOLDS = Thresholds()


def plain(reasons: Iterable[Reason]) -> list[dict[str, object]]:
    """Reasons as they are kept in a record."""
    return [{"code": r.code, "values": dict(r.values)} for r in reasons]


def refresh(tasks: QuerySet[Task] | None = None) -> int:
    """Bring the lights of `tasks` (all that are not at rest, unless given) up to date.

    Five queries and one bulk update, however many tasks. Returns how many changed.
    """
    today = clock.today()
    if tasks is None:
        tasks = Task.objects.exclude(state__in=["closed", "cancelled", "draft"])
    rows = list(tasks)
    expired = (
        MonthWindow.objects.filter(Q(expires_on__lt=today) | Q(closed_at__isnull=False))
        .order_by("-month")
        .values_list("month", flat=True)
        .first()
    )
    plans = _plans(rows, add_months(today, -1))
    cases = set(Notice.objects.filter(ended_on=None).values_list("task_id", flat=True))
    changed = []
    for task in rows:
        before = tuple(getattr(task, name) for name in FIELDS)
        task.missing_months = _missing(task, expired)
        past_due = task.last_month is not None and task.last_month > month_start(task.due)
        task.planned_percent = Decimal(100) if past_due else plans.get(task.pk)
        result = light(_facts(task, task.pk in cases), today, THRESHOLDS)
        task.light, task.light_reasons = result.colour, plain(result.reasons)
        if tuple(getattr(task, name) for name in FIELDS) != before:
            changed.append(task)
    bulk.update(changed, FIELDS)
    return len(changed)


def _facts(task: Task, open_case: bool) -> TaskFacts:
    return TaskFacts(
        due=task.due,
        planned_percent=task.planned_percent,
        actual_percent=task.actual_percent,
        last_reported_month=task.last_month,
        reports_due_missing=task.missing_months,
        state=task.state,
        previous_light=task.month_light or None,
        open_cases=int(open_case),
    )


def _missing(task: Task, expired: date | None) -> int:
    """Months in a row, up to the last expired one, for which no report came."""
    if expired is None or task.state not in {"active", "closing"}:
        return 0
    last_due = min(expired, month_start(task.due))
    first_due = month_start(task.start)
    if task.last_month is not None and task.last_month >= first_due:
        return max(0, month_index(last_due) - month_index(task.last_month))
    return max(0, month_index(last_due) - month_index(first_due) + 1)


def _plans(rows: list[Task], previous_month: date) -> dict[int, Decimal]:
    """For each task the plan of the month its last report is about; without a report, the plan of
    the last month that ended."""
    keys = [task.pk for task in rows]
    current = MonthlyPlan.objects.filter(is_current=True)
    if len(keys) <= 500:
        current = current.filter(task__in=keys)
    reported = current.filter(month=F("task__last_month"))
    unreported = current.filter(task__last_month=None, month=previous_month)
    return dict((reported | unreported).values_list("task_id", "percent"))
