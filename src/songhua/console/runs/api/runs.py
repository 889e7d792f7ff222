"""Runs: asked for, watched, cancelled, repeated."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from songhua.console.api.once import Key, once
from songhua.console.runs import access
from songhua.console.runs.api import shown
from songhua.console.runs.api.given import Before, Most, Name, Number, RunAsked, State
from songhua.console.runs.api.rows import one, page, seen
from songhua.console.runs.api.shown import REFUSALS, RunPage, RunShown
from songhua.console.runs.models import Run
from songhua.console.runs.services import runs as service
from songhua.console.runs.services import work

router = Router(tags=["运行 / Runs"])


@router.get(
    "/runs", url_name="runs", response={200: RunPage, **REFUSALS},
    summary="运行一览 / List runs",
)  # fmt: skip
def runs(
    request: HttpRequest,
    scenario: Annotated[Name | None, Query(None)],
    action: Annotated[Name | None, Query(None)],
    state: Annotated[State | None, Query(None)],
    before: Before,
    limit: Most,
) -> dict[str, Any]:
    """Newest first."""
    rows = seen(request, Run).select_related("created_by")
    return page(
        rows, shown.run_line, before, limit, scenario=scenario, action=action, state=state
    )  # fmt: skip


@router.post(
    "/runs", url_name="runs", response={201: RunShown, **REFUSALS},
    summary="提交运行 / Ask for a run",
)  # fmt: skip
def run_ask(request: HttpRequest, body: RunAsked, key: Key) -> Status:
    """Queue one call of an action. Everything wrong with it is said at once."""

    def ask() -> dict[str, Any]:
        return shown.run(
            service.ask(
                request.user, body.scenario, body.action, tables=body.tables, params=body.params,
                seed=body.seed,
            )
        )  # fmt: skip

    return Status(201, once(request, key, body.model_dump(mode="json"), ask))


@router.get(
    "/runs/{number}", url_name="run", response={200: RunShown, **REFUSALS},
    summary="一次运行 / One run",
)  # fmt: skip
def run(request: HttpRequest, number: Number) -> dict[str, Any]:
    """State, progress, indicators, problems, tables and what fixes the answer."""
    return shown.run(one(request, Run, number))


@router.post(
    "/runs/{number}/cancel", url_name="run_cancel", response={200: RunShown, **REFUSALS},
    summary="取消运行 / Cancel a run",
)  # fmt: skip
def run_cancel(request: HttpRequest, number: Number) -> dict[str, Any]:
    """Take it out of the queue, or ask the worker to stop."""
    row = one(request, Run, number)
    access.demand(request.user, row.scenario)
    work.cancel(request.user, row)
    return shown.run(one(request, Run, number))


@router.post(
    "/runs/{number}/again", url_name="run_again", response={201: RunShown, **REFUSALS},
    summary="再次运行 / Run again",
)  # fmt: skip
def run_again(request: HttpRequest, number: Number, key: Key) -> Status:
    """The same question once more, of the code as it is now."""
    row = one(request, Run, number)
    again = once(request, key, None, lambda: shown.run(service.again(request.user, row)))
    return Status(201, again)
