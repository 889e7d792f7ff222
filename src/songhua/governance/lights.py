"""The light of a task: red, yellow, green, blue (done) or grey (nothing known), with every reason.

Practice: the three-colour code of Ouhai District, where a red task must catch up the next month
and is then yellow at best. The plan of Harbin sets no thresholds, so all of them are parameters.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.reasons import Reason, because
from songhua.kit.errors import require

if TYPE_CHECKING:
    from datetime import date

    from songhua.governance.workflow import TaskState


Colour = Literal["red", "yellow", "grey", "green", "blue"]
_WORST_FIRST: tuple[Colour, ...] = ("red", "yellow", "grey", "green", "blue")


class Thresholds(BaseModel):
    """When a light changes. Every value is 默认值(非文件规定): the plan does not set it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    yellow_behind_points: Decimal = Field(
        Decimal(5), ge=0, le=100, description="落后计划超过此百分点转黄 默认值(非文件规定)"
    )
    red_behind_points: Decimal = Field(
        Decimal(15), ge=0, le=100, description="落后计划超过此百分点转红 默认值(非文件规定)"
    )
    yellow_missing_months: int = Field(
        1, ge=1, description="连续缺报满此月数转黄 默认值(非文件规定)"
    )
    red_missing_months: int = Field(2, ge=1, description="连续缺报满此月数转红 默认值(非文件规定)")
    due_soon_days: int = Field(
        30, ge=0, description="距时限不足此自然日数时提示,不改变颜色 默认值(非文件规定)"
    )
    yellow_after_red: bool = Field(
        True, description="红灯须下月赶上,赶上后先转黄一个月 默认值(非文件规定,借鉴瓯海做法)"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Thresholds:
        if self.red_behind_points < self.yellow_behind_points:
            raise ValueError("red_behind_points must not be below yellow_behind_points")
        if self.red_missing_months < self.yellow_missing_months:
            raise ValueError("red_missing_months must not be below yellow_missing_months")
        return self


@dataclass(frozen=True)
class TaskFacts:
    """What the light looks at. Percents are 0–100, cumulative.

    `planned_percent` is the plan at the end of `last_reported_month`, so like is compared with
    like, None if there is no plan; `actual_percent` is that month's figure, None if nothing was
    ever reported.
    `reports_due_missing` counts the consecutive months whose report is due and has not come.
    `previous_light` is the colour at the close of the previous month, not of the last look.
    `open_cases` counts reminders, supervisions and interviews not yet closed.
    """

    due: date | None
    planned_percent: Decimal | None
    actual_percent: Decimal | None
    last_reported_month: date | None = None
    reports_due_missing: int = 0
    state: TaskState = "active"
    previous_light: Colour | None = None
    open_cases: int = 0

    def __post_init__(self) -> None:
        for name in ("planned_percent", "actual_percent"):
            value = getattr(self, name)
            holds = value is None or (value.is_finite() and 0 <= value <= 100)
            require(holds, name, "out_of_range", value)
        require(self.reports_due_missing >= 0, "reports_due_missing", "negative")
        require(self.open_cases >= 0, "open_cases", "negative")


@dataclass(frozen=True)
class Light:
    """A colour and all its reasons, worst first."""

    colour: Colour
    reasons: tuple[Reason, ...]


_SETTLED: dict[str, tuple[Colour, str]] = {
    "closed": ("blue", "light_done"),
    "draft": ("grey", "light_not_started"),
    "suspended": ("grey", "light_suspended"),
    "cancelled": ("grey", "light_cancelled"),
}


def points_behind(planned: Decimal, actual: Decimal) -> Decimal:
    """How far `actual` is behind `planned`, in percentage points; 0 when level or ahead."""
    return max(planned - actual, Decimal(0))


def light(facts: TaskFacts, today: date, thresholds: Thresholds | None = None) -> Light:
    """The light of one task today. A missing report is counted, never read as 0 percent."""
    rules = thresholds or Thresholds()
    if facts.state in _SETTLED:
        colour, code = _SETTLED[facts.state]
        return Light(colour, (because(code),))
    found = [*_time(facts, today, rules), *_reports(facts, rules), *_progress(facts, rules)]
    if facts.open_cases:
        found.append(("yellow", because("light_open_cases", count=facts.open_cases)))
    natural = min((colour for colour, _ in found), key=_WORST_FIRST.index)
    if rules.yellow_after_red and facts.previous_light == "red":
        if natural == "green":
            found.append(("yellow", because("light_recovering")))
        else:
            found.append(("red", because("light_red_not_caught_up")))
    found.sort(key=lambda pair: _WORST_FIRST.index(pair[0]))
    return Light(found[0][0], tuple(reason for _, reason in found))


def _time(facts: TaskFacts, today: date, rules: Thresholds) -> list[tuple[Colour, Reason]]:
    if facts.due is None:
        return []
    days = (facts.due - today).days
    if days < 0 and facts.state == "closing":
        return [("yellow", because("light_awaiting_acceptance", days=-days))]
    if days < 0:
        return [("red", because("light_overdue", days=-days))]
    soon = days <= rules.due_soon_days
    return [("green", because("light_due_soon", days=days))] if soon else []


def _reports(facts: TaskFacts, rules: Thresholds) -> list[tuple[Colour, Reason]]:
    missing, last = facts.reports_due_missing, facts.last_reported_month
    if not missing:
        return []
    colour: Colour = "grey"
    if missing >= rules.red_missing_months:
        colour = "red"
    elif missing >= rules.yellow_missing_months:
        colour = "yellow"
    since = f"{last:%Y-%m}" if last else "@light_never"
    return [(colour, because("light_missing", months=missing, last=since))]


def _progress(facts: TaskFacts, rules: Thresholds) -> list[tuple[Colour, Reason]]:
    if facts.actual_percent is None:
        return [("grey", because("light_no_data"))]
    if facts.planned_percent is None:
        return [("grey", because("light_no_plan"))]
    behind = points_behind(facts.planned_percent, facts.actual_percent)
    if behind > rules.red_behind_points:
        return [("red", because("light_behind_red", points=f"{behind.normalize():f}"))]
    if behind > rules.yellow_behind_points:
        return [("yellow", because("light_behind_yellow", points=f"{behind.normalize():f}"))]
    return [("green", because("light_on_plan"))]
