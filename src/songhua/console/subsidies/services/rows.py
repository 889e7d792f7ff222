"""How every step is taken: hold the log, lock the row, ask the workflow, write, record."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import transaction

from songhua.console.ledger.services import audit, vouch
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Application, Subject
from songhua.console.subsidies.services import guards
from songhua.console.subsidies.workflow import standard
from songhua.governance.transitions import obstacles, refuse
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import Model

    from songhua.console.people.models import User

M = TypeVar("M", bound="Model")


def locked(row: M) -> M:
    """The row as it is now, kept from other writers until the transaction ends. The log comes
    first and the row second, in every service: two writers never wait for each other."""
    audit.hold()
    rows = type(row)._default_manager.select_for_update(of=("self",))
    return rows.get(pk=row.pk)


def begin(actor: User, application: Application, action: str, reason: str = "") -> Application:
    """The locked application, its state already the next one; or what stands in the way, with
    everything at once (403 where somebody else must act, 409 where something is missing)."""
    row = locked(application)
    flow = standard()
    refuse(
        obstacles(
            flow, "subsidy", row.state, action, access.capacities(actor, row),
            lambda name: guards.check(name, guards.Asked(actor, row, reason)),
        )
    )  # fmt: skip
    step = flow.find(row.state, action)
    assert step is not None
    row.state = step.to
    return row


def finish(
    actor: User,
    row: Application,
    action: str,
    *fields: str,
    sets: dict[str, dict[str, object]] | None = None,
    **payload: object,
) -> Application:
    """Save what a step changed and record it."""
    row.save()
    audit.record(
        actor, f"application_{action}", vouch.subject(row),
        sets=vouch.sets(row, "state", *fields) | (sets or {}), **payload,
    )  # fmt: skip
    return row


@transaction.atomic
def take(actor: User, application: Application, action: str, reason: str = "") -> Application:
    """A step that changes nothing but the state."""
    row = begin(actor, application, action, reason)
    return finish(actor, row, action, reason=reason)


def append(actor: User, row: M, action: str, *changing: str, **payload: object) -> M:
    """Store a new row and record its facts, and what of it may change later."""
    row.save(force_insert=True)
    audit.record(
        actor, action, vouch.subject(row), facts=vouch.facts(row),
        **({"sets": vouch.sets(row, *changing)} if changing else {}), **payload,
    )  # fmt: skip
    return row


def required(**texts: str) -> None:
    """Raise `InputError` naming every text that is blank."""
    problems = [Problem(name, "empty") for name, text in texts.items() if not text.strip()]
    if problems:
        raise InputError(problems)


def positive_fen(yuan: object, where: str) -> int:
    """Whole fen above zero, from yuan."""
    amount = int(figures.decimal(yuan, where).scaleb(2))
    if amount == 0:
        raise InputError(Problem(where, "subsidy_amount_zero"))
    return amount


def not_future(day: date, today: date, where: str) -> None:
    """Raise `InputError` for a day after `today`."""
    if day > today:
        raise InputError(Problem(where, "subsidy_day_future", str(day)))


def subject_of(subject: Subject) -> Subject:
    """The locked subject; what was merged away takes no new entries."""
    row = locked(subject)
    if row.state != Subject.State.ACTIVE:
        raise InputError(Problem("subject", "subsidy_subject_not_active", row.name))
    return row
