"""Decisions on the ground of a run: a person proposes, another decides, it is carried out, and
what came of it is measured. No computer takes a step of these."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.runs import access
from songhua.console.runs.models import Decision, Run, Work
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User

State = Decision.State
DECIDERS = (Role.LEADER, Role.OFFICE)


@transaction.atomic
def propose(actor: User, run: Run, *, text: str, indicator: str) -> Decision:
    """Propose to do what `run` shows, and name the indicator that will tell whether it worked."""
    access.demand(actor, run.scenario)
    audit.hold()
    run = Run.objects.get(pk=run.pk)
    if run.state != Work.State.DONE:
        raise Conflict(Problem("state", "run_not_done", run.get_state_display()))
    problems = [] if text.strip() else [Problem("text", "empty")]
    if indicator not in run.kpis:
        problems.append(Problem("indicator", "run_indicator_unknown", indicator))
    if problems:
        raise InputError(problems)
    row = Decision.objects.create(
        run=run, text=text.strip(), indicator=indicator, expected=run.kpis[indicator],
        proposed_by=actor, proposed_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "decision_proposed", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "state"),
    )  # fmt: skip
    return row


@transaction.atomic
def decide(actor: User, decision: Decision, *, approved: bool, reason: str = "") -> Decision:
    """Approve or refuse; by the leader or the office, never by who proposed. A refusal says why."""
    if actor.role not in DECIDERS:
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    row = _locked(decision, State.PROPOSED)
    if row.proposed_by_id == actor.pk:
        raise NotAllowed(Problem("decided_by", "own_submission"))
    if not approved and not reason.strip():
        raise InputError(Problem("reason", "empty"))
    row.state = State.APPROVED if approved else State.REFUSED
    row.decided_by, row.decided_at, row.reason = actor, clock.now(), reason.strip()
    return _save(actor, row, "state", "decided_by_id", "decided_at", "reason")


@transaction.atomic
def carry_out(actor: User, decision: Decision, *, note: str) -> Decision:
    """Say that and how it was done."""
    row = _locked(decision, State.APPROVED)
    access.demand(actor, row.run.scenario)
    if not note.strip():
        raise InputError(Problem("note", "empty"))
    row.state, row.note = State.CARRIED_OUT, note.strip()
    row.carried_out_by, row.carried_out_at = actor, clock.now()
    return _save(actor, row, "state", "note", "carried_out_by_id", "carried_out_at")


@transaction.atomic
def measure(actor: User, decision: Decision, *, value: object) -> Decision:
    """Enter what the indicator really came to, beside what the run expected."""
    row = _locked(decision, State.CARRIED_OUT)
    access.demand(actor, row.run.scenario)
    try:
        measured = float(str(value).strip())
    except ValueError:
        raise InputError(Problem("measured", "not_a_number", str(value))) from None
    if not math.isfinite(measured):
        raise InputError(Problem("measured", "not_finite", str(value)))
    row.state, row.measured = State.MEASURED, measured
    row.measured_by, row.measured_at = actor, clock.now()
    return _save(actor, row, "state", "measured", "measured_by_id", "measured_at")


def _locked(decision: Decision, wanted: str) -> Decision:
    audit.hold()
    row = Decision.objects.select_for_update(of=("self",)).select_related("run").get(pk=decision.pk)
    if row.state != wanted:
        raise Conflict(Problem("state", "decision_state", row.get_state_display()))
    return row


def _save(actor: User, row: Decision, *fields: str) -> Decision:
    row.save()
    audit.record(actor, f"decision_{row.state}", vouch.subject(row), sets=vouch.sets(row, *fields))
    return row
