"""How every step of a challenge is taken: lock, ask the workflow, write, record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.innovation import challenge_access
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.services import challenge_guards
from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies.services.rows import locked
from songhua.governance.transitions import obstacles, refuse

if TYPE_CHECKING:
    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User
    from songhua.governance.transitions import Refusal


def refusals(actor: User, row: Challenge, action: str, reason: str) -> tuple[Refusal, ...]:
    """What stands in the way of a step."""
    asked = challenge_guards.Asked(actor, row, reason)
    return obstacles(
        standard(), "challenge", row.state, action, challenge_access.capacities(actor, row),
        lambda name: challenge_guards.check(name, asked),
    )  # fmt: skip


def begin(actor: User, challenge: Challenge, action: str, reason: str = "") -> Challenge:
    """The locked challenge, its state already the next one; or everything that stands in the way
    (403 where somebody else must act, 409 where something is missing)."""
    row = locked(challenge)
    refuse(refusals(actor, row, action, reason))
    step = standard().find(row.state, action)
    assert step is not None
    row.state = step.to
    return row


def finish(
    actor: User,
    row: Challenge,
    action: str,
    *fields: str,
    sets: dict[str, dict[str, object]] | None = None,
    **payload: object,
) -> Challenge:
    """Save what a step changed and record it."""
    row.save()
    audit.record(
        actor, f"challenge_{action}", vouch.subject(row),
        sets=vouch.sets(row, "state", *fields) | (sets or {}), **payload,
    )  # fmt: skip
    return row


@transaction.atomic
def take(actor: User, challenge: Challenge, action: str, reason: str = "") -> Challenge:
    """A step that changes nothing but the state."""
    row = begin(actor, challenge, action, reason)
    return finish(actor, row, action, reason=reason)
