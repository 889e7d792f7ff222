"""追回 and 抵扣: proposed, ordered by the leader, paid back or set off against instalments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Sum

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Application, Payment, Recovery, Repayment
from songhua.console.subsidies.services import holdings, payments
from songhua.console.subsidies.services.rows import (
    append,
    begin,
    finish,
    locked,
    not_future,
    positive_fen,
    required,
)
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem
from songhua.kit.money import yuan
from songhua.policy.choice import settle
from songhua.policy.portfolio import Candidate

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import OtherAward

CHANGING = ("amount_fen", "state", "due", "decision", "decided_by_id", "decided_at")
OPEN = (Recovery.State.PROPOSED, Recovery.State.ORDERED)


def outstanding(recovery: Recovery) -> int:
    """What of an ordered recovery has not come back yet."""
    back = recovery.repayments.aggregate(total=Sum("amount_fen"))["total"] or 0
    return (recovery.amount_fen or 0) - back


def recoverable(application: Application) -> int:
    """What was paid, less what came back and what is being recovered already."""
    running = application.recoveries.filter(state__in=OPEN)
    claimed = sum(outstanding(recovery) for recovery in running)
    return holdings.paid_fen(application) - holdings.repaid_fen(application) - claimed


@transaction.atomic
def propose(actor: User, application: Application, *, amount_yuan: object, reason: str) -> Recovery:
    """Propose to take back part or all of what was paid."""
    row = begin(actor, application, "recover", reason)
    amount = positive_fen(amount_yuan, "amount_yuan")
    most = recoverable(row)
    if amount > most:
        raise Conflict(Problem("amount_yuan", "subsidy_above_paid", yuan(most)))
    finish(actor, row, "recover", reason=reason)
    return _proposed(actor, row, amount, [], reason)


def _proposed(
    actor: User, row: Application, amount: int | None, ways: list[dict[str, Any]], reason: str
) -> Recovery:
    made = Recovery(
        application=row, amount_fen=amount, ways=ways, reason=reason, proposed_by=actor,
        proposed_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "recovery_proposed", *CHANGING)


def propose_for(actor: User, later: OtherAward) -> list[Recovery]:
    """A proposal for every paid award of ours that `later` excludes, with the lawful ways out and
    what each would take back from that award. None is made twice for one pair."""
    mark = f"{later.award_id} "
    keys = holdings.organisation(later.subject)
    running = Application.objects.filter(subject__in=keys, state__in=holdings.GRANTED)
    paid = {
        row.award_id: row
        for row in running.order_by("pk")
        if holdings.paid_fen(row) - holdings.repaid_fen(row) > 0
        and not row.recoveries.filter(reason__startswith=mark).exclude(
            state=Recovery.State.DROPPED
        ).exists()
    }  # fmt: skip
    received = {
        name: holdings.paid_fen(row) - holdings.repaid_fen(row) for name, row in paid.items()
    }
    candidates = [
        Candidate(name, "this", received[name], frozenset(row.matters))
        for name, row in paid.items()
    ]
    new = Candidate(later.award_id, later.source, later.amount_fen, frozenset(later.matters))
    ways = settle(candidates, new, holdings.reading(), later_paid=later.paid_on is not None)
    if not ways:
        return []
    excluded = [name for name in paid if name in (*ways[0].keep, *ways[0].give_up)]
    shares = [_shares(way.give_up, way.kind, way.amount, received) for way in ways]
    return [
        _proposed(
            actor, paid[name], None,
            [
                {
                    "keep": list(way.keep), "give_up": list(way.give_up), "kind": way.kind,
                    "amount": way.amount, "ours": share.get(name, 0) if share is not None else None,
                }
                for way, share in zip(ways, shares, strict=True)
            ],
            f"{mark}{later.name}",
        )
        for name in excluded
    ]  # fmt: skip


def _shares(
    give_up: tuple[str, ...], kind: str, amount: int | None, received: dict[str, int]
) -> dict[str, int] | None:
    """How a sum to be taken back is spread over our awards that are given up; None while unknown.
    The rest of it, if any, is the other body's to take back."""
    if kind == "unknown":
        return None
    left = amount or 0 if kind == "recovery" else 0
    shares: dict[str, int] = {}
    for name in give_up:
        if name in received:
            shares[name] = min(left, received[name])
            left -= shares[name]
    return shares


