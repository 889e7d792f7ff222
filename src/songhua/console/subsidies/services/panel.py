"""专家评审: a blind panel. Who has a stake is recused; the average decides what was found."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Interest, Seat
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.services.rows import append, begin, finish, locked, required, take
from songhua.console.subsidies.workflow import standard
from songhua.kit import figures, money
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application, Subject

SEAT = ("recused", "scores", "total", "opinion", "scored_at")


def call_experts(actor: User, application: Application) -> Application:
    """On to the experts, once every unit has signed."""
    return take(actor, application, "call_experts")


@transaction.atomic
def seat(actor: User, application: Application, expert: User) -> Seat:
    """Put an expert on the panel. One with a stake in the subject is entered as recused."""
    row = begin(actor, application, "seat")
    if expert.role != Role.REVIEWER or not expert.is_active:
        raise InputError(Problem("expert", "subsidy_not_an_expert", str(expert)))
    if row.seats.filter(round=row.round, expert=expert).exists():
        raise Conflict(Problem("expert", "subsidy_seated_already", str(expert)))
    stake = access.interested(expert, row.subject)
    finish(actor, row, "seat")
    added = Seat(
        application=row, round=row.round, expert=expert, recused=stake,
        opinion="有利害关系，系统回避 recused: has a stake" if stake else "",
    )  # fmt: skip
    return append(actor, added, "expert_seated", *SEAT)


@transaction.atomic
def recuse(actor: User, application: Application, *, reason: str) -> Seat:
    """An expert steps down; whatever they scored no longer counts."""
    row = begin(actor, application, "recuse", reason)
    left = row.seats.get(round=row.round, expert=actor)
    left.recused, left.opinion = True, reason
    left.save()
    finish(actor, row, "recuse", sets=vouch.sets(left, *SEAT))
    return left


@transaction.atomic
def list_interest(actor: User, user: User, subject: Subject, *, reason: str) -> Interest:
    """Enter that somebody has a stake in a subject: everybody their own, the office anybody's.
    Their seats on panels that still sit are recused."""
    if actor.pk != user.pk:
        access.demand(actor, Role.OFFICE)
    required(reason=reason)
    audit.hold()
    if Interest.objects.filter(user=user, subject=subject).exists():
        raise Conflict(Problem("subject", "subsidy_interest_known", subject.name))
    row = Interest.objects.create(
        user=user, subject=subject, reason=reason, entered_by=actor, entered_at=clock.now()
    )
    sets: dict[str, dict[str, object]] = {}
    sitting = Seat.objects.filter(
        expert=user, recused=False, application__state="expert_review",
        application__subject__in=access.family([subject]),
    )  # fmt: skip
    for left in sitting.select_for_update(of=("self",)):
        left.recused, left.opinion = True, reason
        left.save()
        sets |= vouch.sets(left, *SEAT)
    audit.record(actor, "interest_listed", vouch.subject(row), facts=vouch.facts(row), sets=sets)
    return row


@transaction.atomic
def score(
    actor: User, application: Application, *, scores: Mapping[str, object], opinion: str
) -> Seat:
    """An expert's points for every criterion, once, with an opinion."""
    row = begin(actor, application, "score")
    if access.interested(actor, row.subject):
        raise NotAllowed(Problem("expert", "subsidy_guard_disinterested"))
    points = _points(scores, opinion)
    given = locked(row.seats.get(round=row.round, expert=actor))
    if given.total is not None:
        raise Conflict(Problem("scores", "subsidy_decided"))
    most = sum(criterion.most for criterion in standard().settings.criteria)
    given.scores = {code: str(value) for code, value in points.items()}
    given.total = _cents(sum(points.values(), Decimal(0)) * 100 / most)
    given.opinion, given.scored_at = opinion, clock.now()
    given.save()
    finish(actor, row, "score", sets=vouch.sets(given, *SEAT))
    return given


def _points(scores: Mapping[str, object], opinion: str) -> dict[str, Decimal]:
    criteria = {criterion.code: criterion for criterion in standard().settings.criteria}
    problems = [Problem("scores", "unknown_key", str(key)) for key in scores.keys() - criteria]
    found: dict[str, Decimal] = {}
    for code, criterion in criteria.items():
        try:
            found[code] = figures.decimal(
                scores.get(code, ""), f"scores.{code}", limit=Decimal(criterion.most)
            )
        except InputError as error:
            problems += error.problems
    if not opinion.strip():
        problems.append(Problem("opinion", "empty"))
    if problems:
        raise InputError(problems)
    return found


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def average(totals: Sequence[Decimal], kind: str) -> Decimal:
    """The mean of the totals; ``trimmed``: of three or more, without the highest and the lowest.

    >>> average([Decimal(60), Decimal(90), Decimal(91)], "trimmed")
    Decimal('90.00')
    """
    counted = sorted(totals)
    if kind == "trimmed" and len(counted) >= 3:
        counted = counted[1:-1]
    return _cents(sum(counted, Decimal(0)) / len(counted))


@transaction.atomic
def close_panel(
    actor: User, application: Application, *, reviewed_amount_yuan: object = None
) -> Application:
    """The panel's result becomes facts: whether it passed, by the average, and where the clause
    names no rate the amount that the review settled."""
    row = begin(actor, application, "close_panel")
    settings = standard().settings
    seats = row.seats.filter(round=row.round, recused=False)
    totals = list(seats.values_list("total", flat=True))
    mean = average(totals, settings.average)
    passed = mean >= settings.pass_mark
    rule = engine.rule_of(row.policy, row.version, row.rule)
    row.findings = row.findings | dict.fromkeys(sorted(engine.review_facts(rule)), passed)
    if rule.grant.kind == "reviewed" and passed:
        amount = money.fen(reviewed_amount_yuan or "", "reviewed_amount_yuan")
        row.findings[rule.grant.fact] = money.yuan(amount)
    elif reviewed_amount_yuan is not None:
        raise InputError(Problem("reviewed_amount_yuan", "subsidy_no_reviewed_amount"))
    return finish(actor, row, "close_panel", "findings", average=mean, passed=passed)
