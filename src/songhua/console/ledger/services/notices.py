"""The daily clock and the ladder 工作提示 → 督办 → 约谈: opened by triggers, answered, resolved."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.models import MonthWindow, Notice, Task
from songhua.console.ledger.models import Trigger as Entered
from songhua.console.ledger.models.oversight import Source
from songhua.console.ledger.selectors import months_between
from songhua.console.ledger.services import audit, lights, months, vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.ledger.services.rows import office_only
from songhua.console.people.models import Role
from songhua.governance.escalation import SOURCES, CaseFacts, EscalationRules, next_step
from songhua.governance.periods import add_months, month_start
from songhua.governance.triggers import approaching_deadline, missed_months, noted
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.people.models import User
    from songhua.governance.calendar import WorkCalendar
    from songhua.governance.escalation import Step
    from songhua.governance.escalation import Trigger as Occasion

RULES = EscalationRules()
ALLOWED: dict[str, tuple[str, ...]] = {
    Role.OFFICE: tuple(Source.values),
    Role.LEADER: (Source.LEADER,),
}


@transaction.atomic
def add_trigger(actor: User, task: Task, *, source: str, title: str, issuer: str = "") -> Entered:
    """A ministry's requirement, a leader's instruction or a finding that asks to look at a task.
    Leaders give instructions; the office enters any of them."""
    if source not in ALLOWED.get(actor.role, ()):
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    if not title.strip():
        raise InputError(Problem("title", "empty"))
    audit.hold()
    row = Entered.objects.create(
        source=source, task=task, title=title.strip(), issuer=issuer or actor.name,
        received_on=clock.today(), created_by=actor,
    )  # fmt: skip
    audit.record(actor, "trigger_added", f"task:{task.pk}", source=source, title=row.title)
    _climb(actor.username, Task.objects.filter(pk=task.pk), work_calendar())
    return row


def daily_clock() -> dict[str, int]:
    """Open the windows of months that ended, renew every light, and take the day's steps on the
    ladder. Run any number of times a day, the result is the same."""
    today = clock.today()
    with transaction.atomic():  # lights are renewed even where the calendar ends below
        audit.hold()
        changed = lights.refresh()
    with transaction.atomic():
        audit.hold()
        opened = _open_windows(today)
        if opened:
            changed += lights.refresh()
        steps = _climb("clock", Task.objects.all(), work_calendar())
        if opened or changed or steps:
            audit.record(
                "clock", "daily_clock", str(today), windows=opened, lights=changed, **steps
            )
    return {"windows": opened, "lights": changed, **steps}


def _open_windows(today: date) -> int:
    """Open the windows of the months that ended since the first task began. How many."""
    first = Task.objects.exclude(state="draft").order_by("start").values_list("start", flat=True)
    start = first.first()
    if start is None:
        return 0
    known = set(MonthWindow.objects.values_list("month", flat=True))
    ended = months_between(start, add_months(today, -1))
    missing = [month for month in ended if month not in known]
    for month in missing:
        months.window(month)
    return len(missing)


def _climb(actor: str, tasks: QuerySet[Task], calendar: WorkCalendar) -> dict[str, int]:
    """Take at most one step for each task that has an open notice or an occasion for one."""
    today = clock.today()
    rows = tasks.filter(state__in=["active", "closing"]).select_related("lead_unit")
    earlier: dict[int, list[Notice]] = {}
    for notice in Notice.objects.order_by("opened_on", "pk"):
        earlier.setdefault(notice.task_id, []).append(notice)
    entered: dict[int, list[Entered]] = {}
    for row in Entered.objects.filter(taken_up=False).order_by("received_on", "pk"):
        entered.setdefault(row.task_id, []).append(row)
    # Far enough for any holidays; the days are counted only for tasks that fall within it, so that
    # a year not yet published stops nothing that does not depend on it.
    horizon = today + timedelta(days=4 * RULES.deadline_workdays)
    counts: dict[str, int] = {}
    moved: list[int] = []
    for task in rows:
        past, waiting = earlier.get(task.pk, []), entered.get(task.pk, [])
        notice = next((n for n in past if n.ended_on is None), None)
        occasions = _occasions(task, past, waiting)
        if task.due <= horizon and (near := _deadline(task, past, today, calendar)):
            occasions.append(near)
        if notice is None and not occasions:
            continue
        step = next_step(_case(notice), occasions, today, calendar, RULES)
        if step.action in {"open", "raise"}:
            _take(actor, task, notice, step, occasions, waiting)
            counts[f"{step.action}_{step.level}"] = counts.get(f"{step.action}_{step.level}", 0) + 1
            moved.append(task.pk)
    if moved:
        lights.refresh(Task.objects.filter(pk__in=moved))
    return counts


def _case(notice: Notice | None) -> CaseFacts:
    if notice is None:
        return CaseFacts()
    return CaseFacts(
        level=notice.level,
        opened_on=notice.opened_on,
        due_on=notice.due_on,
        answered_on=notice.answered_on,
        missed_at_level=notice.missed_months,
    )


def _occasions(task: Task, past: list[Notice], waiting: list[Entered]) -> list[Occasion]:
    """What asks for this task to be looked at and was not yet settled by an earlier case."""
    found = [noted(row.source, row.title) for row in waiting]
    run_began = add_months(task.last_month, 1) if task.last_month else month_start(task.start)
    settled = any(
        n.ended_on and n.missed_months >= task.missing_months and n.opened_on > run_began
        for n in past
    )
    if (missed := missed_months(task.missing_months, RULES)) and not settled:
        found.append(missed)
    return found


def _deadline(
    task: Task, past: list[Notice], today: date, calendar: WorkCalendar
) -> Occasion | None:
    """Noted once when the deadline is near and once when it has passed."""
    about = [n for n in past if n.source == Source.DEADLINE]
    if any(n.opened_on > task.due or today <= task.due for n in about):
        return None
    return approaching_deadline(task.due, today, calendar, RULES)


def _take(
    actor: str, task: Task, notice: Notice | None, step: Step,
    occasions: list[Occasion], waiting: list[Entered],
) -> None:  # fmt: skip
    if notice is not None:
        notice.ended_on = clock.today()
        notice.save(update_fields=["ended_on"])
        source = notice.source
    else:
        source = min((o.source for o in occasions), key=SOURCES.index)
        Entered.objects.filter(pk__in=[row.pk for row in waiting]).update(taken_up=True)
    row = Notice.objects.create(
        task=task, unit=task.lead_unit, source=source, level=step.level, raised_from=notice,
        reasons=lights.plain(step.reasons), missed_months=task.missing_months,
        opened_on=clock.today(), due_on=step.due_on,
    )  # fmt: skip
    audit.record(
        actor, f"notice_{row.level}", f"notice:{row.pk}", task=task.code, unit=row.unit.code,
        source=source, due_on=row.due_on, reasons=row.reasons,
        sets=vouch.sets(row, "task_id", "level", "opened_on", "due_on")
        | (vouch.sets(notice, "ended_on") if notice else {}),
    )  # fmt: skip


def sources_for(user: User) -> list[tuple[str, str]]:
    """The kinds of occasion that this person may enter."""
    return [c for c in Source.choices if c[0] in ALLOWED.get(user.role, ())]


def answer(actor: User, notice: Notice, text: str) -> Notice:
    """The unit says what it does about it."""
    if actor.role not in {Role.STAFF, Role.OFFICE} or (
        actor.role == Role.STAFF and actor.unit_id != notice.unit_id
    ):
        raise NotAllowed(Problem("unit", "not_your_row", notice.task.code))
    if not text.strip():
        raise InputError(Problem("answer", "empty"))
    with transaction.atomic():
        audit.hold()
        row = Notice.objects.select_related("task", "unit").get(pk=notice.pk)
        if row.ended_on or row.answered_on:
            raise Conflict(Problem("notice", "already_decided", row.get_level_display()))
        row.answer, row.answered_by, row.answered_on = text.strip(), actor, clock.today()
        row.save(update_fields=["answer", "answered_by", "answered_on"])
        audit.record(
            actor, "notice_answered", f"notice:{row.pk}", answer=row.answer,
            sets=vouch.sets(row, "answer", "answered_by_id", "answered_on"),
        )  # fmt: skip
    return row


def resolve(actor: User, notice: Notice) -> Notice:
    """The office finds the answer good and ends the case."""
    office_only(actor)
    with transaction.atomic():
        audit.hold()
        row = Notice.objects.select_related("task", "unit").get(pk=notice.pk)
        if row.ended_on is not None:
            raise Conflict(Problem("notice", "already_decided", row.get_level_display()))
        if row.answered_on is None:
            raise Conflict(Problem("notice", "notice_unanswered", row.get_level_display()))
        row.resolved_by, row.ended_on = actor, clock.today()
        row.save(update_fields=["resolved_by", "ended_on"])
        audit.record(
            actor, "notice_resolved", f"notice:{row.pk}",
            sets=vouch.sets(row, "resolved_by_id", "ended_on"),
        )  # fmt: skip
    return row
