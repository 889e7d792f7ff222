"""Monthly plans and reports, approvals, and the closing of a month.

Closed, expired and approved are three facts: a month is closed by the office, expires by its
deadline, a figure is approved by a person. Corrections append; the old figure stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F

from songhua.console import clock
from songhua.console.ledger.models import MonthlyPlan, MonthlyReport, MonthWindow, Task, UnitScore
from songhua.console.ledger.services import audit, bulk, lights, vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.ledger.services.rows import demand, locked
from songhua.console.people.models import Role
from songhua.governance.months import MonthFacts
from songhua.governance.periods import month_end, month_start
from songhua.governance.report_rules import ReportFacts, check_report
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.runtime.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from songhua.console.ledger.models import ImportBatch
    from songhua.console.people.models import User

REPORT_WORKDAYS = 5  # 默认值(非文件规定): working days after month end until reports expire


def batched(keys: list[int], size: int) -> Iterator[list[int]]:
    """`keys` in lists of at most `size`, so that no query outgrows the database's limits."""
    for start in range(0, len(keys), size):
        yield keys[start : start + size]


def window(month: date) -> MonthWindow:
    """The window of `month`, opened where it is not there yet."""
    row, _ = MonthWindow.objects.get_or_create(
        month=month,
        defaults={"expires_on": work_calendar().add_workdays(month_end(month), REPORT_WORKDAYS)},
    )
    return row


@dataclass(frozen=True)
class ReportDraft:
    """A report as given, before it is checked: everything still text or exact."""

    task: Task
    month: date
    percent: Decimal
    summary: str = ""
    reason: str = ""
    correction: bool = False


def parse_report(task: Task, given: Mapping[str, object], *, correction: bool) -> ReportDraft:
    """Read the fields month, percent, summary, reason. `InputError` lists every bad field."""
    problems: list[Problem] = []
    month, percent = date.min, Decimal(0)
    try:
        month = figures.month(given.get("month", ""), "month")
    except InputError as error:
        problems += error.problems
    try:
        percent = figures.percent(given.get("percent", ""), "percent")
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return ReportDraft(
        task, month, percent,
        str(given.get("summary") or "").strip(), str(given.get("reason") or "").strip(),
        correction,
    )  # fmt: skip


