"""What a monthly report must explain, compared with the one before it and with the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.governance.lights import Thresholds, points_behind
from songhua.governance.months import MonthFacts, month_problems
from songhua.governance.reasons import Reason, because
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True)
class ReportFacts:
    """One report: percents 0–100 (cumulative), the words written, and what is attached.

    `previous_percent` is the latest figure before this month, None if there is none;
    `planned_percent` is the plan at the end of this month, None if there is none.
    """

    month: MonthFacts
    percent: Decimal | None
    planned_percent: Decimal | None = None
    previous_percent: Decimal | None = None
    summary: str = ""
    reason: str = ""
    has_evidence: bool = False


@dataclass(frozen=True)
class ReportCheck:
    """`problems` stop the report; `notes` are shown beside it."""

    problems: tuple[Problem, ...]
    notes: tuple[Reason, ...]


def check_report(
    facts: ReportFacts, today: date, thresholds: Thresholds | None = None
) -> ReportCheck:
    """All that is wrong at once, field by field (month, percent, reason, summary).

    A percent that falls needs a reason; one behind the plan by more than the yellow threshold
    needs a summary; 100 percent without evidence is allowed and noted.
    """
    found = month_problems(facts.month, today)
    percent = facts.percent
    if percent is None:
        return ReportCheck((*found, Problem("percent", "report_percent_missing")), ())
    if not (percent.is_finite() and 0 <= percent <= 100):
        return ReportCheck((*found, Problem("percent", "out_of_range", str(percent))), ())
    before = facts.previous_percent
    if before is not None and percent < before and not facts.reason.strip():
        found.append(Problem("percent", "percent_fell", f"{before}% → {percent}%"))
    rules = thresholds or Thresholds()
    if facts.planned_percent is not None and not facts.summary.strip():
        behind = points_behind(facts.planned_percent, percent)
        if behind > rules.yellow_behind_points:
            found.append(Problem("summary", "reason_required", f"{behind.normalize():f}"))
    bare = percent == 100 and not facts.has_evidence
    return ReportCheck(tuple(found), (because("report_done_unproven"),) if bare else ())