def _decidable(actor: User, recovery: Recovery) -> Recovery:
    access.demand(actor, Role.LEADER)
    row = locked(recovery)
    if access.interested(actor, row.application.subject) or row.proposed_by_id == actor.pk:
        raise NotAllowed(Problem("decided_by", "own_submission"))
    if row.state != Recovery.State.PROPOSED:
        raise Conflict(Problem("state", "already_decided", row.get_state_display()))
    return row


@transaction.atomic
def order(
    actor: User, recovery: Recovery, *, due: date, decision: str, way: int | None = None
) -> Recovery:
    """Order a recovery until a day; where there are `ways`, by the one taken. A way that takes
    nothing back from us settles it at once."""
    required(decision=decision)
    row = _decidable(actor, recovery)
    if due < clock.today():
        raise InputError(Problem("due", "subsidy_day_past", str(due)))
    if row.ways:
        if way is None or not 0 <= way < len(row.ways):
            raise InputError(Problem("way", "subsidy_way_unknown", str(way)))
        amount = row.ways[way]["ours"]
        if amount is None:
            raise Conflict(Problem("way", "subsidy_amount_unknown"))
        net = holdings.paid_fen(row.application) - holdings.repaid_fen(row.application)
        if amount > net:
            raise Conflict(Problem("amount_yuan", "subsidy_above_paid", yuan(net)))
        row.amount_fen = amount
    row.due = due
    row.state = Recovery.State.ORDERED if row.amount_fen else Recovery.State.SETTLED
    return _decided(actor, row, "recovery_ordered", decision, way=way)


@transaction.atomic
def drop(actor: User, recovery: Recovery, *, decision: str) -> Recovery:
    """Decide that nothing is taken back."""
    required(decision=decision)
    row = _decidable(actor, recovery)
    row.state = Recovery.State.DROPPED
    return _decided(actor, row, "recovery_dropped", decision)


def _decided(actor: User, row: Recovery, action: str, decision: str, **payload: object) -> Recovery:
    row.decision, row.decided_by, row.decided_at = decision, actor, clock.now()
    row.save()
    audit.record(actor, action, vouch.subject(row), sets=vouch.sets(row, *CHANGING), **payload)
    return row


@transaction.atomic
def repay(actor: User, recovery: Recovery, *, amount_yuan: object, received_on: date) -> Repayment:
    """Enter money that came back; by the finance bureau."""
    if actor.unit is None or actor.unit.code != standard().settings.finance_unit:
        raise NotAllowed(Problem("unit", "subsidy_finance_only"))
    amount = positive_fen(amount_yuan, "amount_yuan")
    not_future(received_on, clock.today(), "received_on")
    return _back(actor, recovery, amount, received_on, None)


@transaction.atomic
def offset(
    actor: User, recovery: Recovery, application: Application, *, amount_yuan: object
) -> Repayment:
    """抵扣: set an instalment of another award of the same organisation off against the debt."""
    same = holdings.organisation(recovery.application.subject)
    if application.subject_id not in same:
        raise InputError(Problem("application", "subsidy_other_subject", str(application)))
    if application.pk == recovery.application_id:
        raise InputError(Problem("application", "subsidy_same_award", str(application)))
    today = clock.today()
    made = payments.pay(
        actor, application, amount_yuan=amount_yuan, paid_on=today, way=Payment.Way.OFFSET
    )
    return _back(actor, recovery, made.amount_fen, today, made)


def _back(
    actor: User, recovery: Recovery, amount: int, day: date, payment: Payment | None
) -> Repayment:
    row = locked(recovery)
    if row.state != Recovery.State.ORDERED:
        raise Conflict(Problem("state", "subsidy_recovery_state", row.get_state_display()))
    left = outstanding(row)
    if amount > left:
        raise Conflict(Problem("amount_yuan", "subsidy_above_debt", yuan(left)))
    made = Repayment(
        recovery=row, amount_fen=amount, payment=payment, received_on=day, entered_by=actor,
        entered_at=clock.now(),
    )  # fmt: skip
    if amount == left:
        row.state = Recovery.State.SETTLED
        row.save()
    made.save(force_insert=True)
    audit.record(
        actor, "repayment", vouch.subject(made), facts=vouch.facts(made),
        sets=vouch.sets(row, "state"),
    )  # fmt: skip
    return made