def submit_report(
    actor: User, task: Task, given: Mapping[str, object], *, correction: bool = False
) -> MonthlyReport:
    """File one month's progress of one task, or correct it (then with a reason)."""
    demand(actor, task, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    draft = parse_report(task, given, correction=correction)
    with transaction.atomic():
        task = locked(task)
        draft = ReportDraft(task, draft.month, draft.percent, draft.summary, draft.reason,
                            correction)  # fmt: skip
        rows = Ledger.of([draft]).check(actor, [draft])
        return append_reports(actor, rows)[0]


@dataclass(frozen=True)
class Ledger:
    """What is already there about some tasks: enough to check any number of drafts."""

    current: dict[int, dict[date, MonthlyReport]]
    plans: dict[tuple[int, date], Decimal]
    windows: dict[date, MonthWindow]

    @classmethod
    def of(cls, drafts: Iterable[ReportDraft]) -> Ledger:
        """What is needed of the tasks and months of `drafts`; a few queries for each 500 tasks.

        A task that reports a month after its last one is judged by its own latest figure; only
        those that fill in or correct an earlier month have their history read.
        """
        drafts = list(drafts)
        tasks = {d.task.pk: d.task for d in drafts}
        wanted = {d.month for d in drafts}
        # A month before the task began is refused below, without asking for its calendar.
        for month in {d.month for d in drafts if d.month >= month_start(d.task.start)}:
            if month < clock.today():
                window(month)
        back = {d.task.pk for d in drafts if d.task.last_month and d.month <= d.task.last_month}
        current: dict[int, dict[date, MonthlyReport]] = {key: {} for key in tasks}
        for key, task in tasks.items():
            if task.last_month is not None and key not in back:
                latest = MonthlyReport(month=task.last_month, percent=task.actual_percent)
                current[key][task.last_month] = latest
        for some in batched(sorted(back), 500):
            for report in MonthlyReport.objects.filter(is_current=True, task__in=some):
                current[report.task_id][report.month] = report
        plans: dict[tuple[int, date], Decimal] = {}
        for some in batched(sorted(tasks), 500):
            rows = MonthlyPlan.objects.filter(is_current=True, task__in=some, month__in=wanted)
            for key, month, percent in rows.values_list("task_id", "month", "percent"):
                plans[key, month] = percent
        return cls(current, plans, {w.month: w for w in MonthWindow.objects.all()})

    def check(
        self, actor: User, drafts: list[ReportDraft], rows: list[int] | None = None
    ) -> list[MonthlyReport]:
        """Unsaved reports for all of `drafts`, or one error with every problem of every draft."""
        problems: list[Problem] = []
        conflicts: list[Problem] = []
        made: list[MonthlyReport] = []
        for number, draft in enumerate(drafts):
            row = rows[number] if rows else None
            found, clash, report = self._one(actor, draft)
            problems += [_at(p, row) for p in found]
            conflicts += [_at(p, row) for p in clash]
            if report is not None:
                made.append(report)
                self.current[draft.task.pk][draft.month] = report
        if problems or (rows and conflicts):
            raise InputError([*problems, *conflicts])
        if conflicts:
            raise Conflict(conflicts)
        return made

    def _one(
        self, actor: User, draft: ReportDraft
    ) -> tuple[list[Problem], list[Problem], MonthlyReport | None]:
        task, month, today = draft.task, draft.month, clock.today()
        if task.state not in {"active", "closing"}:
            return [], [Problem("task", "task_not_open", task.state)], None
        span = self.windows.get(month)
        mine = self.current[task.pk]
        old = mine.get(month)
        # The office may correct what is closed, expired or approved; nobody reports the future.
        office = actor.role == Role.OFFICE
        facts = MonthFacts(
            month=month,
            closed=bool(span and span.closed_at) and not office,
            deadline=span.expires_on if span and not office else None,
            approved=bool(old and old.approved_at) and not office,
            starts=task.start,
        )
        before = max((m for m in mine if m < month), default=None)
        check = check_report(
            ReportFacts(
                month=facts,
                percent=draft.percent,
                planned_percent=self.plans.get((task.pk, month)),
                previous_percent=mine[before].percent if before else None,
                summary=draft.summary,
                reason=draft.reason,
                has_evidence=task.evidence_count > 0,
            ),
            today,
            lights.THRESHOLDS,
        )
        late = {"month_closed", "month_expired", "report_approved"}
        conflicts = [p for p in check.problems if p.code in late]
        problems = [p for p in check.problems if p.code not in late]
        if old is not None and not draft.correction:
            problems.append(Problem("month", "month_reported_already", f"{month:%Y-%m}"))
        if old is None and draft.correction:
            problems.append(Problem("month", "nothing_to_correct", f"{month:%Y-%m}"))
        if draft.correction and not draft.reason:
            problems.append(Problem("reason", "correction_without_reason"))
        if problems or conflicts:
            return problems, conflicts, None
        report = MonthlyReport(
            task=task, month=month, percent=draft.percent, summary=draft.summary,
            reason=draft.reason, supersedes=old, reported_by=actor, reported_at=clock.now(),
            on_time=old.on_time if old else not (span and today > span.expires_on),
        )  # fmt: skip
        return [], [], report


def _at(problem: Problem, row: int | None) -> Problem:
    if row is None:
        return problem
    return Problem(problem.where, problem.code, problem.value, row, problem.column)


def append_reports(
    actor: User, rows: list[MonthlyReport], batch: ImportBatch | None = None
) -> list[MonthlyReport]:
    """Append checked reports, retire what they supersede, renew the tasks' latest figures.

    Must run in a transaction. One audit entry for a single report, one for a whole batch.
    """
    for row in rows:
        row.batch = batch
    old = [row.supersedes_id for row in rows if row.supersedes_id]
    if old:
        MonthlyReport.objects.filter(pk__in=old).update(is_current=False)
    if batch is None:
        for row in rows:
            row.save(force_insert=True)
            audit.record(
                actor, "report_corrected" if row.supersedes_id else "report_submitted",
                vouch.subject(row), task=row.task.code, facts=vouch.facts(row),
            )  # fmt: skip
    else:
        MonthlyReport.objects.bulk_create(rows, batch_size=500)
    tasks: dict[int, Task] = {}
    for row in rows:
        task = tasks.setdefault(row.task_id, row.task)
        if task.last_month is None or row.month >= task.last_month:
            task.last_month, task.actual_percent = row.month, row.percent
    bulk.update(tasks.values(), ["last_month", "actual_percent"])
    if len(tasks) <= 500:
        lights.refresh(Task.objects.filter(pk__in=list(tasks)))
    else:
        lights.refresh()
    return rows


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


@transaction.atomic
def approve(actor: User, month: date, tasks: Iterable[int] | None = None) -> int:
    """Approve the figures of `month` (all that wait, or those of `tasks`). How many."""
    _office(actor)
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
    _office(actor)
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


def _office(actor: User) -> None:
    if actor.role != Role.OFFICE:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))


SNAPSHOT = {
    "task": "VARCHAR", "unit": "VARCHAR", "obligation": "VARCHAR", "state": "VARCHAR",
    "light": "VARCHAR", "planned": "DECIMAL(5,2)", "actual": "DECIMAL(5,2)",
    "missing_months": "INTEGER",
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
        "pk", "code", "lead_unit__code", "obligation__code", "state", "light", "missing_months"
    )  # fmt: skip
    return store().put(
        SNAPSHOT,
        (
            (code, unit, obligation, state, light, planned.get(pk), actual.get(pk), missing)
            for pk, code, unit, obligation, state, light, missing in rows
        ),
    )
