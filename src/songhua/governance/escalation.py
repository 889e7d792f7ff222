"""The ladder 工作提示 reminder, 督办 supervision, 约谈 interview: one step at a time, never down.

The plan (保障措施 二, 督导问责机制) names the three rungs and five occasions: requirements of the
ministry, instructions of leaders, monitoring of key tasks, problems found in daily assessment, an
approaching deadline. It sets no days; those are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from songhua.governance.calendar import WorkCalendar

Level = Literal["reminder", "supervision", "interview"]
Source = Literal[
    "ministry_requirement",
    "leader_instruction",
    "task_monitoring",
    "daily_assessment",
    "approaching_deadline",
]
Action = Literal["open", "raise", "wait", "close", "nothing"]
LEVELS: tuple[Level, ...] = get_args(Level)
SOURCES: tuple[Source, ...] = get_args(Source)


class Days(BaseModel):
    """One whole number for each rung."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reminder: int = Field(ge=1)
    supervision: int = Field(ge=1)
    interview: int = Field(ge=1)

    def at(self, level: Level) -> int:
        """The number for `level`."""
        return {
            "reminder": self.reminder,
            "supervision": self.supervision,
            "interview": self.interview,
        }[level]


class EscalationRules(BaseModel):
    """The clocks of the ladder. Every value is 默认值(非文件规定): the plan sets none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    answer_workdays: Days = Field(
        Days(reminder=5, supervision=3, interview=2),
        description="各级答复时限,工作日 默认值(非文件规定)",
    )
    missed_months: Days = Field(
        Days(reminder=1, supervision=2, interview=3),
        description="连续缺报满此月数进入该级 默认值(非文件规定)",
    )
    deadline_workdays: int = Field(
        15, ge=1, description="距时限此工作日数以内提示 默认值(非文件规定)"
    )

    @model_validator(mode="after")
    def _rising(self) -> EscalationRules:
        months = self.missed_months
        if not months.reminder < months.supervision < months.interview:
            raise ValueError("missed_months must rise from reminder to interview")
        return self


@dataclass(frozen=True)
class Trigger:
    """An occasion not yet dealt with. `missed_months` counts consecutive missing reports."""

    source: Source
    reason: Reason
    missed_months: int = 0


@dataclass(frozen=True)
class CaseFacts:
    """The open case of a task, or none (`level` None).

    `opened_on` and `answered_on` belong to the present level; `due_on` may be left out and is
    then counted from `opened_on`. `missed_at_level` is the count of missed months when this level
    was opened: only a further miss raises by that road.
    """

    level: Level | None = None
    opened_on: date | None = None
    due_on: date | None = None
    answered_on: date | None = None
    resolved: bool = False
    missed_at_level: int = 0


@dataclass(frozen=True)
class Step:
    """What to do now; `level` and `due_on` are those after the step. Nothing is done by itself."""

    action: Action
    level: Level | None
    due_on: date | None
    reasons: tuple[Reason, ...]


def next_step(
    case: CaseFacts,
    triggers: Sequence[Trigger],
    today: date,
    calendar: WorkCalendar,
    rules: EscalationRules | None = None,
) -> Step:
    """The one next step of a case.

    No case: any trigger opens a reminder, whatever its weight. An answered and resolved case
    closes; triggers still given then open a new case at the following call. Otherwise a further
    missed month that reaches the next rung's count, or an answer that is not there after its
    last day, raises one rung. `triggers` are those not yet dealt with: the caller leaves out what
    an earlier, closed case has settled. An answer that came late, but before anyone looked, does
    not raise. Raises ``calendar_year_unknown`` where days cannot be counted.
    """
    rules = rules or EscalationRules()
    if case.level is None:
        if not triggers:
            return Step("nothing", None, None, (because("case_none"),))
        ordered = sorted(triggers, key=lambda trigger: SOURCES.index(trigger.source))
        return _at("open", "reminder", [t.reason for t in ordered], today, calendar, rules)
    if case.resolved and case.answered_on is not None:
        values = {"level": f"@case_{case.level}", "day": case.answered_on}
        return Step("close", case.level, None, (because("case_resolved", **values),))
    due_on = case.due_on
    if due_on is None and case.opened_on is not None:
        due_on = calendar.add_workdays(case.opened_on, rules.answer_workdays.at(case.level))
    overdue = case.answered_on is None and due_on is not None and today > due_on
    late = [because("case_unanswered", level=f"@case_{case.level}", day=due_on)] if overdue else []
    if case.level == LEVELS[-1]:
        top = [because("case_top")] if overdue else []
        return Step("wait", case.level, due_on, (*late, *top) or (_waiting(case, due_on),))
    above = LEVELS[LEVELS.index(case.level) + 1]
    missed = max((trigger.missed_months for trigger in triggers), default=0)
    further = missed > case.missed_at_level and missed >= rules.missed_months.at(above)
    if further:
        late.append(because("case_months_missed", months=missed))
    if late:
        return _at("raise", above, late, today, calendar, rules)
    return Step("wait", case.level, due_on, (_waiting(case, due_on),))


def _at(
    action: Action,
    level: Level,
    reasons: Sequence[Reason],
    today: date,
    calendar: WorkCalendar,
    rules: EscalationRules,
) -> Step:
    due_on = calendar.add_workdays(today, rules.answer_workdays.at(level))
    return Step(action, level, due_on, tuple(reasons))


def _waiting(case: CaseFacts, due_on: date | None) -> Reason:
    if case.answered_on is not None:
        return because("case_answered_unresolved", day=case.answered_on)
    if due_on is None:
        return because("case_waiting_undated", level=f"@case_{case.level}")
    return because("case_waiting", level=f"@case_{case.level}", day=due_on)
