"""What people see of challenges: the public what is published, experts nothing that names a
bidder, and nobody a bid before the closing second."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, F, Q

from songhua.console.innovation import challenge_access
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Bid, BidPaper, Challenge, PanelSeat
from songhua.console.innovation.services import challenge_rows
from songhua.console.ledger.models import AuditEntry
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from songhua.console.people.models import User
    from songhua.governance.transitions import Refusal

OFFICIALS = (Role.OFFICE, Role.LEADER)
HIDDEN = ("draft", "submitted", "declined")
NAMED = ("notice", "contract", "running", "accepted", "supported", "failed")  # the winner is public
ELSEWHERE = frozenset({"edit", "bid", "declare", "score", "object", "answer", "uphold", "report",
                       "decide"})  # fmt: skip


def challenges(user: User) -> QuerySet[Challenge]:
    """Published ones for everybody; before that officials and whoever asks."""
    rows = Challenge.objects.select_related(
        "unit", "subject__operator", "subject__merged_into", "winner__subject__merged_into",
        "winner__subject__operator", "application",
    )  # fmt: skip
    if not user.is_authenticated:
        return rows.exclude(state__in=HIDDEN)
    if user.role in OFFICIALS:
        return rows
    seen = ~Q(state__in=HIDDEN)
    if user.role == Role.STAFF and user.unit_id:
        seen |= Q(unit=user.unit_id)
    if user.role == Role.ENTERPRISE and user.credit_code:
        seen |= Q(subject__credit_code=user.credit_code)
    return rows.filter(seen)


def filtered(rows: QuerySet[Challenge], given: Mapping[str, str]) -> QuerySet[Challenge]:
    """Under the filters of the list."""
    if state := given.get("state", ""):
        rows = rows.filter(state=state)
    if field := given.get("field", ""):
        rows = rows.filter(field=field)
    if text := given.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=text) | Q(number__iexact=text))
    return rows


def counts(rows: QuerySet[Challenge]) -> list[tuple[str, int]]:
    """How many in each state, in the order of the workflow: 1 query."""
    found = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return [(state, found[state]) for state in standard().states if state in found]


def receipts(user: User, challenge: Challenge) -> QuerySet[Bid]:
    """The receipts of the user's own bids: when, and the commitment; nothing of the content."""
    subject = challenge_access.bidding_subject(user) if user.role == Role.ENTERPRISE else None
    rows = challenge.bids.filter(subject=subject) if subject else challenge.bids.none()
    return rows.only("pk", "received_at", "receipt").order_by("pk")


def opened(user: User, challenge: Challenge) -> QuerySet[Bid]:
    """The opened bids with their bidders: officials all, a bidder its own."""
    rows = challenge.bids.exclude(label="").select_related("subject").prefetch_related("papers")
    if user.is_authenticated and user.role in OFFICIALS:
        return rows
    if user.is_authenticated and user.role == Role.ENTERPRISE and user.credit_code:
        return rows.filter(subject__credit_code=user.credit_code)
    return rows.none()


def seats(user: User) -> QuerySet[PanelSeat]:
    """The panels to which this expert was drawn, in this round or an earlier one."""
    return PanelSeat.objects.filter(expert__user=user).select_related("challenge").order_by("-pk")


def open_seats(user: User) -> QuerySet[PanelSeat]:
    """Those of them that still sit."""
    rows = seats(user).filter(challenge__state="scoring", round=F("challenge__round"))
    return rows.exclude(clear=False)


@dataclass(frozen=True)
class BlindBid:
    """A bid as experts see it: by its label, without bidder, people, or papers that name them."""

    pk: int
    label: str
    price_yuan: str
    plan: str
    promised: dict[str, str]
    papers: list[BidPaper]


def blind(seat: PanelSeat) -> list[BlindBid]:
    """What a seat that declared no conflict reads; nothing before."""
    if seat.clear is not True:
        return []
    rows = Bid.objects.filter(challenge=seat.challenge).exclude(label="")
    return [
        BlindBid(
            one.pk, one.label, one.content["price_yuan"], one.content["plan"],
            one.content["promised"], [paper for paper in one.papers.all() if paper.blind],
        )
        for one in rows.prefetch_related("papers")
    ]  # fmt: skip


def organisations(challenge: Challenge) -> list[str]:
    """Who takes part, sorted by name and so without a hint which bid is whose: what an expert
    needs to declare a conflict."""
    names = challenge.bids.exclude(label="").values_list("subject__name", flat=True)
    return sorted([*names, str(challenge.asks)])


def papers(user: User) -> QuerySet[BidPaper]:
    """The papers that `user` may take away: officials all, a bidder its own, an expert who sits
    and declared no conflict the blind ones."""
    rows = BidPaper.objects.select_related("bid__challenge")
    if user.role in OFFICIALS:
        return rows
    if user.role == Role.ENTERPRISE and user.credit_code:
        return rows.filter(bid__subject__credit_code=user.credit_code)
    if user.role == Role.REVIEWER:
        mine = PanelSeat.objects.filter(expert__user=user, clear=True)
        return rows.filter(blind=True, bid__challenge__seats__in=mine).distinct()
    return rows.none()


@dataclass(frozen=True)
class Offer:
    """One step: possible where `refusals` is empty; `reason` says that it needs one."""

    action: str
    refusals: tuple[Refusal, ...]
    reason: bool


@transaction.atomic
def offers(user: User, row: Challenge) -> list[Offer]:
    """The steps of the present state that are this person's, possible ones first."""
    mine = challenge_access.capacities(user, row)
    found = [
        Offer(step.action, challenge_rows.refusals(user, row, step.action, "?"),
              "reason" in step.guards)
        for step in standard().transitions
        if step.source == row.state and step.action not in ELSEWHERE and mine & set(step.roles)
    ]  # fmt: skip
    return sorted(found, key=lambda offer: bool(offer.refusals))


def history(challenge: Challenge) -> QuerySet[AuditEntry]:
    """Every step of a challenge, from the log."""
    return AuditEntry.objects.filter(subject=f"challenge:{challenge.pk}").order_by("seq")
