"""A unit's score for a month, from counts that SQL can repeat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.ledger.models import MonthlyPlan, MonthlyReport, Notice, Task, UnitScore
from songhua.console.ledger.selectors import due_in
from songhua.console.people.models import Unit
from songhua.governance.assessment import UnitFacts, assess
from songhua.governance.periods import month_end

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from songhua.governance.assessment import Assessment


def score_units(month: date) -> list[UnitScore]:
    """Unsaved scores of every unit that led a task in `month`: 5 queries."""
    last = month_end(month)
    tasks = dict(Task.objects.filter(due_in(month)).values_list("pk", "lead_unit"))
    reports = MonthlyReport.objects.filter(month=month, is_current=True)
    actual = {
        t: (p, on_time) for t, p, on_time in reports.values_list("task", "percent", "on_time")
    }
    planned = dict(
        MonthlyPlan.objects.filter(month=month, is_current=True).values_list("task", "percent")
    )
    cases: dict[int, list[bool]] = {}
    due_cases = Notice.objects.filter(due_on__range=(month, last))
    for unit, due_on, answered in due_cases.values_list("unit", "due_on", "answered_on"):
        cases.setdefault(unit, []).append(answered is not None and answered <= due_on)
    found = []
    for unit in Unit.objects.filter(pk__in=set(tasks.values())):
        own = [pk for pk, lead in tasks.items() if lead == unit.pk]
        progress: list[tuple[Decimal, Decimal | None]] = [
            (planned[pk], actual[pk][0] if pk in actual else None) for pk in own if pk in planned
        ]
        facts = UnitFacts(
            reports_due=len(own),
            reports_on_time=sum(pk in actual and actual[pk][1] for pk in own),
            progress=tuple(progress),
            cases_due=len(cases.get(unit.pk, [])),
            cases_answered_in_time=sum(cases.get(unit.pk, [])),
        )
        found.append(_row(unit, month, assess(facts)))
    return found


def _row(unit: Unit, month: date, result: Assessment) -> UnitScore:
    return UnitScore(
        unit=unit,
        month=month,
        score=result.score,
        parts={part.name: part.shown for part in result.parts},
        formula_zh=result.formula("zh"),
        formula_en=result.formula("en"),
    )
