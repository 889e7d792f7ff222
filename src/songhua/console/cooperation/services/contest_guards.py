"""What must hold before a step of a contest. A guard answers None where it holds, else the value
that its sentence names."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone

from songhua.console import clock
from songhua.console.cooperation import access
from songhua.console.cooperation.contest_workflow import standard
from songhua.console.cooperation.models import ContestScore, ContestSeat
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.services.rows import locked
from songhua.governance.challenges.bids import still_open
from songhua.governance.transitions import Refusal, obstacles, refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from songhua.console.cooperation.models import Contest, ContestEntry
    from songhua.console.people.models import User


def capacities(user: User, row: Contest) -> frozenset[str]:
    """The roles of ``contest_workflow.yaml`` that `user` has."""
    found = {"host"} if access.keeps(user, row) else set()
    if user.role == Role.ENTERPRISE and bidding_subject(user) is not None:
        found.add("entrant")
    if user.role == Role.REVIEWER and sitting(row).filter(expert__user=user).exists():
        found.add("expert")
    return frozenset(found)


def entered(row: Contest) -> QuerySet[ContestEntry]:
    """The entries that were not withdrawn."""
    return row.entries.filter(struck=False)


def sitting(row: Contest) -> QuerySet[ContestSeat]:
    """The seats whose experts have not stepped down."""
    return ContestSeat.objects.filter(contest=row).exclude(clear=False)


def _unless(holds: bool, value: object = "") -> str | None:
    return None if holds else str(value)


def _closing(row: Contest) -> str:
    return f"{timezone.localtime(row.closes):%Y-%m-%d %H:%M:%S}"


def _panel_done(row: Contest) -> str | None:
    """Every seat of the panel is filled, declared, and has scored every entry."""
    wanted = len(row.draws[-1]["panel"]) * entered(row).count()
    given = ContestScore.objects.filter(seat__in=sitting(row).filter(clear=True)).count()
    return _unless(given == wanted, f"{given}/{wanted}")


def _public_day(row: Contest) -> str | None:
    day = date.fromisoformat(row.draws[-1]["public_on"])
    return _unless(clock.today() >= day, day)


GUARDS: dict[str, Callable[[User, Contest, str], str | None]] = {
    "closes_ahead": lambda _u, row, _r: _unless(row.closes > clock.now(), _closing(row)),
    "still_open": lambda _u, row, _r: _unless(still_open(clock.now(), row.closes), _closing(row)),
    "over": lambda _u, row, _r: _unless(not still_open(clock.now(), row.closes), _closing(row)),
    "has_entries": lambda _u, row, _r: _unless(entered(row).exists()),
    "reason": lambda _u, _row, reason: _unless(bool(reason.strip())),
    "public_day": lambda _u, row, _r: _public_day(row),
    "cleared": lambda user, row, _r: _unless(
        sitting(row).filter(expert__user=user, clear=True).exists()
    ),
    "seat_vacant": lambda _u, row, _r: _unless(sitting(row).count() < len(row.draws[-1]["panel"])),
    "panel_done": lambda _u, row, _r: _panel_done(row),
    "somebody_passed": lambda _u, row, _r: _unless(any(one["passed"] for one in row.ranking)),
}


def refusals(actor: User, row: Contest, action: str, reason: str) -> tuple[Refusal, ...]:
    """What stands in the way of a step."""

    def check(name: str) -> Refusal | None:
        value = GUARDS[name](actor, row, reason)
        return None if value is None else Refusal(name, f"contest_guard_{name}", value)

    return obstacles(standard(), "contest", row.state, action, capacities(actor, row), check)


def begin(actor: User, contest: Contest, action: str, reason: str = "") -> Contest:
    """The locked contest, its state already the next one; or everything that stands in the way."""
    row = locked(contest)
    refuse(refusals(actor, row, action, reason))
    step = standard().find(row.state, action)
    assert step is not None
    row.state = step.to
    return row


def finish(
    actor: User,
    row: Contest,
    action: str,
    *fields: str,
    sets: dict[str, dict[str, object]] | None = None,
    **payload: object,
) -> Contest:
    """Save what a step changed and record it."""
    row.save()
    audit.record(
        actor, f"contest_{action}", vouch.subject(row),
        sets=vouch.sets(row, "state", *fields) | (sets or {}), **payload,
    )  # fmt: skip
    return row
