"""What the pages of scenarios read. Each function says how many queries it makes; none grows with
the number of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.db.models import Count, Exists, Max, OuterRef
from django.shortcuts import get_object_or_404

from songhua.console.people.models import User
from songhua.console.runs import access
from songhua.console.runs.models import Decision, Run, Schedule, Table, Work
from songhua.console.runs.services import work
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from django.db.models import QuerySet

    from songhua.kit.spec import Scenario

PAGE_SIZE = 50
W = TypeVar("W", bound=Work)


@dataclass(frozen=True)
class Slice(Generic[W]):
    """A page of rows, the newest first, and the keys to go on from (None where there is an end)."""

    rows: list[W]
    newer: int | None
    older: int | None


def cut(rows: QuerySet[W], given: Mapping[str, str], size: int = PAGE_SIZE) -> Slice[W]:
    """The rows before the key `before`, after the key `after`, or the newest: 1 query, which the
    index on the key answers however many rows there are."""
    before, after = _key(given, "before"), _key(given, "after")
    if after:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        older = found[-1].pk if found else after + 1
        return Slice(found, found[0].pk if more else None, older)
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    newer = (found[0].pk if found else before - 1) if before else None
    return Slice(found, newer, found[-1].pk if more else None)


def _key(given: Mapping[str, str], name: str) -> int:
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


@dataclass(frozen=True)
class Card:
    """A scenario and what was made of it so far; the counts are None for who may not see them."""

    scenario: Scenario
    usable: bool
    tables: int | None = None
    runs: int | None = None
    last: Run | None = None


def cards(user: User) -> list[Card]:
    """Every scenario: 3 queries, and those for the rights."""
    usable, readable = access.usable(user), access.readable(user)
    tables = _counts(Table.objects.filter(run=None), readable, n=Count("pk"))
    runs = _counts(Run.objects.all(), readable, n=Count("pk"), last=Max("pk"))
    last = Run.objects.defer("trace").in_bulk([found["last"] for found in runs.values()])
    return [
        Card(
            scenario, scenario.name in usable, tables.get(scenario.name, {}).get("n", 0),
            runs.get(scenario.name, {}).get("n", 0),
            last.get(runs.get(scenario.name, {}).get("last")),
        )
        if scenario.name in readable
        else Card(scenario, usable=False)
        for scenario in scenarios().values()
    ]  # fmt: skip


def _counts(
    rows: QuerySet[Any], names: Collection[str], **wanted: object
) -> dict[str, dict[str, Any]]:
    found = rows.filter(scenario__in=names).order_by().values("scenario").annotate(**wanted)
    return {row["scenario"]: row for row in found}


def brought_in(scenario: str) -> QuerySet[Table]:
    """The tables that people brought in, whatever became of them."""
    rows = Table.objects.filter(scenario=scenario, run=None)
    return rows.select_related("created_by").defer("trace")


def newest_outputs(scenario: str) -> dict[str, Table]:
    """The newest table that runs have written of each dataset, where its rows are kept."""
    rows = Table.objects.filter(
        scenario=scenario, run__isnull=False, state=Work.State.DONE, dropped_at=None
    )
    newest = rows.order_by().values("dataset").annotate(last=Max("pk")).values("last")
    return {table.dataset: table for table in rows.filter(pk__in=newest)}


def rows_of(table: Table) -> Path:
    """The Parquet file with the rows of a table."""
    return work.store().path(table.digest)


def runs(readable: Collection[str], given: Mapping[str, str]) -> QuerySet[Run]:
    """Runs of these scenarios under the filters scenario, action, state and person."""
    rows = Run.objects.filter(scenario__in=readable)
    for name, column in (
        ("scenario", "scenario"), ("action", "action"), ("state", "state"),
    ):  # fmt: skip
        if given.get(name):
            rows = rows.filter(**{column: given[name]})
    if person := _key(given, "person"):
        rows = rows.filter(created_by=person)
    return rows.select_related("created_by").defer("trace", "kpis", "params")


def people(readable: Collection[str]) -> QuerySet[User]:
    """Who has asked for a run of these scenarios: 1 query."""
    asked = Run.objects.filter(created_by=OuterRef("pk"), scenario__in=readable)
    return User.objects.filter(Exists(asked)).order_by("name", "username")


def run_of(user: User, pk: int) -> Run:
    """The run, if this person may see it; 404 otherwise, so that numbers cannot be probed."""
    rows = Run.objects.filter(scenario__in=access.readable(user))
    return get_object_or_404(rows.select_related("created_by", "schedule"), pk=pk)


def table_of(user: User, pk: int) -> Table:
    """The table, if this person may see it; 404 otherwise."""
    rows = Table.objects.filter(scenario__in=access.readable(user))
    return get_object_or_404(rows.select_related("created_by", "run"), pk=pk)


def decision_of(user: User, pk: int) -> Decision:
    """The decision, if this person may see its run; 404 otherwise."""
    rows = Decision.objects.filter(run__scenario__in=access.readable(user))
    return get_object_or_404(rows.select_related("run"), pk=pk)


def schedule_of(user: User, pk: int) -> Schedule:
    """The schedule, if this person may see its scenario; 404 otherwise."""
    return get_object_or_404(Schedule.objects.filter(scenario__in=access.readable(user)), pk=pk)


def readers(table: Table) -> list[Run]:
    """The newest runs that read a table: 1 query."""
    rows = Run.objects.filter(inputs__table=table).select_related("created_by")
    return list(rows.defer("trace", "params", "kpis")[:20])


def decisions(run: Run) -> list[Decision]:
    """The decisions on the ground of a run, with those who took their steps, and the `gap` between
    what was measured and what was expected: 1 query."""
    people = ("proposed_by", "decided_by", "carried_out_by", "measured_by")
    rows = list(run.decisions.select_related(*people))
    for row in rows:
        known = row.measured is not None and row.expected is not None
        row.gap = row.measured - row.expected if known else None
    return rows


def schedules(scenario: str) -> list[Schedule]:
    """What runs by the clock: 1 query."""
    return list(Schedule.objects.filter(scenario=scenario).select_related("created_by"))


def named(keys: Collection[str]) -> dict[str, Run]:
    """The runs with these keys, by key: 1 query."""
    pks = [int(key) for key in keys if key.isdecimal()]
    return {str(run.pk): run for run in Run.objects.filter(pk__in=pks).defer("trace", "params")}
