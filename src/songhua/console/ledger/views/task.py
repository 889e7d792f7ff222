"""One task: its whole history on one page, and everything that can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST

from songhua.console import files
from songhua.console.design import say
from songhua.console.design.posted import civil, done
from songhua.console.ledger import charts, counted, history, selectors
from songhua.console.ledger.models import Evidence, Obligation, Task
from songhua.console.ledger.models.oversight import Source
from songhua.console.ledger.outlook import completion, whole_percent
from songhua.console.ledger.services import evidence as evidence_service
from songhua.console.ledger.services import notices, plans, reports, tasks
from songhua.console.ledger.views.forms import own_task
from songhua.console.people.models import Unit
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest


def task(request: HttpRequest, code: str) -> HttpResponse:
    """The task, its months, evidence, closings, notices and history."""
    return _page(request, own_task(request, code))


def _page(
    request: HttpRequest, row: Task, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    cells = selectors.month_cells(row)
    reports = [r for cell in cells for r in (cell.report, *cell.earlier) if r is not None]
    evidence = list(row.evidence.select_related("submitted_by", "decided_by"))
    acceptances = list(row.acceptances.select_related("submitted_by", "decided_by"))
    cases = list(row.notices.select_related("unit", "answered_by"))
    context = {
        "task": row,
        "cells": cells,
        "chart": charts.task_progress(cells),
        "ahead": (ahead := completion(row, cells)),
        "ahead_percent": whole_percent(ahead),
        "children": row.children.select_related("lead_unit"),
        "evidence": evidence,
        "acceptances": acceptances,
        "notices": cases,
        "triggers": row.triggers.select_related("created_by"),
        "history": history.of_task(row, reports, evidence, acceptances, cases)[:50],
        "actions": tasks.actions(request.user, row),
        "collections": counted.showing(row.obligation.code),
        "sources": notices.sources_for(request.user),
        "problems": problems,
        "given": request.POST,
    }
    return render(request, "ledger/task.html", context, status=status)


def task_new(request: HttpRequest) -> HttpResponse:
    """Create a task or, beneath one, a project."""
    context = {
        "units": Unit.objects.all(),
        "obligations": Obligation.objects.all(),
        "given": request.POST or request.GET,
    }
    if request.method == "GET":
        return render(request, "ledger/task_new.html", context)
    given = request.POST
    try:
        row = _create(request, given)
    except InputError as error:
        context["problems"] = error.problems
        return render(request, "ledger/task_new.html", context, status=422)
    return done(request, say("任务已建立。", "The task is created."), "task", row.code)


def _create(request: HttpRequest, given: dict[str, str]) -> Task:
    problems: list[Problem] = []

    def read(function: object, *arguments: object) -> object:
        try:
            return function(*arguments)
        except InputError as error:
            problems.extend(error.problems)
            return None

    obligation = Obligation.objects.filter(code=given.get("obligation", "")).first()
    unit = Unit.objects.filter(code=given.get("unit", "")).first()
    parent = Task.objects.filter(code=given.get("parent", "")).first()
    if obligation is None:
        problems.append(Problem("obligation", "obligation_unknown", given.get("obligation", "")))
    if unit is None:
        problems.append(Problem("unit", "unit_unknown", given.get("unit", "")))
    if given.get("parent") and parent is None:
        problems.append(Problem("parent", "task_unknown", given["parent"]))
    start = read(civil, given.get("start", ""), "start")
    due = read(civil, given.get("due", ""), "due")
    yuan = None
    if given.get("investment_yuan", "").strip():
        yuan = read(figures.decimal, given["investment_yuan"], "investment_yuan")
    if problems:
        raise InputError(problems)
    return tasks.create(
        request.user,
        code=given.get("code", ""),
        title=given.get("title", ""),
        obligation=obligation,
        lead_unit=unit,
        start=start,
        due=due,
        parent=parent,
        enterprise=given.get("enterprise", "").strip(),
        credit_code=given.get("credit_code", "").strip(),
        investment_fen=int(yuan * 100) if yuan is not None else None,
    )


@require_POST
def task_act(request: HttpRequest, code: str) -> HttpResponse:
    """Activate, suspend, resume, cancel."""
    row = own_task(request, code)
    tasks.act(request.user, row, request.POST.get("action", ""), request.POST.get("reason", ""))
    return done(request, say("任务状态已更新。", "The task's state has changed."), "task", code)


@require_POST
def task_plan(request: HttpRequest, code: str) -> HttpResponse:
    """Set or change the planned progress of the months that were filled in."""
    row = own_task(request, code)
    entries, problems = [], []
    for name, text in request.POST.items():
        if name.startswith("percent-") and text.strip():
            try:
                month = figures.month(name.removeprefix("percent-"), "month")
                entries.append((month, figures.percent(text, name), ""))
            except InputError as error:
                problems += error.problems
    if not entries and not problems:
        problems.append(Problem("percent", "empty"))
    try:
        if problems:
            raise InputError(problems)
        plans.submit_plan(request.user, row, entries, request.POST.get("reason", ""))
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("计划已保存。", "The plan is saved."), "task", code)


@require_POST
def task_report(request: HttpRequest, code: str) -> HttpResponse:
    """Report a month, or correct one."""
    row = own_task(request, code)
    correction = request.POST.get("correction") == "1"
    try:
        reports.submit_report(request.user, row, request.POST.dict(), correction=correction)
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("月报已提交。", "The report is filed."), "task", code)


@require_POST
def task_evidence(request: HttpRequest, code: str) -> HttpResponse:
    """Submit a file or a link as evidence."""
    row = own_task(request, code)
    upload, title = request.FILES.get("file"), request.POST.get("title", "")
    try:
        if upload is not None:
            evidence_service.submit_file(
                request.user, row, title=title, filename=upload.name or "", chunks=upload.chunks()
            )
        else:
            evidence_service.submit_link(
                request.user, row, title=title, url=request.POST.get("url", "").strip()
            )
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("佐证材料已提交。", "The evidence is submitted."), "task", code)


@require_POST
def task_submit(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for acceptance."""
    row = own_task(request, code)
    try:
        tasks.submit_closing(request.user, row, request.POST.get("statement", ""))
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("验收申请已提交。", "Acceptance is asked for."), "task", code)


