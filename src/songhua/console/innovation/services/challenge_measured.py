"""What was measured for a challenge, judged against its targets. Only accepted reports count."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from songhua.console.innovation.models import MilestoneReport
from songhua.governance.challenges.acceptance import TechnicalTarget, judge_all, verdict
from songhua.kit import figures

if TYPE_CHECKING:
    from songhua.console.innovation.models import Challenge
    from songhua.governance.challenges.acceptance import Judgement

__all__ = ["figure", "judgements", "targets", "verdict"]


def figure(text: object, where: str) -> Decimal:
    """A technical figure of at most six decimals; below zero too, for here it is cold."""
    written = figures.plain(text).replace("−", "-")
    number = figures.decimal(written.removeprefix("-"), where, places=6)
    return -number if written.startswith("-") else number


def targets(challenge: Challenge) -> list[TechnicalTarget]:
    """The published targets."""
    return [
        TechnicalTarget(one["name"], one["unit"], one["direction"], Decimal(one["threshold"]))
        for one in challenge.targets
    ]


def judgements(challenge: Challenge) -> tuple[Judgement, ...]:
    """Every target with its newest accepted value: 1 query."""
    rows = MilestoneReport.objects.filter(
        milestone__contract__challenge=challenge, accepted=True
    ).order_by("pk")
    measured: dict[str, Decimal | None] = {}
    for values in rows.values_list("measured", flat=True):
        measured |= {name: Decimal(value) for name, value in values.items()}
    return judge_all(targets(challenge), measured)
