"""Which records of innovation the plan counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils import timezone

from songhua.console import clock
from songhua.console.innovation.challenge_selectors import HIDDEN
from songhua.console.innovation.models import Achievement, Challenge, MatchDecision
from songhua.console.ledger.counted import Collection
from songhua.console.ledger.counted import register as count

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet

TRANSFERABLE = ("pilot", "maturing", "incubation", "industrial")  # 已通过中试、熟化、孵化


def register() -> None:
    """Make them known to the ledger."""
    count(
        Collection(
            "challenges", "揭榜挂帅榜单", "Open challenges", _challenges, name=str,
            day=lambda row: _date(row.published_at),
            address=lambda row: reverse("challenge", args=[row.pk]),
        ),
        Collection(
            "achievements", "科技成果", "Achievements",
            lambda on: _entered(on).filter(kind="achievement"), name=str,
            day=lambda row: _date(row.created_at),
            address=lambda row: reverse("achievement", args=[row.pk]),
        ),
        Collection(
            "achievements_matured", "已通过中试、熟化、孵化的成果", "Achievements past the pilot",
            lambda on: _entered(on).filter(stage__in=TRANSFERABLE), name=str,
            day=lambda row: _date(row.created_at),
            address=lambda row: reverse("achievement", args=[row.pk]),
        ),
        Collection(
            "matches", "供需撮合记录", "Matches accepted",
            lambda on: MatchDecision.objects.filter(
                accepted=True, decided_at__lt=_next(on)
            ).select_related("asked", "found"),
            name=lambda row: f"{row.asked} ↔ {row.found}", day=lambda row: _date(row.decided_at),
            address=lambda row: reverse("achievement", args=[row.asked_id]),
        ),
    )  # fmt: skip


def _challenges(on: date) -> QuerySet[Challenge]:
    rows = Challenge.objects.exclude(state__in=HIDDEN)
    return rows.filter(published_at__lt=_next(on)).select_related("unit", "subject")


def _entered(on: date) -> QuerySet[Achievement]:
    return Achievement.objects.filter(created_at__lt=_next(on))


def _next(on: date) -> datetime:
    """The instant at which the day after `on` begins."""
    return clock.midnight(on + timedelta(days=1))


def _date(instant: datetime) -> date:
    return timezone.localtime(instant).date()
