"""How pages call a scenario's names and show its values: ``{% load runs %}``."""

from __future__ import annotations

import math
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django import template
from django.utils import timezone

from songhua.console.design.bilingual import choose, field
from songhua.console.design.figures import UNKNOWN, figure
from songhua.console.runs import terms
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from songhua.console.runs.models import Work
    from songhua.kit.errors import Problem
    from songhua.kit.spec import Column, Scenario

register = template.Library()

TYPES = {
    "Int64": ("整数", "Whole number"), "Float64": ("数值", "Number"), "String": ("文本", "Text"),
    "Boolean": ("是非", "Yes or no"), "Date": ("日期", "Date"), "Datetime": ("时刻", "Time"),
}  # fmt: skip


@register.filter
def label(name: str, scenario: Scenario) -> str:
    """``{{ "wait_min"|label:scenario }}``: the name with its unit."""
    return terms.label(scenario, name)


@register.filter
def title(name: str, scenario: Scenario) -> str:
    """The name without its unit."""
    return terms.title(scenario, name)


@register.filter
def unit(name: str, scenario: Scenario) -> str:
    """The unit alone; "" for a pure number."""
    return terms.unit(scenario, name)


@register.filter
def definition(name: str, scenario: Scenario) -> str:
    """The sentence that defines the name."""
    return terms.definition(scenario, name)


@register.filter
def place(problem: Problem, scenario: Scenario) -> str:
    """What people call the column or field of a problem."""
    return problem.column or terms.place(scenario, problem) or problem.where


@register.filter
def told(problem: Problem, scenario: Scenario) -> str:
    """The problem as a sentence."""
    return terms.sentence(scenario, problem)


@register.filter
def declared(name: str) -> Scenario:
    """``{% with s=run.scenario|declared %}``: the scenario of that name."""
    return scenarios()[name]


@register.filter
def scenario_name(scenario: Scenario) -> str:
    """What the scenario is called."""
    return choose(scenario.zh, scenario.en)


@register.filter
def story(scenario: Scenario) -> str:
    """For whom it is and what it decides."""
    return field(scenario, "story")


@register.filter
def kind(column: Column) -> str:
    """The type of a column in words."""
    return choose(*TYPES[column.dtype.__name__])


@register.filter
def limits(column: Column) -> str:
    """What a column allows: 0–240, or the texts it may hold."""
    if column.choices:
        return choose("、", ", ").join(column.choices)
    low, high = column.low, column.high
    if low is not None and high is not None:
        return f"{low:g} – {high:g}"
    return f"≥ {low:g}" if low is not None else f"≤ {high:g}" if high is not None else ""


@register.filter
def short(value: object, digits: int = 4) -> str:
    """A figure with four significant digits, and never fewer than its whole part has."""
    if not isinstance(value, float) or not math.isfinite(value) or value == 0:
        return figure(value) if isinstance(value, int | float) else UNKNOWN
    if abs(value) < 1e-6:
        return f"{value:.{digits - 1}g}"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return figure(Decimal(f"{value:.{places}f}"))


@register.filter
def cell(value: object) -> str:
    """A value of a table as people read it; an instant on the city's clock."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return choose("是", "yes") if value else choose("否", "no")
    if isinstance(value, datetime):
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return f"{local:%Y-%m-%d %H:%M:%S}".removesuffix(":00")
    if isinstance(value, date):
        return value.isoformat()
    return short(value, 6) if isinstance(value, int | float) else str(value)


@register.filter
def spoken(value: object, scenario: Scenario) -> str:
    """A value of a result; a name that the scenario declares is said as people call it."""
    return terms.title(scenario, value) if isinstance(value, str) else cell(value)


@register.filter
def numeric_at(rows: list[tuple[object, ...]], at: int) -> bool:
    """Whether the column at this place holds figures."""
    return any(numeric(row[at]) for row in rows)


@register.filter
def numeric(value: object) -> bool:
    """Whether a value stands at the right of its cell."""
    return isinstance(value, int | float) and not isinstance(value, bool)


@register.filter
def signed(value: float | None) -> str:
    """A difference with its sign: +1.5, −0.2."""
    if value is None:
        return UNKNOWN
    sign = "+" if value > 0 else "−" if value < 0 else ""
    return sign + short(abs(value))


@register.filter
def took(row: Work) -> str:
    """How long the work lasted: 0.4 s, 3 min 20 s."""
    if row.started_at is None or row.finished_at is None:
        return UNKNOWN
    total = (row.finished_at - row.started_at).total_seconds()
    if total < 60:
        return choose("{n} 秒", "{n} s", n=f"{total:.1f}")
    return choose("{m} 分 {s} 秒", "{m} min {s} s", m=int(total // 60), s=int(total % 60))


@register.filter
def share(part: int, whole: int) -> str:
    """``{{ 3|share:8 }}``: the percentage, 37.5."""
    return short(part / whole * 100, 3)


@register.filter
def times(value: float, factor: float) -> float:
    """``{{ 0.25|times:100 }}``."""
    return value * factor
