"""An expert declares, and scores; one who does not is taken off the panel."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.models import PanelScore
from songhua.console.innovation.services.challenge_guards import sitting
from songhua.console.innovation.services.challenge_rows import begin, finish
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.governance.challenges.scoring import Method, total
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.innovation.models import Bid, Challenge, PanelSeat
    from songhua.console.people.models import User

DECLARED = ("clear", "reason", "declared_at")


@transaction.atomic
def declare(actor: User, challenge: Challenge, *, clear: bool, reason: str = "") -> PanelSeat:
    """An expert declares that nothing ties them to any party, or steps down; their scores then
    count no more."""
    if not clear:
        required(reason=reason)
    row = begin(actor, challenge, "declare")
    one = locked(sitting(row).get(expert__user=actor))
    return _declared(actor, row, "declare", one, clear=clear, reason=reason)


def _declared(
    actor: User, row: Challenge, action: str, one: PanelSeat, *, clear: bool, reason: str
) -> PanelSeat:
    one.clear, one.reason, one.declared_at = clear, reason.strip(), clock.now()
    one.save()
    finish(actor, row, action, sets=vouch.sets(one, *DECLARED))
    return one


@transaction.atomic
def unseat(actor: User, challenge: Challenge, seat: PanelSeat, *, reason: str) -> PanelSeat:
    """Take from the panel somebody who does not score. Who has scored every bid stays."""
    row = begin(actor, challenge, "unseat", reason)
    one = locked(sitting(row).get(pk=seat.pk))
    if one.scores.count() == row.bids.exclude(label="").count():
        raise Conflict(Problem("seat", "challenge_seat_scored", str(one.expert)))
    return _declared(actor, row, "unseat", one, clear=False, reason=reason)


@transaction.atomic
def score(
    actor: User, challenge: Challenge, bid: Bid, *, points: Mapping[str, object], opinion: str
) -> PanelScore:
    """An expert's points for one bid, every criterion, once, with an opinion."""
    row = begin(actor, challenge, "score")
    method = Method.model_validate(row.method)
    if bid.challenge_id != row.pk or not bid.label:
        raise InputError(Problem("bid", "challenge_bid_unknown", str(bid)))
    given = _points(points, opinion, method)
    seat = locked(sitting(row).get(expert__user=actor))
    if seat.scores.filter(bid=bid).exists():
        raise Conflict(Problem("points", "subsidy_decided"))
    finish(actor, row, "score")
    made = PanelScore(
        seat=seat, bid=bid, points={code: str(value) for code, value in given.items()},
        opinion=opinion.strip(), scored_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "panel_score")


def _points(points: Mapping[str, object], opinion: str, method: Method) -> dict[str, Decimal]:
    problems: list[Problem] = [] if opinion.strip() else [Problem("opinion", "empty")]
    found: dict[str, Decimal] = {}
    for criterion in method.criteria:
        try:
            found[criterion.code] = figures.decimal(
                points.get(criterion.code, ""), f"points.{criterion.code}",
                limit=Decimal(criterion.most),
            )  # fmt: skip
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    total(found, method)
    return found
