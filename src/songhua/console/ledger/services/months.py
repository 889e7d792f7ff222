"""The office's months: their windows, the approval of figures, the closing.

Closed, expired and approved are three facts: a month is closed by the office, expires by its
deadline, a figure is approved by a person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F

from songhua.console import clock
from songhua.console.ledger.models import MonthlyPlan, MonthlyReport, MonthWindow, Task, UnitScore
from songhua.console.ledger.services import audit, lights
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.ledger.services.rows import office_only
from songhua.governance.periods import month_end, month_start
from songhua.kit.errors import Conflict, Problem
from songhua.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from songhua.console.people.models import User

REPORT_WORKDAYS = 5  # 默认值(非文件规定): working days after month end until reports expire


def window(month: date) -> MonthWindow:
    """The window of `month`, opened where it is not there yet."""
    row, _ = MonthWindow.objects.get_or_create(
        month=month,
        defaults={"expires_on": work_calendar().add_workdays(month_end(month), REPORT_WORKDAYS)},
    )
    return row


@transaction.atomic
def approve(actor: User, month: date, tasks: Iterable[int] | None = None) -> int:
    """Approve the figures of `month` (all that wait, or those of `tasks`). How many."""
    office_only(actor)
    audit.hold()
    waiting = MonthlyReport.objects.filter(month=month, is_current=True, approved_at=None)
    if tasks is not None:
        waiting = waiting.filter(task__in=list(tasks))
    waiting = waiting.exclude(reported_by=actor)
    keys = list(waiting.values_list("pk", flat=True))
    waiting.update(approved_by=actor, approved_at=clock.now())
    audit.record(actor, "month_approved", f"month:{month:%Y-%m}", count=len(keys))
    return len(keys)


@transaction.atomic
def close(actor: User, month: date) -> MonthWindow:
    """Close a month that has ended: no more reports, scores kept, the rows kept as Parquet."""
    office_only(actor)
    if month >= month_start(clock.today()):
        raise Conflict(Problem("month", "month_not_over", f"{month:%Y-%m}"))
    audit.hold()
    row = window(month)
    if row.closed_at is not None:
        raise Conflict(Problem("month", "month_closed", f"{month:%Y-%m}"))
    row.closed_at, row.closed_by = clock.now(), actor
    row.save()
    lights.refresh()  # closing makes the month's missing reports count
    Task.objects.exclude(state="draft").update(month_light=F("light"))
    row.snapshot = _snapshot(month)
    row.save(update_fields=["snapshot"])
    from songhua.console.ledger.services.scores import score_units

    scored = score_units(month)
    UnitScore.objects.filter(month=month).delete()
    UnitScore.objects.bulk_create(scored)
    audit.record(
        actor, "month_closed", f"month:{month:%Y-%m}", snapshot=row.snapshot,
        scores={s.unit.code: s.score for s in scored},
    )  # fmt: skip
    return row


SNAPSHOT = {
    "task": "VARCHAR", "unit": "VARCHAR", "obligation": "VARCHAR", "state": "VARCHAR",
    "light": "VARCHAR", "planned": "DECIMAL(5,2)", "actual": "DECIMAL(5,2)",
    "missing_months": "INTEGER", "reasons": "VARCHAR",
}  # fmt: skip


def store() -> Store:
    """Where closed months are kept."""
    return Store(settings.DATA_DIR / "snapshots")


def _snapshot(month: date) -> str:
    actual = dict(
        MonthlyReport.objects.filter(month=month, is_current=True).values_list("task_id", "percent")
    )
    planned = dict(
        MonthlyPlan.objects.filter(month=month, is_current=True).values_list("task_id", "percent")
    )
    rows = Task.objects.exclude(state="draft").order_by("code").values_list(
        "pk", "code", "lead_unit__code", "obligation__code", "state", "light", "missing_months",
        "light_reasons"
    )  # fmt: skip
    return store().put(
        SNAPSHOT,
        (
            (
                code,
                unit,
                obligation,
                state,
                light,
                planned.get(pk),
                actual.get(pk),
                missing,
                audit.canonical(reasons),
            )
            for pk, code, unit, obligation, state, light, missing, reasons in rows
        ),
    )
