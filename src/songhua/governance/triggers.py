"""The occasions that figures and dates give by themselves. The others are entered by people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from songhua.governance.escalation import EscalationRules, Source, Trigger
from songhua.governance.reasons import because

if TYPE_CHECKING:
    from songhua.governance.calendar import WorkCalendar


def missed_months(count: int, rules: EscalationRules | None = None) -> Trigger | None:
    """Task monitoring: `count` consecutive reports are due and missing."""
    rules = rules or EscalationRules()
    if count < rules.missed_months.reminder:
        return None
    return Trigger("task_monitoring", because("case_months_missed", months=count), count)


def approaching_deadline(
    due: date, today: date, calendar: WorkCalendar, rules: EscalationRules | None = None
) -> Trigger | None:
    """A deadline at most ``deadline_workdays`` working days away, or already passed.

    Pass only tasks that are not done. Looks no further ahead than it must, so an unpublished
    year is asked for only when the answer depends on it.
    """
    days = (due - today).days
    if days < 0:
        reason = because("case_deadline_passed", day=due, days=-days)
        return Trigger("approaching_deadline", reason)
    left = (rules or EscalationRules()).deadline_workdays
    if days > left:
        day = today
        while day < due:
            day += timedelta(days=1)
            left -= calendar.is_workday(day)
            if left < 0:
                return None
    return Trigger("approaching_deadline", because("case_deadline_near", day=due, days=days))


def noted(source: Source, what: str) -> Trigger:
    """An occasion entered by a person: `what` says which requirement, instruction or finding."""
    return Trigger(source, because(f"case_{source}", what=what))
