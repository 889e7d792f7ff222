"""The ranking, its public notice, and the objections to it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import (
    ChallengeNotice,
    ChallengeObjection,
    PanelScore,
    PanelSeat,
)
from songhua.console.innovation.services.challenge_guards import notice_of
from songhua.console.innovation.services.challenge_rows import begin, finish, take
from songhua.console.ledger.services import vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.governance.assessment import half_up
from songhua.governance.challenges.agreement import kendall_w, krippendorff_alpha
from songhua.governance.challenges.scoring import Method, matrix, rank
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from fractions import Fraction

    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User
    from songhua.governance.challenges.scoring import Result

ANSWERED = ("upheld", "answer", "answered_by_id", "answered_at")


@transaction.atomic
def rank_bids(actor: User, challenge: Challenge) -> Challenge:
    """Put the scores together by the published method; every figure that led there is kept."""
    row = begin(actor, challenge, "rank")
    method = Method.model_validate(row.method)
    results = rank(_scores(row), method)
    table = matrix(results)
    row.ranking = {
        "bids": [_line(one) for one in results],
        "first": [r.bid for r in results
                  if r.rank == 1 and r.score is not None and r.score >= method.pass_mark],
        "alpha": _shown(krippendorff_alpha(table)), "w": _shown(kendall_w(table)),
    }  # fmt: skip
    return finish(actor, row, "rank", "ranking")


def _scores(row: Challenge) -> dict[str, dict[str, dict[str, Decimal | None]]]:
    """The points by bid and expert: who sits and has not scored has an empty mapping."""
    seats = PanelSeat.objects.filter(challenge=row, round=row.round, clear=True)
    experts = {one.pk: one.expert.code for one in seats.select_related("expert")}
    labels = dict(row.bids.exclude(label="").values_list("pk", "label"))
    found: dict[str, dict[str, dict[str, Decimal | None]]] = {
        label: {code: {} for code in experts.values()} for label in labels.values()
    }
    for one in PanelScore.objects.filter(seat__in=seats):
        points = {code: Decimal(value) for code, value in one.points.items()}
        found[labels[one.bid_id]][experts[one.seat_id]] = dict(points)
    return found


def _line(one: Result) -> dict[str, Any]:
    return {
        "bid": one.bid, "rank": one.rank, "score": _shown(one.score), "exact": str(one.score),
        "totals": {expert: _shown(value) for expert, value in one.totals.items()},
        "trimmed": list(one.trimmed), "outliers": list(one.outliers),
        "reasons": [{"zh": r.text("zh"), "en": r.text("en")} for r in one.reasons],
    }  # fmt: skip


def _shown(value: Fraction | None) -> str | None:
    if value is None:
        return None
    return f"-{half_up(-value, 2)}" if value < 0 else str(half_up(value, 2))


@transaction.atomic
def propose(
    actor: User, challenge: Challenge, *, label: str = "", reason: str = ""
) -> ChallengeNotice:
    """公示 the winner: the bid ranked first that passed. Where several share the first rank, the
    office names one of them and says why."""
    row = begin(actor, challenge, "propose")
    first = row.ranking["first"]
    if len(first) > 1:
        required(bid=label, reason=reason)
    label = label or first[0]
    if label not in first:
        raise InputError(Problem("bid", "challenge_not_first", label))
    row.winner = row.bids.select_related("subject").get(label=label)
    finish(actor, row, "propose", "winner_id", reason=reason)
    today = clock.today()
    line = next(one for one in row.ranking["bids"] if one["bid"] == label)
    made = ChallengeNotice(
        challenge=row, starts=today,
        ends=work_calendar().add_workdays(today, standard().settings.notice_workdays),
        published={"winner": row.winner.subject.name, "label": label, "score": line["score"],
                   "amount_yuan": row.winner.content["price_yuan"]},
        opened_by=actor, opened_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "challenge_notice_opened")


@transaction.atomic
def object_to(actor: User, challenge: Challenge, *, text: str) -> ChallengeObjection:
    """Object while the notice is open."""
    row = begin(actor, challenge, "object", text)
    finish(actor, row, "object")
    made = ChallengeObjection(
        notice=notice_of(row), text=text.strip(), made_by=actor, made_at=clock.now()
    )
    return append(actor, made, "challenge_objection_made", *ANSWERED)


@transaction.atomic
def answer(
    actor: User, objection: ChallengeObjection, *, upheld: bool, text: str
) -> ChallengeObjection:
    """Answer an objection, never one's own; upheld, it sends the bids to a new panel."""
    action = "uphold" if upheld else "answer"
    challenge = begin(actor, objection.notice.challenge, action, text)
    row = locked(objection)
    if row.made_by_id == actor.pk:
        raise NotAllowed(Problem("answered_by", "own_submission"))
    if row.upheld is not None:
        raise Conflict(Problem("upheld", "subsidy_decided"))
    row.upheld, row.answer = upheld, text.strip()
    row.answered_by, row.answered_at = actor, clock.now()
    row.save()
    if upheld:
        challenge.round += 1
        challenge.winner, challenge.ranking = None, {}
    finish(
        actor, challenge, action, "round", "winner_id", "ranking", sets=vouch.sets(row, *ANSWERED)
    )
    return row


def close_notice(actor: User, challenge: Challenge) -> Challenge:
    """On to the contract, once the notice is over and every objection answered."""
    return take(actor, challenge, "close_notice")
