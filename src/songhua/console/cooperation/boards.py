"""What the page of one kind of record shows beyond its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.console.cooperation import access
from songhua.console.cooperation.contest_workflow import standard
from songhua.console.cooperation.models import (
    Contest,
    ContestSeat,
    ExpertCost,
    Fund,
    Placement,
    Record,
    Referral,
)
from songhua.console.cooperation.services import contest_guards, costs, funding
from songhua.console.cooperation.words import PLACEMENT_KINDS
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from songhua.console.people.models import User

ELSEWHERE = ("enter", "withdraw", "declare", "score")  # these have pages of their own


def of(user: User, row: Record) -> dict[str, Any]:
    """What the template of a record needs, by the kind of the record."""
    return BOARDS[type(row)](user, row) if type(row) in BOARDS else {}


def _contest(user: User, row: Contest) -> dict[str, Any]:
    mine = contest_guards.capacities(user, row)
    offers = [
        (step.action, contest_guards.refusals(user, row, step.action, "?"), "reason" in step.guards)
        for step in standard().transitions
        if step.source == row.state and step.action not in ELSEWHERE and mine & set(step.roles)
    ]
    official = user.role in access.OFFICIALS
    seats = ContestSeat.objects.filter(contest=row).select_related("expert__user")
    public = row.state == "awarded"
    return {
        "offers": sorted(offers, key=lambda offer: bool(offer[1])),
        "method": row.method or standard().settings.method.model_dump(mode="json"),
        "draws": row.draws if official or public else [],
        "seats": seats.prefetch_related("scores") if official else (),
        "ranking": row.ranking if official or public else [],
        "entering": row.state == "open" and user.role == Role.ENTERPRISE
        and bidding_subject(user) is not None,
    }  # fmt: skip


def _fund(_user: User, row: Fund) -> dict[str, Any]:
    """Leverage and recovery of the fund with everything that belongs to it."""
    keys, below = set(), {row.pk}
    while below:
        keys |= below
        below = set(
            Fund.objects.filter(parent__in=below, struck=False).values_list("pk", flat=True)
        )
        below -= keys
    found = Placement.objects.filter(fund__in=keys)
    lever, back = funding.ratios(found)
    return {"leverage": lever, "recovery": back}


def _referral(user: User, row: Referral) -> dict[str, Any]:
    handles = access.keeps(user, row) or (row.fund is not None and access.keeps(user, row.fund))
    return {
        "handles": handles and user.role in (Role.OFFICE, Role.STAFF) and row.state in funding.OPEN,
        "funds": Fund.objects.filter(struck=False).order_by("title"),
        "placement_kinds": PLACEMENT_KINDS,
    }  # fmt: skip


def _cost(_user: User, row: ExpertCost) -> dict[str, Any]:
    return {"experts": costs.by_expert(row.subject)}


BOARDS: dict[type[Record], Callable[[User, Any], dict[str, Any]]] = {
    Contest: _contest, Fund: _fund, Referral: _referral, ExpertCost: _cost,
}  # fmt: skip
