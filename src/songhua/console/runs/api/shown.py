"""What programs are shown of each record, and how it is made from one.

The functions give plain JSON values, so that an answer can be kept and said again.
"""

from datetime import datetime
from typing import Any, Literal

from django.db.models import Model
from ninja import Schema

from songhua.console.api.problems import spelled
from songhua.console.ledger.models import Evidence
from songhua.console.runs.api.given import DecisionState, State
from songhua.console.runs.models import Decision, Run, Schedule, Table
from songhua.kit.errors import Problem


class ProblemShown(Schema):
    """One thing wrong: where, which rule, the value seen, and the sentence in both languages."""

    where: str
    code: str
    value: str
    row: int | None
    column: str | None
    zh: str
    en: str


class Refusal(Schema):
    """Why a request was not carried out."""

    problems: list[ProblemShown]


REFUSALS = {frozenset({400, 401, 403, 404, 409, 413, 415, 422, 429}): Refusal}


class WorkShown(Schema):
    """What a table and a run have in common."""

    id: int
    scenario: str
    state: State
    progress: float
    problems: list[ProblemShown]
    created_by: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class TableShown(WorkShown):
    """A table brought in (`run` is None) or written by a run."""

    dataset: str
    name: str
    size: int
    source_sha256: str
    rows: int
    digest: str
    left_out: list[str]
    encoding: str
    run: int | None
    dropped_at: datetime | None


class TablePage(Schema):
    """Tables, newest first; `next` is the value of `before` for the following page."""

    rows: list[TableShown]
    next: int | None


class RowPage(Schema):
    """Rows of a table in their order; instants are UTC."""

    columns: list[str]
    rows: list[dict[str, str | float | int | bool | None]]
    offset: int
    total: int


class RunLine(WorkShown):
    """A run in a list."""

    action: str
    seed: int
    kpis: dict[str, float | None]
    schedule: int | None


class RunPage(Schema):
    """Runs, newest first; `next` is the value of `before` for the following page."""

    rows: list[RunLine]
    next: int | None


class TableLink(Schema):
    """A table that a run read or wrote."""

    table: int
    rows: int
    digest: str


class Provenance(Schema):
    """What fixes a run's answer; two runs with the same `digest` answer alike."""

    inputs: dict[str, str]
    inputs_digest: str
    code: str
    digest: str


class RunShown(RunLine):
    """A run with everything that went in and came out."""

    params: dict[str, Any]
    cancel_asked: bool
    inputs: dict[str, TableLink]
    outputs: dict[str, TableLink]
    provenance: Provenance


class DecisionShown(Schema):
    """A decision and what became of it."""

    id: int
    run: int
    text: str
    indicator: str
    expected: float | None
    measured: float | None
    state: DecisionState
    reason: str
    note: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    carried_out_by: str | None
    carried_out_at: datetime | None
    measured_by: str | None
    measured_at: datetime | None


class DecisionPage(Schema):
    """Decisions, newest first; `next` is the value of `before` for the following page."""

    rows: list[DecisionShown]
    next: int | None


class ScheduleShown(Schema):
    """An action by the clock; `at` is city time, HH:MM."""

    id: int
    scenario: str
    action: str
    params: dict[str, Any]
    seed: int
    every: Literal["quarter_hour", "day"]
    at: str | None
    missed: Literal["latest", "all", "skip"]
    enabled: bool
    next_at: datetime
    refused_at: datetime | None
    problems: list[ProblemShown]
    created_by: str
    created_at: datetime


class ScheduleList(Schema):
    """Every schedule."""

    rows: list[ScheduleShown]


class EvidenceShown(Schema):
    """An indicator of a run as evidence of a task."""

    id: int
    task: str
    title: str
    run: int
    inputs_digest: str
    seed: int
    state: str


def fields(row: Model, *names: str) -> dict[str, Any]:
    """The named values of `row`, instants as text."""
    found = {name: getattr(row, name) for name in names}
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in found.items()}


def problems(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Kept problems with their sentences."""
    return [spelled(Problem(**p)) for p in found]


def _who(person: Any) -> str | None:
    return person.username if person else None


def _work(row: Run | Table) -> dict[str, Any]:
    names = ("scenario", "state", "progress", "created_at", "started_at", "finished_at")
    return {
        "id": row.pk, "problems": problems(row.problems), "created_by": _who(row.created_by),
        **fields(row, *names),
    }  # fmt: skip


def table(row: Table) -> dict[str, Any]:
    """As `TableShown`."""
    names = ("dataset", "name", "size", "source_sha256", "rows", "digest", "left_out", "encoding",
             "dropped_at")  # fmt: skip
    return _work(row) | fields(row, *names) | {"run": row.run_id}


def run_line(row: Run) -> dict[str, Any]:
    """As `RunLine`."""
    return _work(row) | fields(row, "action", "seed", "kpis") | {"schedule": row.schedule_id}


def run(row: Run) -> dict[str, Any]:
    """As `RunShown`."""
    inputs = {i.name: i.table for i in row.inputs.select_related("table")}
    outputs = {t.name: t for t in row.outputs.order_by("pk")}
    return run_line(row) | {
        **fields(row, "params", "cancel_asked"),
        "inputs": {n: _link(t) for n, t in inputs.items()},
        "outputs": {n: _link(t) for n, t in outputs.items()},
        "provenance": {
            "inputs": {n: t.digest for n, t in inputs.items()},
            **fields(row, "inputs_digest", "code", "digest"),
        },
    }


def _link(row: Table) -> dict[str, Any]:
    return {"table": row.pk, "rows": row.rows, "digest": row.digest}


def decision(row: Decision) -> dict[str, Any]:
    """As `DecisionShown`."""
    acts = ("proposed", "decided", "carried_out", "measured")
    return {
        "id": row.pk, "run": row.run_id,
        **fields(row, "text", "indicator", "expected", "measured", "state", "reason", "note",
                 *(f"{act}_at" for act in acts)),
        **{f"{act}_by": _who(getattr(row, f"{act}_by")) for act in acts},
    }  # fmt: skip


def schedule(row: Schedule) -> dict[str, Any]:
    """As `ScheduleShown`."""
    names = ("scenario", "action", "params", "seed", "every", "missed", "enabled", "next_at",
             "refused_at", "created_at")  # fmt: skip
    return {
        "id": row.pk, "at": row.at and row.at.strftime("%H:%M"),
        "problems": problems(row.problems), "created_by": row.created_by.username,
        **fields(row, *names),
    }  # fmt: skip


def evidence(row: Evidence) -> dict[str, Any]:
    """As `EvidenceShown`."""
    return {"id": row.pk, "task": row.task.code, "run": int(row.run_id),
            **fields(row, "title", "inputs_digest", "seed", "state")}  # fmt: skip
