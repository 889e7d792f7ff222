"""Tasks and projects: created, changed, moved through their states, submitted and closed."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.text import slugify

from songhua.console import clock
from songhua.console.ledger.models import Acceptance, Obligation, Task
from songhua.console.ledger.services import audit, lights, vouch
from songhua.console.ledger.services.rows import demand, locked, office_only
from songhua.console.people.models import Role
from songhua.governance import states
from songhua.kit import figures
from songhua.kit.errors import InputError, NotAllowed, Problem, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from songhua.console.people.models import Unit, User


@transaction.atomic
def create(
    actor: User,
    *,
    code: str,
    title: str,
    obligation: Obligation,
    lead_unit: Unit,
    start: date,
    due: date,
    parent: Task | None = None,
    supporting: Iterable[Unit] = (),
    enterprise: str = "",
    credit_code: str = "",
    investment_fen: int | None = None,
    district: str = "",
) -> Task:
    """A task, or (with `parent`) a project beneath it, as a draft. Every problem at once."""
    office_only(actor)
    problems = []
    code = figures.plain(code)
    if not code or slugify(code) != code.lower():
        problems.append(Problem("code", "task_code_form", code))
    elif Task.objects.filter(code=code).exists():
        problems.append(Problem("code", "task_code_taken", code))
    if not title.strip():
        problems.append(Problem("title", "empty"))
    if due < start:
        problems.append(Problem("due", "due_before_start", str(due)))
    if parent is not None and parent.parent_id is not None:
        problems.append(Problem("parent", "project_beneath_project", parent.code))
    if credit_code:
        try:
            credit_code = figures.credit_code(credit_code, "credit_code")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    task = Task.objects.create(
        code=code,
        title=title.strip(),
        level=Task.Level.PROJECT if parent else Task.Level.TASK,
        parent=parent,
        obligation=obligation,
        lead_unit=lead_unit,
        enterprise=enterprise,
        credit_code=credit_code,
        investment_fen=investment_fen,
        district=district or lead_unit.district,
        start=start,
        due=due,
    )
    if supporting := list(supporting):
        task.supporting.set(supporting)
    audit.record(
        actor, "task_created", f"task:{task.pk}", code=code, title=task.title,
        obligation=obligation.code, lead_unit=lead_unit.code, start=start, due=due,
        parent=parent.code if parent else None, credit_code=credit_code,
        investment_fen=investment_fen,
        sets=vouch.sets(task, "state", "start", "due", "lead_unit_id", "obligation_id"),
    )  # fmt: skip
    return task


def _facts(actor: User, task: Task, reason: str = "") -> states.ActionFacts:
    found = list(task.evidence.exclude(state="rejected").values_list("state", flat=True))
    return states.ActionFacts(
        has_lead_department=task.lead_unit_id is not None,
        evidence=len(found),
        accepted_evidence=found.count("accepted"),
        is_submitter=task.submitted_by_id == actor.pk,
        open_children=task.children.exclude(state__in=["closed", "cancelled"]).count(),
        reason=reason,
    )


def _step(actor: User, task: Task, action: str, reason: str = "") -> str:
    """The state that `action` leads to, or the reason why not (403 or 409)."""
    return states.next_state(task.state, action, actor.role, _facts(actor, task, reason))


def actions(actor: User, task: Task) -> dict[str, bool]:
    """What the task's page offers `actor`: 2 queries. The services decide again when asked."""
    offered = states.actions_for(task.state, actor.role)
    own = _owns(actor, task)
    is_submitter = task.submitted_by_id == actor.pk
    open_now = task.state in {"active", "closing"}
    judge = actor.role in {Role.OFFICE, Role.REVIEWER}
    return {
        "may_plan": own and task.state in {"draft", "active"} and actor.role != Role.ENTERPRISE,
        "may_report": own and open_now,
        "may_correct": own and open_now,
        "may_submit_evidence": own and open_now,
        "may_decide_evidence": judge,
        "may_submit_closing": own and "apply_closeout" in offered,
        "may_decide_closing": judge and "return" in offered and not is_submitter,
        "may_accept": judge and "accept" in offered and not is_submitter,
        "may_trigger": actor.role in {Role.OFFICE, Role.LEADER} and open_now,
        **{
            f"may_{name}": name in offered and (own or actor.role == Role.LEADER)
            for name in ("activate", "suspend", "resume", "cancel", "withdraw", "reopen")
        },
    }


