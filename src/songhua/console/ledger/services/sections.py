"""What stands in a document: the tasks as they stood, and one function for each section."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count

from songhua.console import clock
from songhua.console.ledger import selectors
from songhua.console.ledger.models import (
    Evidence,
    MonthlyPlan,
    MonthlyReport,
    MonthWindow,
    Notice,
    Task,
    UnitScore,
)
from songhua.console.ledger.outlook import outlook
from songhua.console.ledger.services import months
from songhua.documents import Column, Section, Table
from songhua.governance.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from songhua.console.people.models import Unit
    from songhua.governance.periods import Period
    from songhua.kit.messages import Language

    Say = Callable[[str, str], str]

NOTICE_NAMES = {
    "reminder": ("工作提示", "Reminder"),
    "supervision": ("督办", "Supervision"),
    "interview": ("约谈", "Interview"),
}


@dataclass(frozen=True)
class TaskLine:
    """A task as it stood at the end of the period."""

    code: str
    title: str
    unit: Unit
    due: date
    planned: Decimal | None
    actual: Decimal | None
    light: str
    missing: int
    reasons: list[dict[str, Any]]
    evidence: int

    def why(self, language: Language) -> str:
        """Every reason of the light, in words."""
        said = (Reason(r["code"], r["values"]).text(language) for r in self.reasons)
        return ("" if language == "zh" else " ").join(said)


def task_lines(period: Period) -> list[TaskLine]:
    """Every task that had begun by the end of the period."""
    last = max((m for m in period.months if m <= clock.today()), default=period.months[0])
    tasks = Task.objects.filter(start__lte=period.last).exclude(state__in=["draft", "cancelled"])
    rows = list(tasks.select_related("lead_unit").order_by("code"))
    planned = dict(
        MonthlyPlan.objects.filter(is_current=True, month=last).values_list("task_id", "percent")
    )
    actual: dict[int, Decimal] = {}
    silent = {task.pk for task in rows}
    # Newest first and stop early: most tasks have reported the last month or the one before.
    for month in reversed(period_months(rows, last)):
        reports = MonthlyReport.objects.filter(is_current=True, month=month, task__in=tasks)
        for task, percent in reports.values_list("task_id", "percent"):
            if task in silent:
                actual[task] = percent
        silent -= actual.keys()
        if not silent:
            break
    evidence = dict(
        Evidence.objects.filter(submitted_at__lt=clock.midnight(period.last + timedelta(days=1)))
        .order_by()
        .values_list("task")
        .annotate(n=Count("pk"))
    )
    stood = _snapshot_lights(last)
    return [
        TaskLine(
            t.code, t.title, t.lead_unit, t.due,
            Decimal(100) if last > t.due else planned.get(t.pk), actual.get(t.pk),
            *stood.get(t.code, (t.light, t.missing_months, t.light_reasons)), evidence.get(t.pk, 0),
        )
        for t in rows
    ]  # fmt: skip


def period_months(tasks: list[Task], last: date) -> list[date]:
    """The months from the first task's start to `last`."""
    first = min((task.start for task in tasks), default=last)
    return selectors.months_between(first, last)


def _snapshot_lights(month: date) -> dict[str, tuple[str, int, list[dict[str, Any]]]]:
    """Lights, missing months and reasons as they stood when `month` was closed; empty while it is
    open."""
    digest = MonthWindow.objects.filter(month=month).values_list("snapshot", flat=True).first()
    if not digest:
        return {}
    sql = "SELECT task, light, missing_months, reasons FROM t"
    rows = months.store().query(sql, {"t": [digest]})
    return {code: (light, missing, json.loads(why)) for code, light, missing, why in rows}


