"""Scenarios, tables, runs, decisions and schedules for programs: one router each."""

from ninja import Router

from songhua.console.runs.api.decisions import router as decisions
from songhua.console.runs.api.runs import router as runs
from songhua.console.runs.api.scenarios import router as scenarios
from songhua.console.runs.api.schedules import router as schedules
from songhua.console.runs.api.tables import router as tables

router = Router()
for part in (scenarios, tables, runs, decisions, schedules):
    router.add_router("", part)
