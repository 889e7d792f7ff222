"""Actions by the clock. Each due time makes one run, whatever was killed or started twice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.runs import access
from songhua.console.runs.models import Run, Schedule
from songhua.console.runs.services import runs, tables
from songhua.kit.errors import InputError, Problem, SonghuaError
from songhua.kit.params import parse
from songhua.runtime.registry import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.people.models import User

QUARTER = timedelta(minutes=15)
MOST_AT_ONCE = 96  # one day of quarter hours; an older backlog waits for the next tick


def following(every: str, at: time | None, after: datetime) -> datetime:
    """The first due time later than `after`: a full quarter hour, or `at` in the city's time."""
    if every == Schedule.Every.QUARTER_HOUR:
        whole = after.replace(minute=after.minute - after.minute % 15, second=0, microsecond=0)
        return whole + QUARTER
    local = timezone.localtime(after)
    due = datetime.combine(local.date(), at or time(), tzinfo=local.tzinfo)
    return due if due > after else due + timedelta(days=1)


@transaction.atomic
def create(
    actor: User,
    scenario: str,
    action: str,
    *,
    params: Mapping[str, object],
    every: str,
    at: time | None = None,
    missed: str = Schedule.Missed.LATEST,
    seed: int = 1,
) -> Schedule:
    """Let `action` run by the clock on the newest tables."""
    _, asked = find(scenario, action)
    access.demand(actor, scenario)
    problems = []
    if every not in Schedule.Every.values:
        problems.append(Problem("every", "param_choice", "、".join(Schedule.Every.values)))
    if missed not in Schedule.Missed.values:
        problems.append(Problem("missed", "param_choice", "、".join(Schedule.Missed.values)))
    if every == Schedule.Every.DAY and at is None:
        problems.append(Problem("at", "empty"))
    if problems:
        raise InputError(problems)
    audit.hold()
    row = Schedule.objects.create(
        scenario=scenario, action=action,
        params=parse(asked.params, params).model_dump(mode="json"), seed=seed, every=every,
        at=at, missed=missed, next_at=following(every, at, clock.now()), created_by=actor,
        created_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "schedule_created", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "enabled"),
    )  # fmt: skip
    return row


@transaction.atomic
def switch(actor: User, schedule: Schedule, *, enabled: bool) -> None:
    """Pause it, or let it go on from now."""
    access.demand(actor, schedule.scenario)
    audit.hold()
    row = Schedule.objects.select_for_update().get(pk=schedule.pk)
    row.enabled = enabled
    if enabled:
        row.next_at = following(row.every, row.at, clock.now())
    row.save()
    audit.record(actor, "schedule_switched", vouch.subject(row), sets=vouch.sets(row, "enabled"))


def due_times(row: Schedule, now: datetime) -> tuple[list[datetime], datetime]:
    """The times to run for now, by the rule for missed ones, and the next one after."""
    times, due = [], row.next_at
    while due <= now and len(times) < MOST_AT_ONCE:
        times.append(due)
        due = following(row.every, row.at, due)
    if row.missed != Schedule.Missed.ALL and times:
        late = now - times[-1] if row.missed == Schedule.Missed.SKIP else timedelta(0)
        times = times[-1:] if late < QUARTER else []
        due = following(row.every, row.at, now)
    return times, due


def tick() -> int:
    """Ask for every run that is due. Harmless twice; returns how many were asked for."""
    asked, now = 0, clock.now()
    for row in Schedule.objects.filter(enabled=True, next_at__lte=now).select_related("created_by"):
        times, due = due_times(row, now)
        for at in times:
            asked += _ask(row, at)
        Schedule.objects.filter(pk=row.pk, next_at=row.next_at).update(next_at=due)
    return asked


def _ask(row: Schedule, at: datetime) -> int:
    if Run.objects.filter(schedule=row, due_at=at).exists():
        return 0
    _, action = find(row.scenario, row.action)
    newest = {name: tables.usable_for(row.scenario, name)[:1] for name in action.reads}
    given = {name: found[0].pk for name, found in newest.items() if found}
    try:
        with transaction.atomic():
            runs.ask(
                row.created_by, row.scenario, row.action, tables=given, params=row.params,
                seed=row.seed, schedule=row, due_at=at,
            )  # fmt: skip
    except IntegrityError:
        return 0  # another worker was first
    except SonghuaError as error:
        Schedule.objects.filter(pk=row.pk).update(
            refused_at=at, problems=[asdict(p) for p in error.problems]
        )
        return 0
    return 1