def _owns(actor: User, task: Task) -> bool:
    try:
        demand(actor, task, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    except NotAllowed:
        return False
    return True


@transaction.atomic
def act(actor: User, task: Task, action: str, reason: str = "") -> Task:
    """Activate, suspend, resume, cancel, withdraw or reopen; most of them with a reason."""
    demand(actor, task, Role.LEADER, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    if action in {"apply_closeout", "accept", "return"}:
        raise InputError(Problem("action", "task_word_unknown", action))
    task = locked(task)
    before, task.state = task.state, _step(actor, task, action, reason)
    task.closed_at = None  # a reopened task is due again
    task.save(update_fields=["state", "closed_at"])
    sets = vouch.sets(task, "state", "closed_at")
    if action == "withdraw":
        row = Acceptance.objects.filter(task=task, passed=None).latest("pk")
        row.passed, row.opinion = False, reason or "撤回 withdrawn"
        row.decided_by, row.decided_at = actor, clock.now()
        row.save(update_fields=["passed", "opinion", "decided_by", "decided_at"])
        sets |= vouch.sets(row, "passed", "opinion", "decided_by_id", "decided_at")
    audit.record(
        actor, f"task_{action}", f"task:{task.pk}", before=before, reason=reason, sets=sets
    )
    lights.refresh(Task.objects.filter(pk=task.pk))
    return task


def submit_closing(actor: User, task: Task, statement: str) -> Acceptance:
    """Ask for acceptance (验收申请). Without evidence the answer is 409; by the time of closing
    some of it must have been accepted."""
    demand(actor, task, Role.OFFICE, Role.STAFF, Role.ENTERPRISE)
    with _refusals_recorded(actor, task, "submit"), transaction.atomic():
        task = locked(task)
        task.state = _step(actor, task, "apply_closeout", statement)
        task.submitted_by = actor
        task.save(update_fields=["state", "submitted_by"])
        row = Acceptance.objects.create(
            task=task, statement=statement, submitted_by=actor, submitted_at=clock.now()
        )
        audit.record(
            actor, "closing_submitted", vouch.subject(row), facts=vouch.facts(row),
            sets=vouch.sets(task, "state"),
        )  # fmt: skip
        lights.refresh(Task.objects.filter(pk=task.pk))
    return row


def decide_closing(actor: User, task: Task, *, passed: bool, opinion: str) -> Acceptance:
    """Close (销号) or return. Only with evidence and by somebody other than the submitter."""
    demand(actor, task, Role.OFFICE, Role.REVIEWER)
    with _refusals_recorded(actor, task, "close"), transaction.atomic():
        task = locked(task)
        task.state = _step(actor, task, "accept" if passed else "return", opinion)
        row = Acceptance.objects.filter(task=task, passed=None).latest("pk")
        row.passed, row.opinion = passed, opinion
        row.decided_by, row.decided_at = actor, clock.now()
        row.save(update_fields=["passed", "opinion", "decided_by", "decided_at"])
        task.closed_at = row.decided_at if passed else None
        task.save(update_fields=["state", "closed_at"])
        audit.record(
            actor, "closing_decided", vouch.subject(row), passed=passed, opinion=opinion,
            task=task.pk, sets=vouch.sets(row, "passed", "opinion", "decided_by_id", "decided_at")
            | vouch.sets(task, "state", "closed_at"),
        )  # fmt: skip
        lights.refresh(Task.objects.filter(pk=task.pk))
    return row


@contextmanager
def _refusals_recorded(actor: User, task: Task, action: str) -> Iterator[None]:
    """An attempt to close that was refused is itself worth an entry in the log."""
    try:
        yield
    except SonghuaError as error:
        with transaction.atomic():
            audit.record(
                actor, f"{action}_refused", f"task:{task.pk}",
                codes=[p.code for p in error.problems],
            )  # fmt: skip
        raise
