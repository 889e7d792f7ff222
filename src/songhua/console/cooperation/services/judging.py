"""Experts declare and score; the published method ranks; the ranking gives the prizes."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.cooperation.contest_workflow import standard
from songhua.console.cooperation.models import ContestScore, Prize
from songhua.console.cooperation.services.contest_guards import begin, entered, finish, sitting
from songhua.console.cooperation.services.contests import DECLARED
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.services.rows import append, locked, required
from songhua.governance.assessment import half_up
from songhua.governance.challenges.scoring import Method, rank, total
from songhua.governance.contests import Ranked, allot, priority_until
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.cooperation.models import Contest, ContestEntry, ContestSeat
    from songhua.console.people.models import User


@transaction.atomic
def declare(actor: User, contest: Contest, *, clear: bool, reason: str = "") -> ContestSeat:
    """An expert declares that nothing ties them to anybody who entered, or steps down."""
    if not clear:
        required(reason=reason)
    row = begin(actor, contest, "declare")
    seat = locked(sitting(row).get(expert__user=actor))
    return _declared(actor, row, "declare", seat, clear=clear, reason=reason)


@transaction.atomic
def unseat(actor: User, contest: Contest, seat: ContestSeat, *, reason: str) -> ContestSeat:
    """Take from the panel somebody who does not score. Who has scored every entry stays."""
    row = begin(actor, contest, "unseat", reason)
    one = locked(sitting(row).get(pk=seat.pk))
    if one.scores.count() == entered(row).count():
        raise Conflict(Problem("seat", "challenge_seat_scored", str(one.expert)))
    return _declared(actor, row, "unseat", one, clear=False, reason=reason)


def _declared(
    actor: User, row: Contest, action: str, one: ContestSeat, *, clear: bool, reason: str
) -> ContestSeat:
    one.clear, one.reason, one.declared_at = clear, reason.strip(), clock.now()
    one.save()
    finish(actor, row, action, sets=vouch.sets(one, *DECLARED))
    return one


@transaction.atomic
def score(
    actor: User,
    contest: Contest,
    entry: ContestEntry,
    *,
    points: Mapping[str, object],
    opinion: str,
) -> ContestScore:
    """An expert's points for one entry, every criterion, once, with an opinion."""
    row = begin(actor, contest, "score")
    method = Method.model_validate(row.method)
    problems = [] if opinion.strip() else [Problem("opinion", "empty")]
    given: dict[str, Decimal] = {}
    for one in method.criteria:
        where = f"points.{one.code}"
        try:
            most = Decimal(one.most)
            given[one.code] = figures.decimal(points.get(one.code, ""), where, limit=most)
        except InputError as error:
            problems += error.problems
    if not entered(row).filter(pk=entry.pk).exists():
        problems.append(Problem("entry", "cooperation_unknown", str(entry)))
    if problems:
        raise InputError(problems)
    total(given, method)
    seat = locked(sitting(row).get(expert__user=actor))
    if seat.scores.filter(entry=entry).exists():
        raise Conflict(Problem("points", "subsidy_decided"))
    finish(actor, row, "score")
    made = ContestScore(
        seat=seat, entry=entry, points={code: str(value) for code, value in given.items()},
        opinion=opinion.strip(), scored_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "contest_score")


@transaction.atomic
def rank_entries(actor: User, contest: Contest) -> Contest:
    """Put the scores together by the published method; every total that led there is kept."""
    row = begin(actor, contest, "rank")
    method = Method.model_validate(row.method)
    experts = dict(sitting(row).values_list("pk", "expert__pk"))
    labels = dict(entered(row).values_list("pk", "label"))
    given: dict[str, dict[str, dict[str, Decimal | None]]] = {
        label: {f"E{key:04d}": {} for key in experts.values()} for label in labels.values()
    }
    for one in ContestScore.objects.filter(seat__in=experts):
        points = {code: Decimal(value) for code, value in one.points.items()}
        given[labels[one.entry_id]][f"E{experts[one.seat_id]:04d}"] = dict(points)
    row.ranking = [
        {
            "label": one.bid, "rank": one.rank, "exact": str(one.score),
            "score": None if one.score is None else str(half_up(one.score, 2)),
            "totals": {e: None if t is None else str(half_up(t, 2)) for e, t in one.totals.items()},
            "passed": one.score is not None and one.score >= method.pass_mark,
        }
        for one in rank(given, method)
    ]  # fmt: skip
    return finish(actor, row, "rank", "ranking")


@transaction.atomic
def award(actor: User, contest: Contest) -> list[Prize]:
    """Give the prizes by rank; from today each winner has priority for support."""
    row = begin(actor, contest, "award")
    row.awarded_on = clock.today()
    finish(actor, row, "award", "awarded_on")
    ranks = {one["label"]: one["rank"] for one in row.ranking}
    ranked = [Ranked(one["label"], one["rank"], one["passed"]) for one in row.ranking]
    won = allot(ranked, [(name, count) for name, count in row.prizes])
    until = priority_until(row.awarded_on, standard().settings.priority_months)
    given = []
    for entry in entered(row).filter(label__in=won).select_related("subject"):
        made = Prize(
            title=won[entry.label], entry=entry, contest=row, subject=entry.subject,
            rank=ranks[entry.label], given_on=row.awarded_on, priority_until=until, unit=row.unit,
            entered_by=actor, entered_at=clock.now(),
        )  # fmt: skip
        given.append(append(actor, made, "prize_given", "struck"))
    return given
