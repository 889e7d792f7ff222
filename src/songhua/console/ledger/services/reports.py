"""Monthly reports: read, checked against what is there, appended. Corrections leave the old figure.

One report from a form and ten thousand from a file pass the same checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.models import MonthlyPlan, MonthlyReport, MonthWindow, Task
from songhua.console.ledger.services import audit, bulk, lights, vouch
from songhua.console.ledger.services.months import window
from songhua.console.ledger.services.rows import demand, locked
from songhua.console.people.models import Role
from songhua.governance.months import MonthFacts
from songhua.governance.periods import month_start
from songhua.governance.report_rules import ReportFacts, check_report
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.console.ledger.models import ImportBatch
    from songhua.console.people.models import User


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
        for some in bulk.batched(sorted(back), 500):
            for report in MonthlyReport.objects.filter(is_current=True, task__in=some):
                current[report.task_id][report.month] = report
        plans: dict[tuple[int, date], Decimal] = {}
        for some in bulk.batched(sorted(tasks), 500):
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
