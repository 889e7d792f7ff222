"""The ledger as a list, a table and a ledger (清单化、表格化、台账化); export and paste."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404, HttpResponse
from django.shortcuts import render

from songhua.console import clock
from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import selectors
from songhua.console.ledger.models import ImportBatch
from songhua.console.ledger.services import imports
from songhua.kit.errors import InputError
from songhua.tables import to_csv, to_xlsx

if TYPE_CHECKING:
    from django.http import HttpRequest

VIEWS = ("table", "list", "ledger")


def grid(request: HttpRequest) -> HttpResponse:
    """Rows with sort, filters and pages; htmx asks for the rows alone."""
    rows = selectors.tasks(request.user, request.GET)
    view = request.GET.get("view", "table")
    page = selectors.page(rows, request.GET.get("page", "1"))
    context = {
        "page": page,
        "view": view if view in VIEWS else "table",
        "given": request.GET,
        "units": selectors.units_with_tasks(),
        "colours": selectors.COLOURS,
    }
    if context["view"] == "ledger":
        context["months"] = selectors.recent_months(page.object_list, clock.today())
    template = "ledger/_grid.html" if request.htmx else "ledger/grid.html"
    return render(request, template, context)


HEADERS = (
    "任务编号", "任务名称", "层级", "责任部门", "对应任务", "开始", "时限", "状态", "灯",
    "计划进度(%)", "完成进度(%)", "最近填报月份", "连续缺报", "佐证数",
)  # fmt: skip


def export(request: HttpRequest, form: str) -> HttpResponse:
    """All rows under the present filters as CSV or XLSX, safe to open in a spreadsheet."""
    if form not in {"csv", "xlsx"}:
        raise Http404
    tasks = selectors.tasks(request.user, request.GET).select_related("obligation")
    rows = (
        (
            t.code, t.title, t.get_level_display(), t.lead_unit.name_zh, t.obligation.code,
            t.start, t.due, t.state, t.light, t.planned_percent, t.actual_percent,
            f"{t.last_month:%Y-%m}" if t.last_month else None, t.missing_months, t.evidence_count,
        )
        for t in tasks
    )  # fmt: skip
    if form == "csv":
        content, kind = to_csv(HEADERS, rows), "text/csv; charset=utf-8"
    else:
        content = to_xlsx("台账", HEADERS, rows)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="ledger.{form}"'
    return response


def paste(request: HttpRequest) -> HttpResponse:
    """Rows copied from a spreadsheet: checked as a whole, saved as a whole."""
    context = {"columns": imports.columns(ImportBatch.Kind.REPORTS), "given": request.POST}
    if request.method == "GET":
        return render(request, "ledger/paste.html", context)
    try:
        count = imports.take_in_pasted(request.user, request.POST.get("cells", ""))
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "ledger/paste.html", context, status=422)
    text = say("已填报 {n} 行。", "{n} rows are reported.", n=count)
    return done(request, text, "ledger")
