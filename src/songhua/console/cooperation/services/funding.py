"""Funds: their leverage and recovery, and the referrals of policy clause 八 with their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Sum

from songhua.console import clock
from songhua.console.cooperation import access
from songhua.console.cooperation.models import Placement, Referral
from songhua.console.cooperation.services.entering import enter
from songhua.console.cooperation.shelf import BY_KEY
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.access import demand
from songhua.console.subsidies.models import CaseFile
from songhua.console.subsidies.services import intake
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.governance.cultivation.funds import Placement as Money
from songhua.governance.cultivation.funds import Ratio, leverage, recovery
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from songhua.console.cooperation.models import Fund
    from songhua.console.people.models import User

OPEN = ("received", "taken")
STEP = ("state", "fund_id", "outcome")


def ratios(placements: QuerySet[Placement]) -> tuple[Ratio, Ratio]:
    """Leverage and recovery of these placements, exactly; None with a reason where an amount was
    never entered: 1 query."""
    rows = placements.filter(struck=False).values_list("public_fen", "others_fen", "pk")
    back = dict(
        placements.filter(returns__struck=False)
        .order_by().values_list("pk").annotate(total=Sum("returns__amount_fen"))
    )  # fmt: skip
    money = [Money(public, others, back.get(key)) for public, others, key in rows]
    return leverage(money), recovery(money)


def receive(actor: User, case_file: CaseFile) -> None:
    """A referral lands here, in the transaction in which the policy desk opened it."""
    if case_file.kind != CaseFile.Kind.REFERRAL:
        return
    application = case_file.application
    row = Referral(
        title=f"{application.subject.name}：{case_file.addressee}"[:120], case_file=case_file,
        subject=application.subject, unit=application.unit, entered_by=actor,
        entered_at=clock.now(),
    )  # fmt: skip
    append(actor, row, "referral_received", *STEP, "struck")


def close(actor: User, case_file: CaseFile) -> None:
    """The policy desk answered the application itself: nothing is left to do here."""
    for one in Referral.objects.filter(case_file=case_file, state__in=OPEN):
        row = locked(one)
        row.state, row.outcome = "answered", case_file.outcome
        _step(actor, row, "answered")


@transaction.atomic
def take(actor: User, referral: Referral, *, fund: Fund) -> Referral:
    """Take it up with a fund."""
    row = _open(actor, referral, fund)
    row.state, row.fund = "taken", fund
    return _step(actor, row, "taken")


@transaction.atomic
def support(actor: User, referral: Referral, given: Mapping[str, object]) -> Placement:
    """The fund invests or guarantees: enters the placement and answers the policy desk."""
    row = _open(actor, referral, referral.fund)
    if row.fund is None:
        raise Conflict(Problem("fund", "cooperation_no_fund"))
    made = enter(actor, BY_KEY["placements"], {
        **given, "fund": f"#{row.fund_id}", "subject": f"#{row.subject_id}",
        "unit": row.fund.unit.code,
    })  # fmt: skip
    assert isinstance(made, Placement)
    made.referral = row
    made.save()
    row.state = "placed"
    row.outcome = f"{row.fund.title}：{made.title}"
    _answer(actor, row)
    return made


@transaction.atomic
def decline(actor: User, referral: Referral, *, reason: str) -> Referral:
    """No fund supports it: says why, and answers the policy desk."""
    required(reason=reason)
    row = _open(actor, referral, referral.fund)
    row.state, row.outcome = "declined", reason.strip()
    _answer(actor, row)
    return row


def _open(actor: User, referral: Referral, fund: Fund | None) -> Referral:
    demand(actor, Role.OFFICE, Role.STAFF)
    row = locked(referral)
    if not access.keeps(actor, row) and (fund is None or not access.keeps(actor, fund)):
        raise NotAllowed(Problem("unit", "not_your_row", row.title))
    if row.state not in OPEN:
        raise Conflict(Problem("state", "subsidy_decided"))
    if fund is not None and fund.struck:
        raise InputError(Problem("fund", "cooperation_struck", fund.title))
    return row


def _step(actor: User, row: Referral, done: str) -> Referral:
    row.save()
    audit.record(actor, f"referral_{done}", vouch.subject(row), sets=vouch.sets(row, *STEP))
    return row


def _answer(actor: User, row: Referral) -> None:
    _step(actor, row, row.state)
    intake.answered(actor, row.case_file, outcome=row.outcome)
