"""Requests for data between departments, step by step, each in time or visibly late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Entry, Grant, Outcome, Request, Step
from songhua.console.exchange.services import evidence, granting
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.people.models import Role
from songhua.governance.sharing import due_on, standard
from songhua.governance.transitions import Refusal, obstacles, refuse
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User

EDITED = ("purpose", "basis", "columns", "rows", "wanted_from", "wanted_until")
ENDED = ("withdrawn", "revoked", "expired")


def capacities(actor: User, row: Request) -> frozenset[str]:
    """What `actor` is to this request."""
    unit = actor.unit_id if actor.role == Role.STAFF else None
    held = {
        "requester": unit is not None and unit == row.unit_id,
        "provider": unit is not None and unit == row.entry.unit_id,
        "office": actor.role == Role.OFFICE,
    }
    return frozenset(name for name, holds in held.items() if holds)


@dataclass(frozen=True)
class Offer:
    """A step that somebody may take: possible where `refusals` is empty; `reason` says that it
    needs one."""

    action: str
    refusals: tuple[Refusal, ...]
    reason: bool


def offers(actor: User, row: Request) -> list[Offer]:
    """Every step out of the present state that is this person's."""
    flow, mine = standard(), capacities(actor, row)
    return [
        Offer(
            step.action,
            obstacles(
                flow, "request", row.state, step.action, mine,
                lambda name: _guard(name, actor, row, "?"),  # the reason is still to be given
            ),
            "reason" in step.guards,
        )
        for step in flow.transitions
        if step.source == row.state and mine & set(step.roles)
    ]  # fmt: skip


@transaction.atomic
def draft(actor: User, entry: Entry, given: Mapping[str, Any]) -> Request:
    """Begin a request for `entry` in the name of the actor's unit."""
    if actor.role != Role.STAFF or actor.unit is None:
        raise NotAllowed(Problem("role", "request_role_forbidden", "@request_role_requester"))
    if entry.state != Entry.State.ACTIVE or entry.tier == Entry.Tier.DENIED:
        raise Conflict(Problem("dataset", "exchange_not_shared", entry.name))
    audit.hold()
    row = Request.objects.create(
        entry=entry, unit=actor.unit, state=standard().initial, created_by=actor,
        created_at=clock.now(), **_wanted(given),
    )  # fmt: skip
    audit.record(
        actor, "request_drafted", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "state", "due_on", *EDITED),
    )  # fmt: skip
    return row


def _wanted(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(given) - set(EDITED))
    if unknown:
        raise InputError([Problem("request", "unknown_key", name) for name in unknown])
    begin, end = given.get("wanted_from"), given.get("wanted_until")
    if begin and end and end <= begin:
        raise InputError(Problem("wanted_until", "grant_never_in_force", str(end)))
    return dict(given)


@transaction.atomic
def edit(actor: User, request: Request, given: Mapping[str, Any]) -> Request:
    """Change a draft, or one that was returned."""
    row = _begin(actor, request, "edit", "")
    for name, value in _wanted(given).items():
        setattr(row, name, value)
    return _finish(actor, row, "edit", "", *EDITED)


@transaction.atomic
def take(actor: User, request: Request, action: str, reason: str = "") -> Request:
    """A step that needs nothing but, for some, a reason. Revoking ends every grant of it."""
    row = _begin(actor, request, action, reason)
    if action == "revoke":
        for grant in row.grants.filter(revoked_at=None):
            granting.revoke(actor, grant, reason)
    return _finish(actor, row, action, reason)


@transaction.atomic
def grant(actor: User, request: Request, given: Mapping[str, Any]) -> list[Grant]:
    """Grant what was asked for, or less: `given` is what `granting.grant` takes. One grant for
    each table of the dataset that has all of the granted columns."""
    row = _begin(actor, request, "grant", "")
    terms = terms_of(row, given)
    made = [
        granting.grant(actor, table, row.unit, terms, row)
        for table in tables_with(row.entry, terms["columns"])
    ]
    _finish(actor, row, "grant", "")
    return made


