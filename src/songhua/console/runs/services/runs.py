"""Runs: asked for with everything that fixes their answer, and what may be made of them after."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, evidence, vouch
from songhua.console.runs import access
from songhua.console.runs.models import Run, RunInput, Table, Work
from songhua.console.runs.services import work
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.params import parse
from songhua.kit.terms import terms
from songhua.runtime.execute import provenance
from songhua.runtime.registry import find, scenarios

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from songhua.console.ledger.models import Evidence, Task
    from songhua.console.people.models import User
    from songhua.console.runs.models import Schedule

LARGEST_SEED = 2**63 - 1


def ask(
    actor: User,
    scenario: str,
    action: str,
    *,
    tables: Mapping[str, int],
    params: Mapping[str, object],
    seed: int = 1,
    schedule: Schedule | None = None,
    due_at: datetime | None = None,
) -> Run:
    """Queue one call of `action` on the tables with these keys (name → key).

    Raises `InputError` with every problem of tables, parameters and seed at once.
    """
    declared, asked = find(scenario, action)
    access.demand(actor, scenario)
    problems: list[Problem] = []
    if not 0 <= seed <= LARGEST_SEED:
        problems.append(Problem("seed", "seed_range", str(seed)))
    checked = None
    try:
        checked = parse(asked.params, params)
    except InputError as error:
        problems += error.problems
    found = _tables(scenario, asked.reads, tables, problems)
    if problems or checked is None:
        raise InputError(problems)
    facts = provenance(
        declared, asked, {name: t.digest for name, t in found.items()}, checked, seed
    )
    with transaction.atomic():
        audit.hold()
        run = Run.objects.create(
            scenario=scenario, action=action, params=facts["params"], seed=seed,
            code=facts["code"], digest=facts["digest"], inputs_digest=_digest(facts["inputs"]),
            schedule=schedule, due_at=due_at, created_by=actor, created_at=clock.now(),
        )  # fmt: skip
        RunInput.objects.bulk_create(
            RunInput(run=run, name=name, table=t) for name, t in found.items()
        )
        audit.record(
            actor, "run_asked", vouch.subject(run), facts=vouch.facts(run), inputs=facts["inputs"]
        )
        work.ring(1)
    return run


def _tables(
    scenario: str, reads: tuple[str, ...], given: Mapping[str, int], problems: list[Problem]
) -> dict[str, Table]:
    problems += [Problem(n, "table_unknown", n) for n in given if n not in reads]
    rows = Table.objects.in_bulk(list(given.values()))
    found = {}
    for name in reads:
        row = rows.get(given[name]) if name in given else None
        if name not in given:
            problems.append(Problem(name, "table_missing", name))
        elif row is None or (row.scenario, row.dataset) != (scenario, name):
            problems.append(Problem(name, "table_not_found", str(given[name])))
        elif row.state != Work.State.DONE or row.dropped_at is not None:
            problems.append(Problem(name, "table_not_ready", row.name))
        else:
            found[name] = row
    return found


def _digest(inputs: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(inputs, sort_keys=True).encode()).hexdigest()


def again(actor: User, run: Run) -> Run:
    """Ask the same question once more, of the code as it is now."""
    tables = {i.name: i.table_id for i in run.inputs.all()}
    return ask(
        actor, run.scenario, run.action, tables=tables, params=run.params, seed=run.seed
    )  # fmt: skip


def attach(actor: User, run: Run, indicator: str, task: Task) -> Evidence:
    """Hand an indicator of `run` to a task of the ledger as evidence."""
    if run.state != Work.State.DONE:
        raise Conflict(Problem("state", "run_not_done", run.get_state_display()))
    value = run.kpis.get(indicator)
    if value is None:
        raise InputError(Problem("indicator", "indicator_without_value", indicator))
    term = terms(scenarios()[run.scenario].package)[indicator]
    title = f"{scenarios()[run.scenario].zh}：{term.zh} {value:g} {term.unit}".strip()
    return evidence.submit_run(
        actor, task, title=title, run_id=str(run.pk), inputs_digest=run.inputs_digest,
        seed=run.seed,
    )  # fmt: skip