@require_POST
def task_decide(request: HttpRequest, code: str) -> HttpResponse:
    """Close or return."""
    row = own_task(request, code)
    passed = request.POST.get("passed") == "1"
    try:
        tasks.decide_closing(
            request.user, row, passed=passed, opinion=request.POST.get("opinion", "")
        )
    except InputError as error:
        return _page(request, row, error.problems, 422)
    text = say("已销号。", "Closed.") if passed else say("已退回。", "Returned.")
    return done(request, text, "task", code)


@require_POST
def task_trigger(request: HttpRequest, code: str) -> HttpResponse:
    """Enter an instruction, requirement or finding."""
    row = own_task(request, code)
    try:
        notices.add_trigger(
            request.user,
            row,
            source=request.POST.get("source", Source.LEADER),
            title=request.POST.get("title", ""),
            issuer=request.POST.get("issuer", ""),
        )
    except InputError as error:
        return _page(request, row, error.problems, 422)
    return done(request, say("已登记并发出提示。", "Entered; a reminder is out."), "task", code)


def evidence_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file as it was submitted, always as a download."""
    rows = Evidence.objects.filter(task__in=Task.objects.visible_to(request.user), kind="file")
    row = get_object_or_404(rows, pk=pk)
    return FileResponse(
        files.path_of(row.sha256).open("rb"),
        as_attachment=True,
        filename=row.filename,
        content_type="application/octet-stream",
    )


@require_POST
def evidence_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or reject."""
    rows = Evidence.objects.filter(task__in=Task.objects.visible_to(request.user))
    row = get_object_or_404(rows.select_related("task"), pk=pk)
    accepted = request.POST.get("accepted") == "1"
    opinion = request.POST.get("opinion", "")
    try:
        evidence_service.decide(request.user, row, accepted=accepted, opinion=opinion)
    except InputError as error:
        return _page(request, row.task, error.problems, 422)
    text = say("已采信。", "Accepted.") if accepted else say("不予采信。", "Rejected.")
    return done(request, text, "task", row.task.code)
