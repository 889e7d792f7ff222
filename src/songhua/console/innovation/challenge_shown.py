"""Records of challenges as people read them: the panel, the milestones, the story."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db.models import Count

from songhua.console.design.bilingual import language
from songhua.console.design.figures import moment
from songhua.console.innovation.challenge_selectors import NAMED
from songhua.console.innovation.models import PanelSeat
from songhua.console.people.models import User
from songhua.governance.challenges.acceptance import milestone_state
from songhua.kit.messages import catalogue, sentence

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.innovation.models import (
        Challenge,
        ChallengeContract,
        Milestone,
        MilestoneReport,
        PanelDraw,
    )
    from songhua.console.ledger.models import AuditEntry
    from songhua.governance.challenges.acceptance import MilestoneState


class Stage(NamedTuple):
    """A milestone, where it stands, its reports, and the one that waits for a decision."""

    milestone: Milestone
    state: MilestoneState
    reports: list[MilestoneReport]
    waiting: MilestoneReport | None


def milestones(
    contract: ChallengeContract, reports: QuerySet[MilestoneReport], today: date
) -> list[Stage]:
    """Every milestone of a contract: 2 queries."""
    by_milestone: dict[int, list[MilestoneReport]] = {}
    for one in reports:
        by_milestone.setdefault(one.milestone_id, []).append(one)
    found = []
    for row in contract.milestones.all():
        own = by_milestone.get(row.pk, [])
        last = own[-1] if own else None
        state = milestone_state(
            row.due, today, submitted=bool(own), accepted=last.accepted if last else None
        )
        found.append(Stage(row, state, own, last if state == "submitted" else None))
    return found


def panel(row: Challenge, drawn: PanelDraw | None, *, official: bool) -> list[dict[str, Any]]:
    """The panel: to officials everybody who was seated in this round, by name, with what they have
    declared and how many bids they scored; to others the codes, from the notice on."""
    if official:
        seats = PanelSeat.objects.filter(challenge=row, round=row.round)
        known = seats.select_related("expert__user").annotate(n=Count("scores"))
        return [{"code": s.expert.code, "seat": s, "profile": s.expert, "scores": s.n}
                for s in known]  # fmt: skip
    if drawn is None or row.state not in NAMED:
        return []
    return [{"code": code} for code in drawn.panel]


def story(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """The steps for the timeline, newest first: 1 query for the names."""
    entries = list(entries)
    people = {u.username: u for u in User.objects.filter(username__in={e.actor for e in entries})}
    return [
        {"title": act(entry.action), "when": moment(entry.at), "icon": "check",
         "who": str(people.get(entry.actor, entry.actor)),
         "text": str(json.loads(entry.payload).get("reason") or "")}
        for entry in reversed(entries)
    ]  # fmt: skip


def act(action: str) -> str:
    """What was done, in words."""
    code = f"challenge_action_{action.removeprefix('challenge_')}"
    return sentence(code, language()) if code in catalogue() else action
