"""Commands: proposed, and decided on by a dispatcher who did not propose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from songhua.console import clock
from songhua.console.heating import access
from songhua.console.heating.models import Command, ControlPoint
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.commands import states
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.kit.figures import decimal

if TYPE_CHECKING:
    from songhua.console.people.models import User

UNFINISHED = ("proposed", "approved", "sent", "acknowledged")


@transaction.atomic
def propose(
    actor: User | None, point: ControlPoint, value: object, reason: str, before: float | None = None
) -> Command:
    """Propose to set `point`; None proposes what was computed. One command at a time for a point.

    Raises `NotAllowed` for another department's plant, `InputError` with everything wrong,
    `Conflict` ``heating_command_open``.
    """
    if actor is not None:
        access.demand(actor, point.element.plant)
    problems = [] if reason.strip() else [Problem("reason", "empty")]
    number = float(decimal(value, "value"))
    if not point.low <= number <= point.high:
        problems.append(Problem(str(point), "heating_out_of_range", f"{number:g}"))
    if problems:
        raise InputError(problems)
    audit.hold()
    if point.commands.filter(state__in=UNFINISHED).exists():
        raise Conflict(Problem(str(point), "heating_command_open"))
    row = Command.objects.create(
        point=point, value=number, before=before, reason=reason.strip()[:200], proposed_by=actor,
        proposed_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor or "heating", "heating_command_proposed", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "state"),
    )  # fmt: skip
    return row


@transaction.atomic
def decide(actor: User, command: Command, *, approved: bool, reason: str = "") -> Command:
    """Approve, so that it goes out, or refuse with a reason; never by who proposed it."""
    access.demand(actor, command.point.element.plant)
    row = locked(command)
    state = states.follow(row.state, "approved" if approved else "refused")
    if row.proposed_by_id == actor.pk:
        raise NotAllowed(Problem("decided_by", "own_submission"))
    if not approved and not reason.strip():
        raise InputError(Problem("reason", "empty"))
    row.state, row.decided_by, row.decided_at = state, actor, clock.now()
    row.refusal = "" if approved else reason.strip()[:200]
    if approved:  # the device compares with the clock of the world, whatever day a page shows
        row.issued_at = row.next_at = timezone.now()
        row.expires_at = row.issued_at + states.VALID
        transaction.on_commit(_ring)
    return keep(actor, row, "decided_by_id", "decided_at", "refusal")


def locked(command: Command) -> Command:
    """The command as it is now, kept from other writers; the log first, as everywhere."""
    audit.hold()
    rows = Command.objects.select_for_update(of=("self",))
    return rows.select_related("point__element__plant").get(pk=command.pk)


def keep(actor: User | str, row: Command, *fields: str) -> Command:
    """Save a command that moved on, and record it."""
    row.save()
    audit.record(
        actor, f"heating_command_{row.state}", vouch.subject(row),
        sets=vouch.sets(row, "state", *fields),
    )  # fmt: skip
    return row


def _ring() -> None:
    from songhua.console import jobs

    jobs.send_commands.enqueue()