def overview(say: Say, totals: dict[str, int], lines: list[TaskLine]) -> Section:
    red = [line for line in lines if line.light == "red"]
    rate = (
        f"{100 * totals['on_time'] / totals['reports_due']:.1f}%"
        if totals["reports_due"]
        else say("无应报", "nothing due")
    )
    text = say(
        f"纳入台账任务 {totals['tasks']} 项：绿灯 {totals['green']}、黄灯 {totals['yellow']}、"
        f"红灯 {totals['red']}、无数据 {totals['grey']}、已完成 {totals['blue']}。"
        f"应报 {totals['reports_due']} 份，已报 {totals['reports_in']} 份，按时 "
        f"{totals['on_time']} 份（{rate}）；缺报不按 0 计。",
        f"{totals['tasks']} tasks: {totals['green']} green, {totals['yellow']} yellow, "
        f"{totals['red']} red, {totals['grey']} without data, {totals['blue']} done. "
        f"{totals['reports_due']} reports were due, {totals['reports_in']} came in, "
        f"{totals['on_time']} on time ({rate}); a missing report is not counted as 0.",
    )
    table = Table(
        say("红灯任务", "Red tasks"),
        (
            Column("code", say("编号", "Code"), "text", 1.2),
            Column("title", say("任务", "Task"), "text", 4),
            Column("unit", say("责任部门", "Lead unit"), "text", 1.6),
            Column("due", say("时限", "Due"), "date", 1.4),
            Column("why", say("原因", "Reasons"), "text", 3.6),
        ),
        tuple(
            (x.code, x.title, say(x.unit.name_zh, x.unit.name_en), x.due, x.why(say("zh", "en")))
            for x in red
        ),
    )
    return Section(say("总体情况", "Overview"), (text,), (table,) if red else ())


def indicators(say: Say, period: Period) -> Section:
    rows = []
    for state in outlook(period.last):
        indicator = state.indicator
        rows.append(
            (
                say(indicator.name_zh, indicator.name_en),
                say(indicator.unit_zh, indicator.unit_en),
                f"{say(*state.verb)} {state.target.value.normalize():f}" if state.target else "",
                state.target.due if state.target else None,
                state.value,
                state.month,
                state.gap,
                state.forecast_text(say),
            )
        )
    table = Table(
        say("关键指标", "Key indicators"),
        (
            Column("name", say("指标", "Indicator"), "text", 3),
            Column("unit", say("单位", "Unit"), "text", 1),
            Column("target", say("目标", "Target"), "text", 1.3),
            Column("due", say("时限", "Due"), "date", 1.4),
            Column("value", say("最新值", "Latest"), "decimal", 1.3),
            Column("month", say("数据月份", "Month"), "month", 1.3),
            Column("gap", say("差额", "Gap"), "decimal", 1.2),
            Column("forecast", say("达标概率", "Probability"), "text", 1.4),
        ),
        tuple(rows),
        missing=say("缺报", "missing"),
    )
    note = say(
        "达标概率由已报序列按带漂移的随机游走推算，仅供预警，不作考核依据。",
        "Probabilities extrapolate the reported series as a random walk with drift; they warn, "
        "they do not assess.",
    )
    return Section(say("指标进展", "Indicators"), (note,), (table,))


def units(say: Say, period: Period, lines: list[TaskLine]) -> Section:
    scores: dict[int, list[Decimal]] = {}
    for unit_id, score in UnitScore.objects.filter(
        month__in=period.months, score__isnull=False
    ).values_list("unit_id", "score"):
        scores.setdefault(unit_id, []).append(score)
    units: dict[int, Unit] = {line.unit.pk: line.unit for line in lines}
    rows = []
    for pk, unit in sorted(units.items()):
        own = [line for line in lines if line.unit.pk == pk]
        given = scores.get(pk)
        rows.append(
            (
                say(unit.name_zh, unit.name_en),
                len(own),
                *(sum(x.light == c for x in own) for c in ("green", "yellow", "red", "blue")),
                sum(x.evidence for x in own),
                round(sum(given) / len(given), 1) if given else None,
            )
        )
    totals = (
        say("合计", "Total"),
        *(sum(row[i] for row in rows) for i in range(1, 7)),
        None,
    )
    table = Table(
        say("各责任部门", "Units"),
        (
            Column("unit", say("责任部门", "Unit"), "text", 3),
            Column("tasks", say("任务", "Tasks"), "int"),
            Column("green", say("绿", "Green"), "int"),
            Column("yellow", say("黄", "Yellow"), "int"),
            Column("red", say("红", "Red"), "int"),
            Column("blue", say("完成", "Done"), "int"),
            Column("evidence", say("佐证", "Evidence"), "int"),
            Column("score", say("考评分", "Score"), "decimal", places=1),
        ),
        tuple(rows),
        totals,
        missing=say("未评", "not scored"),
    )
    return Section(say("责任部门情况", "Units"), (), (table,))


