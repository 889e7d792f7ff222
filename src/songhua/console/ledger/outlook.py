"""An indicator's outlook: its next target, how far it is, and whether it will get there."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.console.ledger import selectors
from songhua.governance.forecast import Forecast, forecast
from songhua.governance.targets import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from songhua.console.ledger.models import Indicator, IndicatorTarget, Task
    from songhua.console.ledger.selectors import MonthCell


COMPLETE = Decimal(100)
VERBS = {">=": ("达到", "at least"), ">": ("超过", "more than")}


def whole_percent(ahead: Forecast | None) -> int | None:
    """A forecast's probability in whole percent; 0 and 100 only where the forecast is certain."""
    if ahead is None or ahead.probability is None:
        return None
    p = ahead.probability
    return round(100 * p) if p in (0.0, 1.0) else min(99, max(1, round(100 * p)))


def completion(task: Task, cells: Sequence[MonthCell]) -> Forecast | None:
    """Whether a running task will report 100 % by its due month, from its own reports; None where
    that is no longer a question."""
    if task.state not in {"active", "closing"} or task.actual_percent == COMPLETE:
        return None
    series = [(c.month, c.report.percent) for c in cells if c.report is not None]
    return forecast(series, COMPLETE, task.due, can_fall=False)


@dataclass(frozen=True)
class Outlook:
    """One indicator on one day. `value` is None where nothing was reported: not 0."""

    indicator: Indicator
    series: tuple[tuple[date, Decimal], ...]
    target: IndicatorTarget | None
    state: str
    gap: Decimal | None
    forecast: Forecast | None

    @property
    def value(self) -> Decimal | None:
        """The last reported figure."""
        return self.series[-1][1] if self.series else None

    @property
    def month(self) -> date | None:
        """The month of the last reported figure."""
        return self.series[-1][0] if self.series else None

    @property
    def verb(self) -> tuple[str, str]:
        """What the plan says of the target: 达到 includes it, 超过 does not."""
        return VERBS[self.indicator.comparator]

    @property
    def percent(self) -> int | None:
        """How much of the target is there, in percent."""
        if self.value is None or self.target is None or not self.target.value:
            return None
        return int(100 * self.value / self.target.value)

    @property
    def light(self) -> str:
        """Blue met, otherwise green, yellow or red by the forecast's probability; grey unknown."""
        if self.state == "met":
            return "blue"
        if self.forecast is None or self.forecast.probability is None:
            return "grey"
        return (
            "green" if self.forecast.probability >= 0.8
            else "yellow" if self.forecast.probability >= 0.5 else "red"
        )  # fmt: skip

    @property
    def probability_percent(self) -> int | None:
        """The probability of meeting the target by its date, in whole percent, never 0 or 100
        unless it is certain."""
        return whole_percent(self.forecast)

    def forecast_text(self, say: Callable[[str, str], str]) -> str:
        """The probability in words."""
        if self.state == "met":
            return say("已达标", "met")
        if self.probability_percent is None:
            return say("数据不足", "too few data")
        return f"{self.probability_percent}%"


def outlook(day: date, codes: list[str] | None = None) -> list[Outlook]:
    """Every indicator (or those of `codes`) as of `day`: 3 queries."""
    return [_outlook(state, day) for state in selectors.indicator_states(codes)]


def _outlook(state: selectors.IndicatorState, day: date) -> Outlook:
    indicator = state.indicator
    series = tuple((month, value) for month, value in state.series if month <= day)
    targets = list(indicator.targets.all())
    target = next((t for t in targets if t.due >= day), targets[-1] if targets else None)
    if target is None:
        return Outlook(indicator, series, None, "missing", None, None)
    value = series[-1][1] if series else None
    judgement = judge(value, indicator.comparator, target.value, indicator.places)
    ahead = (
        forecast(series, target.value, target.due, comparator=indicator.comparator)
        if series
        else None
    )
    return Outlook(indicator, series, target, judgement.state, judgement.gap, ahead)
