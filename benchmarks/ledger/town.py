"""A ledger of any size, written straight into the tables: for timing pages, not for playing."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from decimal import Decimal

from songhua.console.ledger.models import MonthlyPlan, MonthlyReport, MonthWindow, Obligation, Task
from songhua.console.ledger.services import lights
from songhua.console.people.models import Unit, User
from songhua.governance.periods import add_months, month_end


def build(tasks: int, months: int, office: User, seed: int = 1) -> date:
    """Fill an installation whose programme is loaded. The day after the last month's deadline."""
    rng = random.Random(seed)
    units, obligations = list(Unit.objects.all()), list(Obligation.objects.all())
    first = date(2023, 1, 1)
    due = month_end(add_months(first, months + 11))
    rows = Task.objects.bulk_create(
        (
            Task(
                code=f"T{n:05d}",
                title=f"{obligations[n % len(obligations)].title_zh}（{n}）",
                obligation=obligations[n % len(obligations)],
                lead_unit=(unit := units[n % len(units)]),
                district=unit.district,
                start=first,
                due=due,
                state="active",
            )
            for n in range(tasks)
        ),
        batch_size=1000,
    )
    stamp = datetime(2023, 1, 1, tzinfo=UTC)
    for step in range(months):
        month = add_months(first, step)
        MonthWindow.objects.create(month=month, expires_on=add_months(month, 1).replace(day=10))
        plan = Decimal(100 * (step + 1)) / (months + 12)
        reports, plans = [], []
        for task in rows:
            percent = min(Decimal(100), max(Decimal(0), plan + rng.randint(-12, 6)))
            if step < months - 1 or rng.random() < 0.9:
                task.last_month, task.actual_percent = month, percent.quantize(Decimal("0.1"))
                reports.append(
                    MonthlyReport(
                        task=task,
                        month=month,
                        percent=task.actual_percent,
                        summary="模拟",
                        on_time=True,
                        reported_by=office,
                        reported_at=stamp,
                    )
                )
            plans.append(
                MonthlyPlan(
                    task=task,
                    month=month,
                    percent=plan.quantize(Decimal("0.1")),
                    reported_by=office,
                    reported_at=stamp,
                )
            )
        MonthlyReport.objects.bulk_create(reports, batch_size=2000)
        MonthlyPlan.objects.bulk_create(plans, batch_size=2000)
    Task.objects.bulk_update(rows, ["last_month", "actual_percent"], batch_size=1000)
    day = add_months(first, months).replace(day=15)
    from songhua.console import clock

    with clock.pinned(day):
        lights.refresh()
    return day
