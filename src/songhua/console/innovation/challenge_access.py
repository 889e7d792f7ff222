"""What somebody is towards one challenge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.people.models import Role
from songhua.console.subsidies.access import owns
from songhua.console.subsidies.models import Subject

if TYPE_CHECKING:
    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User


def capacities(user: User, challenge: Challenge) -> frozenset[str]:
    """The roles of ``challenge_workflow.yaml`` that `user` has: up to 3 queries."""
    if not user.is_authenticated:
        return frozenset()
    found = {"anybody"}
    if user.role == Role.OFFICE:
        found.add("office")
    if asks(user, challenge):
        found.add("owner")
    elif user.role == Role.ENTERPRISE and bidding_subject(user) is not None:
        found.add("bidder")
    if challenge.winner is not None and owns(user, challenge.winner.subject):
        found.add("contractor")
    if user.role == Role.REVIEWER:
        seats = challenge.seats.filter(round=challenge.round, expert__user=user)
        if seats.exclude(clear=False).exists():
            found.add("expert")
    return frozenset(found)


def asks(user: User, challenge: Challenge) -> bool:
    """Whether the demand is that of the user's unit or organisation."""
    if challenge.subject is not None:
        return owns(user, challenge.subject)
    return user.role == Role.STAFF and user.unit_id == challenge.unit_id


def bidding_subject(user: User) -> Subject | None:
    """The organisation for which `user` may bid: an active one with their credit code."""
    if not user.credit_code:
        return None
    rows = Subject.objects.filter(credit_code=user.credit_code, state=Subject.State.ACTIVE)
    return rows.first()
