"""What runs by the clock."""

from __future__ import annotations

from datetime import time
from typing import TYPE_CHECKING

from django.shortcuts import render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.runs import access, selectors
from songhua.console.runs.forms import ScheduleForm
from songhua.console.runs.services import schedules as service
from songhua.console.runs.views import common
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


def schedules(request: HttpRequest, name: str) -> HttpResponse:
    """The schedules of a scenario."""
    scenario = common.readable(request, name)
    rows = selectors.schedules(name)
    for row in rows:
        row.reasons = [Problem(**p) for p in row.problems]
    context = {
        "scenario": scenario, "rows": rows, "usable": name in access.usable(request.user),
    }  # fmt: skip
    return render(request, "runs/schedules.html", context)


def schedule_new(request: HttpRequest, name: str, action: str) -> HttpResponse:
    """Let an action run by the clock."""
    scenario = common.readable(request, name)
    access.demand(request.user, name)
    asked = common.action_of(scenario, action)
    if request.method == "GET":
        return _form(request, ScheduleForm(scenario, asked))
    form, given = ScheduleForm(scenario, asked, request.POST), request.POST
    try:
        at = time.fromisoformat(given["at"]) if given.get("at") else None
    except ValueError:
        at = None
    try:
        service.create(
            request.user, name, action, params=form.params(), every=given.get("every", ""),
            at=at, missed=given.get("missed", ""), seed=form.seed(),
        )  # fmt: skip
    except InputError as error:
        form.refuse(error.problems)
        return _form(request, form, 422)
    text = say("定时任务已建立。", "The schedule is made.")
    return done(request, text, "schedules", name)


def _form(request: HttpRequest, form: ScheduleForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "scenario": form.scenario, "action": form.action, "problems": form.others,
        "limits": [form[n] for n in ("every", "at", "missed", "seed")], "clock": True,
    }  # fmt: skip
    return render(request, "runs/run_new.html", context, status=status)


@require_POST
def schedule_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Pause it, or let it go on."""
    row = selectors.schedule_of(request.user, pk)
    enabled = request.POST.get("enabled") == "1"
    service.switch(request.user, row, enabled=enabled)
    text = say("已恢复。", "It goes on.") if enabled else say("已暂停。", "Paused.")
    return done(request, text, "schedules", row.scenario)
