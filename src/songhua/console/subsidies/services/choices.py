"""自愿选择申报 and support from elsewhere: nothing is paid twice, and the subject decides which."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Choice, OtherAward
from songhua.console.subsidies.services import holdings, recoveries
from songhua.console.subsidies.services.drafts import clean_matters
from songhua.console.subsidies.services.rows import (
    append,
    locked,
    not_future,
    required,
    subject_of,
)
from songhua.kit import money
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.policy.choice import choose as judge
from songhua.policy.portfolio import best

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject


@transaction.atomic
def choose(
    actor: User,
    subject: Subject,
    *,
    policy: str,
    chosen: Collection[str],
) -> Choice:
    """Record which awards the subject takes, what else it could have had and what it forgoes.
    Awards that exclude each other cannot be chosen together."""
    subject = subject_of(subject)
    access.demand_own(actor, subject)
    found = holdings.candidates(subject, policy)
    reading = holdings.reading()
    made = judge(found, chosen, reading)
    if made.status == "invalid_input":
        unknown = sorted(set(chosen) - {candidate.id for candidate in found})
        raise InputError(Problem("chosen", "subsidy_award_unknown", "、".join(unknown)))
    if made.status == "ineligible":
        pairs = "；".join(f"{pair.first} × {pair.second}" for pair in made.exclusions)
        raise Conflict(Problem("chosen", "subsidy_choice_conflicts", pairs))
    row = Choice(
        subject=subject, policy=policy, reading=asdict(reading), chosen=list(made.chosen),
        candidates=holdings.as_json(found), best_sets=[list(s) for s in best(found, reading).sets],
        amount_fen=made.amount, best_fen=made.ceiling, forgone_fen=made.forgone, made_by=actor,
        made_at=clock.now(),
    )  # fmt: skip
    return append(actor, row, "choice_made")


@transaction.atomic
def declare_award(
    actor: User,
    subject: Subject,
    *,
    source: str,
    name: str,
    matters: Iterable[str],
    amount_yuan: object = None,
    paid_on: date | None = None,
) -> OtherAward:
    """Enter support that another body grants or has paid. Where it falls on a matter that we
    have paid, a recovery is proposed."""
    required(name=name)
    if source not in OtherAward.Source.values:
        raise InputError(Problem("source", "award_word_unknown", source))
    amount = None if amount_yuan in (None, "") else money.fen(amount_yuan, "amount_yuan")
    named = clean_matters(matters)
    if not named:
        raise InputError(Problem("matters", "empty"))
    if paid_on is not None:
        not_future(paid_on, clock.today(), "paid_on")
    subject = subject_of(subject)
    access.demand_own(actor, subject, Role.OFFICE, Role.STAFF)
    row = OtherAward(
        subject=subject, source=source, name=name.strip(), amount_fen=amount, matters=named,
        paid_on=paid_on, entered_by=actor, entered_at=clock.now(),
    )  # fmt: skip
    append(actor, row, "other_award", "amount_fen", "paid_on", "declined")
    recoveries.propose_for(actor, row)
    return row


@transaction.atomic
def update_award(
    actor: User,
    award: OtherAward,
    *,
    amount_yuan: object = None,
    paid_on: date | None = None,
    declined: bool | None = None,
    reason: str,
) -> OtherAward:
    """Say that the other award was settled, paid, or given up by the subject. That one already
    paid was returned is for officials to enter."""
    required(reason=reason)
    row = locked(award)
    access.demand_own(actor, row.subject, Role.OFFICE, Role.STAFF)
    if declined and row.paid_on is not None and actor.role == Role.ENTERPRISE:
        raise Conflict(Problem("declined", "subsidy_award_paid", row.name))
    if amount_yuan not in (None, ""):
        row.amount_fen = money.fen(amount_yuan, "amount_yuan")
    if paid_on is not None:
        not_future(paid_on, clock.today(), "paid_on")
        row.paid_on = paid_on
    row.declined = row.declined if declined is None else declined
    row.save()
    audit.record(
        actor, "other_award_changed", vouch.subject(row), reason=reason,
        sets=vouch.sets(row, "amount_fen", "paid_on", "declined"),
    )  # fmt: skip
    if not row.declined:
        recoveries.propose_for(actor, row)
    return row
