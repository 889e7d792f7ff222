"""A demand becomes a published challenge."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Challenge
from songhua.console.innovation.services.challenge_measured import figure
from songhua.console.innovation.services.challenge_rows import begin, finish, take
from songhua.console.ledger.services import audit
from songhua.console.people.models import Role
from songhua.console.subsidies.services.rows import append, positive_fen
from songhua.governance.challenges.acceptance import DIRECTIONS
from songhua.governance.challenges.seats import ANY, PanelRules
from songhua.kit import figures
from songhua.kit.errors import InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from songhua.console.people.models import User

DEMAND = ("title", "problem", "field", "targets", "budget_fen", "chokepoint")


@transaction.atomic
def draft(actor: User, **demand: Any) -> Challenge:
    """Begin a demand: staff for their unit, an enterprise for its own registered subject.
    `demand` as `edit` takes it."""
    audit.hold()
    unit = actor.unit if actor.role == Role.STAFF else None
    subject = bidding_subject(actor) if actor.role == Role.ENTERPRISE else None
    if unit is None and subject is None:
        if actor.role == Role.ENTERPRISE:
            raise InputError(Problem("subject", "challenge_no_subject"))
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    row = Challenge(unit=unit, subject=subject, created_by=actor, created_at=clock.now())
    _put(row, **demand)
    return append(actor, row, "challenge_drafted", "state", "round", *DEMAND)


@transaction.atomic
def edit(actor: User, challenge: Challenge, **demand: Any) -> Challenge:
    """Change a draft."""
    row = begin(actor, challenge, "edit")
    _put(row, **demand)
    return finish(actor, row, "edit", *DEMAND)


def _put(
    row: Challenge,
    *,
    title: str,
    problem: str,
    field: str,
    budget_yuan: object,
    targets: Iterable[Mapping[str, str]],
    chokepoint: bool,
) -> None:
    problems = [
        Problem(name, "empty") for name, text in (("title", title), ("problem", problem))
        if not text.strip()
    ]  # fmt: skip
    if field not in standard().settings.fields:
        problems.append(Problem("field", "challenge_field_unknown", field))
    try:
        row.budget_fen = positive_fen(budget_yuan, "budget_yuan")
    except InputError as error:
        problems += error.problems
    try:
        row.targets = _targets(targets)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    row.title, row.problem, row.field = title.strip()[:120], problem.strip(), field
    row.chokepoint = chokepoint


def _targets(given: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    problems: list[Problem] = []
    for number, one in enumerate(given, 1):
        where = f"targets[{number}]"
        name = figures.plain(one["name"])
        if not name or name in [other["name"] for other in found]:
            problems.append(Problem(where, "challenge_target_twice" if name else "empty", name))
        if one["direction"] not in DIRECTIONS:
            problems.append(Problem(where, "challenge_direction", one["direction"]))
        try:
            threshold = str(figure(one["threshold"], where))
        except InputError as error:
            problems += error.problems
            continue
        found.append({"name": name, "unit": figures.plain(one["unit"]),
                      "direction": one["direction"], "threshold": threshold})  # fmt: skip
    if problems:
        raise InputError(problems)
    return found


def submit(actor: User, challenge: Challenge) -> Challenge:
    """Hand the demand to the office."""
    return take(actor, challenge, "submit")


@transaction.atomic
def publish(
    actor: User, challenge: Challenge, *, closes: datetime, panel: PanelRules | None = None
) -> Challenge:
    """发榜: with its closing instant, the method of scoring and the rules of the panel, none of
    which change afterwards."""
    row = begin(actor, challenge, "publish")
    settings, now = standard().settings, clock.now()
    if closes < now + timedelta(days=settings.open_days_at_least):
        raise InputError(Problem("closes", "challenge_closes_soon", settings.open_days_at_least))
    row.closes = closes.replace(microsecond=0)
    row.published_at = now
    year = clock.today().year
    row.number = f"JB{year}-{_published_in(year) + 1:03}"
    row.method = settings.method.model_dump(mode="json")
    row.panel = (panel or usual_panel(row.field)).model_dump(mode="json")
    return finish(
        actor, row, "publish", "closes", "published_at", "number", "method", "panel", *DEMAND
    )


def _published_in(year: int) -> int:
    return Challenge.objects.filter(number__startswith=f"JB{year}-").count()


def least_seats() -> int:
    """No smaller panel can give the scores that the method asks for."""
    return standard().settings.method.least


def usual_panel(field: str) -> PanelRules:
    """The panel that ``challenge_workflow.yaml`` proposes for a field."""
    given = standard().settings.panel
    seats = (field,) * given.own_field + (ANY,) * given.any_field
    return PanelRules(seats=seats, per_unit=given.per_unit, outside=given.outside)


def send_back(actor: User, challenge: Challenge, *, reason: str) -> Challenge:
    """退回修改."""
    return take(actor, challenge, "send_back", reason)


def decline(actor: User, challenge: Challenge, *, reason: str) -> Challenge:
    """不予发榜."""
    return take(actor, challenge, "decline", reason)


def abandon(actor: User, challenge: Challenge, *, reason: str) -> Challenge:
    """流标或终止."""
    return take(actor, challenge, "abandon", reason)
