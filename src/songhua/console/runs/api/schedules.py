"""Actions by the clock."""

from datetime import time
from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from songhua.console.api.once import Key, once
from songhua.console.runs.api import shown
from songhua.console.runs.api.given import Number, ScheduleMade, Switched
from songhua.console.runs.api.rows import one, seen
from songhua.console.runs.api.shown import REFUSALS, ScheduleList, ScheduleShown
from songhua.console.runs.models import Schedule
from songhua.console.runs.services import schedules as service

router = Router(tags=["定时运行 / Schedules"])


@router.get(
    "/schedules", url_name="schedules", response={200: ScheduleList, **REFUSALS},
    summary="定时运行一览 / List schedules",
)  # fmt: skip
def schedules(request: HttpRequest) -> dict[str, Any]:
    """All that the holder of the token may see."""
    rows = seen(request, Schedule).select_related("created_by")
    return {"rows": [shown.schedule(row) for row in rows]}


@router.post(
    "/schedules", url_name="schedules", response={201: ScheduleShown, **REFUSALS},
    summary="新建定时运行 / Make a schedule",
)  # fmt: skip
def schedule_make(request: HttpRequest, body: ScheduleMade, key: Key) -> Status:
    """It runs on the newest tables of the datasets that the action reads."""

    def make() -> dict[str, Any]:
        row = service.create(
            request.user, body.scenario, body.action, params=body.params, every=body.every,
            at=time.fromisoformat(body.at) if body.at else None, missed=body.missed,
            seed=body.seed,
        )  # fmt: skip
        return shown.schedule(row)

    return Status(201, once(request, key, body.model_dump(mode="json"), make))


@router.get(
    "/schedules/{number}", url_name="schedule", response={200: ScheduleShown, **REFUSALS},
    summary="一项定时运行 / One schedule",
)  # fmt: skip
def schedule(request: HttpRequest, number: Number) -> dict[str, Any]:
    """When it is due next, and why it was last refused."""
    return shown.schedule(one(request, Schedule, number))


@router.post(
    "/schedules/{number}/switch", url_name="schedule_switch",
    response={200: ScheduleShown, **REFUSALS}, summary="暂停或恢复 / Pause or resume",
)  # fmt: skip
def schedule_switch(request: HttpRequest, number: Number, body: Switched) -> dict[str, Any]:
    """Pause it, or let it go on from now."""
    service.switch(request.user, one(request, Schedule, number), enabled=body.enabled)
    return shown.schedule(one(request, Schedule, number))