def tables_with(entry: Entry, columns: list[str]) -> list[Distribution]:
    """The tables of a dataset that have all of `columns`, of which there must be some."""
    tables = entry.distributions.filter(removed_at=None, current__isnull=False)
    found = [
        table
        for table in tables.select_related("current", "entry")
        if columns and set(columns) <= set(table.current.schema())
    ]
    if not found:
        raise InputError(Problem("columns", "request_columns_nowhere", "、".join(columns)))
    return found


def terms_of(row: Request, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is granted: as it was asked for where `given` does not say otherwise."""
    asked = {"columns": row.columns, "purpose": row.purpose, "rows": row.rows,
             "valid_from": row.wanted_from, "valid_until": row.wanted_until}  # fmt: skip
    return {**asked, **given}


@transaction.atomic
def feed_back(
    actor: User,
    request: Request,
    text: str,
    *,
    reused: int | None = None,
    papers_saved: int | None = None,
) -> Request:
    """Report the use of the data: what for, and how many matters were handled with them and how
    many papers nobody had to bring (None: not known)."""
    row = take(actor, request, "feed_back", text)
    step = row.steps.last()
    made = Outcome.objects.create(step=step, reused=reused, papers_saved=papers_saved)
    audit.record(actor, "request_outcome", vouch.subject(made), facts=vouch.facts(made))
    return row


def expire() -> int:
    """Close the requests of which every grant is over; how many. Called by the daily clock."""
    today, closed = clock.today(), 0
    for request in Request.objects.filter(state__in=("granted", "delivered", "used")):
        grants = list(request.grants.all())
        if grants and not any(grant.lasts_on(today) or _begins(grant) for grant in grants):
            _expire(request)
            closed += 1
    return closed


def _begins(grant: Grant) -> bool:
    begins = grant.valid_from
    return grant.revoked_at is None and begins is not None and begins > clock.today()


@transaction.atomic
def _expire(request: Request) -> None:
    audit.hold()
    row = Request.objects.select_for_update().get(pk=request.pk)
    row.state = "expired"
    _finish("clock", row, "expire", "")


def _begin(actor: User, request: Request, action: str, reason: str) -> Request:
    """The locked request, its state already the next one; or everything that is in the way."""
    audit.hold()
    rows = Request.objects.select_for_update(of=("self",)).select_related("entry__unit", "unit")
    row = rows.get(pk=request.pk)
    flow = standard()
    refuse(
        obstacles(
            flow, "request", row.state, action, capacities(actor, row),
            lambda name: _guard(name, actor, row, reason),
        )
    )  # fmt: skip
    step = flow.find(row.state, action)
    assert step is not None
    row.state = step.to
    return row


def _guard(name: str, actor: User, row: Request, reason: str) -> Refusal | None:
    holds = {
        "reason": lambda: bool(reason.strip()),
        "says_what": lambda: bool(row.purpose.strip() and row.basis.strip() and row.columns),
        "has_data": lambda: row.entry.distributions.filter(
            removed_at=None, current__isnull=False
        ).exists(),
        "not_requester": lambda: actor.unit_id is None or actor.unit_id != row.unit_id,
    }
    if holds[name]():
        return None
    codes = {"reason": "request_reason_missing", "says_what": "request_says_nothing",
             "has_data": "request_no_data", "not_requester": "request_own"}  # fmt: skip
    kind = "forbidden" if name == "not_requester" else "conflict"
    return Refusal(name, codes[name], kind=kind)


def _finish(actor: User | str, row: Request, action: str, reason: str, *fields: str) -> Request:
    """Save the step with the day it was due, and count the next one from today. A calendar that
    does not know its year lets nothing happen: a due date is never guessed."""
    due = row.due_on
    row.due_on = due_on(standard().deadlines, row.state, clock.today(), work_calendar())
    row.save()
    made = Step.objects.create(
        request=row, action=action, state=row.state, reason=reason.strip(), due_on=due,
        made_by=None if isinstance(actor, str) else actor, made_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, f"request_{action}", vouch.subject(made), facts=vouch.facts(made),
        sets=vouch.sets(row, "state", "due_on", *fields),
    )  # fmt: skip
    evidence.record(
        f"request_{action}", request=row.pk, dataset=row.entry.name, unit=row.unit.code,
        state=row.state, by=getattr(actor, "username", actor),
    )  # fmt: skip
    return row
