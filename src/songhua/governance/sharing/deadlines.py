"""By when a step is due: dated rules on the statutory calendar of working days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.governance.calendar import WorkCalendar

Light = Literal["none", "in_time", "near", "over"]


class Deadline(BaseModel):
    """Within `workdays` after the day on which `state` was entered, if that day is in force:
    from `since` on, up to but without `until`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    state: str
    workdays: int = Field(ge=0)
    since: date = Field(alias="from")
    until: date | None = None
    basis: str

    def holds(self, state: str, day: date) -> bool:
        """Whether this rule is the one for `state` entered on `day`."""
        return self.state == state and self.since <= day and (not self.until or day < self.until)


def due_on(
    rules: Iterable[Deadline], state: str, entered_on: date, calendar: WorkCalendar
) -> date | None:
    """The last day on which the step out of `state` is in time; None for a state without a rule.

    The rule is the one in force on the day of entry, so a change of rules does not move what is
    under way. Raises ``sharing_deadlines_overlap`` where several rules hold, and
    ``calendar_year_unknown`` where the working days are not known: a due date is never guessed.
    """
    found = [rule for rule in rules if rule.holds(state, entered_on)]
    if len(found) > 1:
        raise InputError(Problem(state, "sharing_deadlines_overlap", entered_on.isoformat()))
    return calendar.add_workdays(entered_on, found[0].workdays) if found else None


def light(due: date | None, today: date, calendar: WorkCalendar, warning_workdays: int) -> Light:
    """How it stands with a step that is due on `due`: the day itself is still in time.

    ``near`` begins `warning_workdays` working days before.
    """
    if due is None:
        return "none"
    if today > due:
        return "over"
    return "near" if calendar.workdays_between(today, due) <= warning_workdays else "in_time"