def notices(say: Say, period: Period) -> Section:
    rows = Notice.objects.filter(opened_on__range=(period.first, period.last)).select_related(
        "task", "unit"
    )
    table = Table(
        say("工作提示、督办、约谈", "Reminders, supervision, interviews"),
        (
            Column("task", say("任务", "Task"), "text", 1.2),
            Column("unit", say("责任部门", "Unit"), "text", 2),
            Column("level", say("措施", "Step"), "text", 1.1),
            Column("opened", say("发出", "Opened"), "date", 1.2),
            Column("due", say("答复时限", "Answer due"), "date", 1.2),
            Column("answered", say("答复", "Answered"), "date", 1.2),
        ),
        tuple(
            (
                n.task.code, say(n.unit.name_zh, n.unit.name_en), say(*NOTICE_NAMES[n.level]),
                n.opened_on, n.due_on, n.answered_on,
            )
            for n in rows.order_by("opened_on", "task__code", "pk")
        ),
        missing=say("未答复", "unanswered"),
    )  # fmt: skip
    return Section(say("督导情况", "Supervision"), (), (table,))


def corrections(say: Say, period: Period) -> Section:
    rows = (
        MonthlyReport.objects.filter(month__in=period.months, supersedes__isnull=False)
        .select_related("task", "supersedes")
        .order_by("task__code", "pk")
    )
    table = Table(
        say("数据更正", "Corrections"),
        (
            Column("task", say("任务", "Task"), "text", 1.2),
            Column("month", say("月份", "Month"), "month", 1.2),
            Column("old", say("原数据", "Old figure"), "percent", 1),
            Column("new", say("更正为", "New figure"), "percent", 1),
            Column("reason", say("原因", "Reason"), "text", 4),
        ),
        tuple((r.task.code, r.month, r.supersedes.percent, r.percent, r.reason) for r in rows),
    )
    return Section(say("数据更正", "Corrections"), (), (table,))


def tasks(say: Say, lines: list[TaskLine]) -> Section:
    table = Table(
        say("任务台账", "Task ledger"),
        (
            Column("code", say("编号", "Code"), "text", 1.2),
            Column("title", say("任务", "Task"), "text", 4),
            Column("unit", say("责任部门", "Lead unit"), "text", 2),
            Column("due", say("时限", "Due"), "date", 1.3),
            Column("planned", say("计划", "Planned"), "percent", 1),
            Column("actual", say("实际", "Actual"), "percent", 1),
            Column("light", say("灯", "Light"), "light", 0.9),
            Column("missing", say("缺报", "Missing"), "int", 0.8),
            Column("evidence", say("佐证", "Evidence"), "int", 0.8),
        ),
        tuple(
            (
                x.code, x.title, say(x.unit.name_zh, x.unit.name_en), x.due, x.planned, x.actual,
                x.light, x.missing, x.evidence,
            )
            for x in lines
        ),
        (
            say("合计", "Total"), say(f"{len(lines)} 项", f"{len(lines)} tasks"), None, None, None,
            None, None, sum(x.missing for x in lines), sum(x.evidence for x in lines),
        ),
        missing=say("缺报", "missing"),
    )  # fmt: skip
    return Section(say("任务台账", "Task ledger"), (), (table,))
