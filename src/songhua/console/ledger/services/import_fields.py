"""The headings that office files may carry, and how a cell beneath each is read."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from songhua.console.ledger.models import ImportBatch, Indicator, Obligation
from songhua.console.people.services import unit_named
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem
from songhua.tables import Field, match, unpivot
from songhua.tables.header import fold

if TYPE_CHECKING:
    from songhua.tables import Grid, Record

Kind = ImportBatch.Kind


def _text(value: object, where: str) -> str:
    return figures.plain(value)


def _filled(value: object, where: str) -> str:
    text = figures.plain(value)
    if not text:
        raise InputError(Problem(where, "empty"))
    return text


def _obligation(value: object, where: str) -> Obligation:
    row = Obligation.objects.filter(code=figures.plain(value)).first()
    if row is None:
        raise InputError(Problem(where, "obligation_unknown", str(value)))
    return row


def _indicator(value: object, where: str) -> Indicator:
    text = figures.plain(value)
    row = (
        Indicator.objects.filter(code=text).first()
        or Indicator.objects.filter(name_zh=text).first()
    )
    if row is None:
        raise InputError(Problem(where, "indicator_unknown", text))
    return row


CODE = Field("task", ("任务编号", "编号", "Task code", "Code"), _filled, required=True)
MONTH = Field("month", ("月份", "填报月份", "Month"), figures.month, required=True)
FIELDS: dict[str, tuple[tuple[Field, ...], tuple[str, ...]]] = {
    Kind.REPORTS: (
        (
            CODE,
            MONTH,
            Field("percent", ("完成进度", "实际进度", "实际", "Progress"), figures.percent,
                  required=True),
            Field("summary", ("完成情况", "进展情况", "Summary"), _text, required=False),
            Field("reason", ("滞后原因", "原因", "Reason"), _text, required=False),
        ),
        ("task", "month"),
    ),
    Kind.PLANS: (
        (
            CODE,
            MONTH,
            Field("percent", ("计划进度", "计划", "Planned progress"), figures.percent,
                  required=True),
            Field("content", ("计划内容", "工作内容", "Content"), _text, required=False),
        ),
        ("task", "month"),
    ),
    Kind.TASKS: (
        (
            CODE,
            Field("title", ("任务名称", "任务", "Title"), _filled, required=True),
            Field("obligation", ("对应任务", "方案任务编号", "Obligation"), _obligation,
                  required=True),
            Field("unit", ("责任部门", "责任单位", "牵头单位", "Lead unit"), unit_named,
                  required=True),
            Field("start", ("开始日期", "开始", "Start"), figures.day, required=True),
            Field("due", ("完成时限", "时限", "Due"), figures.day, required=True),
            Field("enterprise", ("企业名称", "Enterprise"), _text, required=False),
            Field("credit_code", ("统一社会信用代码", "Credit code"), figures.credit_code,
                  required=False),
        ),
        ("task",),
    ),
    Kind.INDICATORS: (
        (
            Field("indicator", ("指标", "指标名称", "指标编码", "Indicator"), _indicator,
                  required=True),
            MONTH,
            Field("value", ("指标值", "累计值", "数值", "Value"), figures.decimal, required=True),
            Field("reason", ("说明", "原因", "Reason"), _text, required=False),
        ),
        ("indicator", "month"),
    ),
}  # fmt: skip
ALLOWED = (
    "序号",
    "任务名称",
    "责任部门",
    "责任单位",
    "牵头单位",
    "时限",
    "完成时限",
    "备注",
    "No.",
)
"""Headings that offices keep beside the figures for their own reading; they are passed over."""

_HEAD_ROWS = 15
_BY_MONTH = {
    Kind.REPORTS: Field("planned", ("计划进度", "计划", "Planned progress"), _text, required=False),
    Kind.PLANS: Field(
        "actual", ("完成进度", "实际进度", "实际", "Progress"), _text, required=False
    ),
}


def records(kind: str, grid: Grid) -> list[Record]:
    """The records of an office's sheet in either form, or every problem with it.

    Long: one row a task and month. Wide: one row a task, the months across the top (2023年6月,
    merged or not) over 计划, 实际, 完成情况; a month whose cells are empty is no report, not 0.
    """
    fields, key = FIELDS[kind]
    if kind not in _BY_MONTH:
        return match(grid, fields, key=key)
    head = {fold(str(cell)) for row in grid.cells[:_HEAD_ROWS] for cell in row if cell is not None}
    if head & {fold(title) for title in MONTH.titles}:
        return match(grid, fields, key=key, allow=ALLOWED)
    own = [replace(f, required=False) for f in fields if f not in (CODE, MONTH)]
    found = unpivot(grid, [CODE], [*own, _BY_MONTH[kind]], key=key, allow=ALLOWED)
    said = [r for r in found if any(r.values.get(f.name) is not None for f in own)]
    silent = [
        Problem(r.place("percent"), "empty", "", r.row, own[0].titles[0])
        for r in said
        if r.values.get("percent") is None
    ]
    if silent:
        raise InputError(silent)
    return said
