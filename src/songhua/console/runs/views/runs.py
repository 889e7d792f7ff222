"""Runs: asked for by a form, listed, looked at, repeated, compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from songhua.console.design import say
from songhua.console.design.posted import done
from songhua.console.ledger import selectors as ledger
from songhua.console.people.models import Role
from songhua.console.runs import access, charts, comparison, downloads, selectors
from songhua.console.runs.command import command
from songhua.console.runs.forms import ActionForm
from songhua.console.runs.models import Work
from songhua.console.runs.services import decisions, tables, work
from songhua.console.runs.services import runs as service
from songhua.console.runs.views import common
from songhua.kit.errors import InputError, Problem
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest

    from songhua.console.runs.models import Run, Table

GLANCE = 8  # rows of a result shown on the run's page


def runs(request: HttpRequest) -> HttpResponse:
    """Every run that this person may see, under the filters."""
    readable = access.readable(request.user)
    shown = [s for s in scenarios().values() if s.name in readable]
    context = {
        "page": selectors.cut(selectors.runs(readable, request.GET), request.GET),
        "given": request.GET, "scenarios": shown,
        "people": selectors.people(readable),
    }  # fmt: skip
    return render(request, "runs/runs.html", context)


def run_new(request: HttpRequest, name: str, action: str) -> HttpResponse:
    """The form of an action, and its sending."""
    scenario = common.readable(request, name)
    access.demand(request.user, name)
    asked = common.action_of(scenario, action)
    ready = {dataset: tables.usable_for(name, dataset) for dataset in asked.reads}
    if request.method == "GET":
        initial = {f"table-{n}": request.GET[n] for n in asked.reads if n in request.GET}
        form = ActionForm(scenario, asked, tables=ready, initial=initial)
        return _form(request, form)
    form = ActionForm(scenario, asked, request.POST, ready)
    try:
        run = service.ask(
            request.user, name, action, tables=form.chosen(), params=form.params(),
            seed=form.seed(),
        )  # fmt: skip
    except InputError as error:
        form.refuse(error.problems)
        return _form(request, form, 422)
    return redirect("run", run.pk)


def _form(request: HttpRequest, form: ActionForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form, "scenario": form.scenario, "action": form.action, "problems": form.others,
        "limits": [f for f in form if f.name == "seed"],
    }  # fmt: skip
    return render(request, "runs/run_new.html", context, status=status)


def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One run: its state (the page asks again while it lasts), then all that came of it."""
    row = selectors.run_of(request.user, pk)
    if request.htmx:
        if row.over:
            return HttpResponse(headers={"HX-Refresh": "true"})
        usable = row.scenario in access.usable(request.user)
        return render(request, "runs/_run_state.html", {"run": row, "usable": usable})
    return page(request, row)


def page(
    request: HttpRequest, row: Run, problems: Sequence[Problem] = (), status: int = 200
) -> HttpResponse:
    """The page of a run, with what was wrong with a step taken on it."""
    scenario = common.declared(row.scenario)
    outputs = list(row.outputs.order_by("pk"))  # as the action declares them
    usable = row.scenario in access.usable(request.user)
    inputs = list(row.inputs.select_related("table"))
    context: dict[str, object] = {
        "run": row, "scenario": scenario, "usable": usable, "inputs": inputs,
        "reasons": common.problems_of(row), "problems": problems, "given": request.POST,
        "office": request.user.role == Role.OFFICE, "command": command(row, inputs),
        "decider": request.user.role in decisions.DECIDERS,
    }  # fmt: skip
    if row.state == Work.State.DONE:
        context |= {
            "pictures": charts.pictures(scenario, [{t.name: t for t in outputs}]),
            "outputs": [_glance(t) for t in outputs],
            "decisions": selectors.decisions(row),
            "evidence": ledger.evidence_of_run(request.user, str(row.pk)),
            "tasks": ledger.tasks(request.user, {"state": "active"})[:100] if usable else (),
        }
    return render(request, "runs/run.html", context, status=status)


def _glance(table: Table) -> dict[str, object]:
    from songhua.runtime import browse

    found: dict[str, object] = {"table": table, "forms": downloads.forms(table)}
    if table.dropped_at is None and table.rows:
        path = work.store().path(table.digest)
        found["names"], found["rows"] = browse.preview(path, offset=0, limit=GLANCE)
    return found


@require_POST
def run_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it out of the queue, or stop it."""
    row = selectors.run_of(request.user, pk)
    access.demand(request.user, row.scenario)
    work.cancel(request.user, row)
    return done(request, say("已要求取消。", "It is to be cancelled."), "run", pk)


@require_POST
def run_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask the same question once more."""
    row = selectors.run_of(request.user, pk)
    try:
        return redirect("run", service.again(request.user, row).pk)
    except InputError as error:
        return page(request, row, error.problems, 422)


def run_compare(request: HttpRequest) -> HttpResponse:
    """Two runs of a scenario beside each other."""
    keys = [key for key in request.GET.getlist("run") if key.isascii() and key.isdigit()]
    keys = sorted({int(key) for key in keys if len(key) < 19})
    pair = [selectors.run_of(request.user, key) for key in keys[:2]]
    if len(keys) != 2 or pair[0].scenario != pair[1].scenario:
        raise InputError(Problem("run", "compare_two", str(len(keys))))
    scenario = common.declared(pair[0].scenario)
    outputs = [{t.name: t for t in row.outputs.all()} for row in pair]
    context = {
        "first": pair[0], "second": pair[1], "scenario": scenario,
        "parameters": comparison.parameters(*pair), "indicators": comparison.indicators(*pair),
        "inputs": comparison.inputs(*pair), "pictures": charts.pictures(scenario, outputs),
    }  # fmt: skip
    return render(request, "runs/compare.html", context)
