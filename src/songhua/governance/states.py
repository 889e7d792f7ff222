"""May this person do this to this task now? Who you are and where the task stands are two answers.

A wrong role, or the submitter judging their own submission, is ``forbidden`` (403, somebody else
can do it); a wrong state or something still missing is a ``conflict`` (409, it can be mended).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from songhua.governance.transitions import Kind, Refusal, obstacles, refuse
from songhua.governance.workflow import standard

if TYPE_CHECKING:
    from songhua.governance.workflow import Role, TaskState, Workflow


@dataclass(frozen=True)
class ActionFacts:
    """What the guards look at: counts, and whether the actor made the submission in question."""

    has_lead_department: bool = False
    evidence: int = 0
    accepted_evidence: int = 0
    is_submitter: bool = False
    open_children: int = 0
    reason: str = ""


def _guard(guard: str, facts: ActionFacts) -> Refusal | None:
    holds = {
        "has_lead_department": facts.has_lead_department,
        "has_evidence": facts.evidence > 0,
        "has_accepted_evidence": facts.accepted_evidence > 0,
        "not_submitter": not facts.is_submitter,
        "all_children_closed": facts.open_children == 0,
        "not_reason_missing": bool(facts.reason.strip()),
    }[guard]
    if holds:
        return None
    kind: Kind = "forbidden" if guard == "not_submitter" else "conflict"
    where = "reason" if guard == "not_reason_missing" else "task"
    value = str(facts.open_children) if guard == "all_children_closed" else ""
    return Refusal(where, f"task_guard_{guard}", value, kind=kind)


def allowed(
    state: TaskState,
    action: str,
    role: Role,
    facts: ActionFacts,
    workflow: Workflow | None = None,
) -> tuple[Refusal, ...]:
    """Everything that stands in the way, forbidden first; empty if the action may be done.

    Raises `InputError` ``task_word_unknown`` for a state, action or role that does not exist.
    """
    return obstacles(
        workflow or standard(), "task", state, action, {role}, lambda name: _guard(name, facts)
    )


def next_state(
    state: TaskState,
    action: str,
    role: Role,
    facts: ActionFacts,
    workflow: Workflow | None = None,
) -> TaskState:
    """The state after `action`, or `NotAllowed` / `Conflict` with what stands in the way.

    >>> next_state("draft", "activate", "office", ActionFacts(has_lead_department=True))
    'active'
    """
    refuse(allowed(state, action, role, facts, workflow))
    row = (workflow or standard()).find(state, action)
    assert row is not None
    return cast("TaskState", row.to)


def actions_for(state: TaskState, role: Role, workflow: Workflow | None = None) -> tuple[str, ...]:
    """The actions to offer `role` in `state`, guards not yet asked.

    >>> actions_for("closing", "reviewer")
    ('return', 'accept')
    """
    rows = (workflow or standard()).transitions
    return tuple(row.action for row in rows if row.source == state and role in row.roles)
