"""What must hold before a step, each guard of ``challenge_workflow.yaml`` on its own. A guard
answers None where it holds, else the value that its sentence names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from songhua.console import clock
from songhua.console.innovation.models import (
    ChallengeObjection,
    MilestoneReport,
    PanelScore,
    PanelSeat,
)
from songhua.console.innovation.services import challenge_measured
from songhua.governance.challenges.bids import still_open
from songhua.governance.transitions import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet

    from songhua.console.innovation.models import Challenge, ChallengeNotice, PanelDraw
    from songhua.console.people.models import User


@dataclass(frozen=True)
class Asked:
    """Who asks for a step on which challenge, and why."""

    actor: User
    row: Challenge
    reason: str


def check(name: str, asked: Asked) -> Refusal | None:
    """The refusal of the guard `name`, None where it holds."""
    value = GUARDS[name](asked)
    if value is None:
        return None
    return Refusal(name, f"challenge_guard_{name}", value)


def _unless(holds: bool, value: object = "") -> str | None:
    return None if holds else str(value)


def _is_open(row: Challenge) -> bool:
    return row.closes is not None and still_open(clock.now(), row.closes)


def _closing(row: Challenge) -> str:
    return f"{timezone.localtime(row.closes):%Y-%m-%d %H:%M:%S}" if row.closes else ""


def newest_draw(row: Challenge) -> PanelDraw | None:
    """The draw that counts in this round."""
    return row.draws.filter(round=row.round).last()


def sitting(row: Challenge) -> QuerySet[PanelSeat]:
    """The seats of this round whose experts have not stepped down."""
    return PanelSeat.objects.filter(challenge=row, round=row.round).exclude(clear=False)


def _public_day(asked: Asked) -> str | None:
    made = newest_draw(asked.row)
    if made is None:
        return ""
    return _unless(clock.today() >= made.public_on, made.public_on)


def _seat_vacant(asked: Asked) -> str | None:
    made = newest_draw(asked.row)
    return _unless(made is not None and sitting(asked.row).count() < len(made.panel))


def _panel_done(asked: Asked) -> str | None:
    """Everybody who sits has declared, no seat is vacant, and every bid is scored by everybody."""
    row, made = asked.row, newest_draw(asked.row)
    seats = sitting(row).filter(clear=True)
    wanted = (len(made.panel) if made else 1) * row.bids.exclude(label="").count()
    given = PanelScore.objects.filter(seat__in=seats).count()
    return _unless(given == wanted, f"{given}/{wanted}")


def notice_of(row: Challenge) -> ChallengeNotice | None:
    """The notice that was opened last."""
    return row.notices.last()


def _notice_open(asked: Asked) -> str | None:
    notice = notice_of(asked.row)
    return _unless(notice is not None and notice.starts <= clock.today() <= notice.ends)


def _notice_over(asked: Asked) -> str | None:
    notice = notice_of(asked.row)
    if notice is None:
        return ""
    return _unless(clock.today() > notice.ends, notice.ends)


def _objections_answered(asked: Asked) -> str | None:
    rows = ChallengeObjection.objects.filter(notice__challenge=asked.row, upheld=None)
    return _unless(not rows.exists(), rows.count())


def _milestones_accepted(asked: Asked) -> str | None:
    done = MilestoneReport.objects.filter(milestone__contract__challenge=asked.row, accepted=True)
    count = done.values("milestone").distinct().count()
    wanted = asked.row.contract.milestones.count()
    return _unless(count == wanted, f"{count}/{wanted}")


def _targets_met(asked: Asked) -> str | None:
    found = challenge_measured.judgements(asked.row)
    return _unless(
        challenge_measured.verdict(found) == "passed",
        "、".join(one.target.name for one in found if one.state != "met"),
    )


GUARDS: dict[str, Callable[[Asked], str | None]] = {
    "has_targets": lambda asked: _unless(bool(asked.row.targets)),
    "reason": lambda asked: _unless(bool(asked.reason.strip())),
    "still_open": lambda asked: _unless(_is_open(asked.row), _closing(asked.row)),
    "closed": lambda asked: _unless(not _is_open(asked.row), _closing(asked.row)),
    "has_bids": lambda asked: _unless(asked.row.bids.exists()),
    "public_day": _public_day,
    "cleared": lambda asked: _unless(
        sitting(asked.row).filter(expert__user=asked.actor, clear=True).exists()
    ),
    "seat_vacant": _seat_vacant,
    "panel_done": _panel_done,
    "somebody_passed": lambda asked: _unless(bool(asked.row.ranking.get("first"))),
    "notice_open": _notice_open,
    "notice_over": _notice_over,
    "objections_answered": _objections_answered,
    "milestones_accepted": _milestones_accepted,
    "targets_met": _targets_met,
}
