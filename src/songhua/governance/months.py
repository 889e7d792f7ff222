"""May figures of this month still be entered? Closed, expired and approved are three answers.

closed: the office shut the month for everybody. expired: the day for this report has passed.
approved: these figures were approved. Each is undone by a different person, so they stay apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.governance.periods import month_start
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True)
class MonthFacts:
    """One task and one month. `month` is any day of it.

    `deadline` is the last day to report (that day included), later where an extension was given;
    `starts` and `ends` bound the task's months, None for no bound: leave `ends` out, or move it,
    while an overdue task must go on reporting.
    """

    month: date
    closed: bool = False
    deadline: date | None = None
    approved: bool = False
    starts: date | None = None
    ends: date | None = None


def month_problems(facts: MonthFacts, today: date) -> list[Problem]:
    """Every reason why the month cannot be reported today; empty if it can."""
    month, name = month_start(facts.month), f"{facts.month:%Y-%m}"
    expired = facts.deadline is not None and today > facts.deadline
    tests = (
        (facts.closed, "month_closed", name),
        (expired, "month_expired", str(facts.deadline)),
        (facts.approved, "report_approved", name),
        (month > month_start(today), "month_future", name),
        (
            facts.starts is not None and month < month_start(facts.starts),
            "month_before_start",
            str(facts.starts),
        ),
        (
            facts.ends is not None and month > month_start(facts.ends),
            "month_after_due",
            str(facts.ends),
        ),
    )
    return [Problem("month", code, value) for holds, code, value in tests if holds]


def require_open_month(facts: MonthFacts, today: date) -> None:
    """Raise `Conflict` with every problem of `month_problems`."""
    problems = month_problems(facts, today)
    if problems:
        raise Conflict(problems)
