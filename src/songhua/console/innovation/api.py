"""Challenges, achievements and demands for programs."""

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema

from songhua.console.innovation import achievement_selectors, challenge_selectors
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Achievement, Challenge
from songhua.console.innovation.services import achievement_matches
from songhua.console.runs.api.given import Before, Most, Number
from songhua.console.runs.api.rows import page
from songhua.console.runs.api.shown import REFUSALS
from songhua.kit.money import yuan

router = Router(tags=["创新 / Innovation"])
Kind = Annotated[
    Literal[tuple(Achievement.Kind.values)] | None, Query(None, description="类别 / Kind")
]
Stage = Annotated[
    Literal[tuple(Achievement.Stage.values)] | None, Query(None, description="阶段 / Stage")
]
State = Annotated[Literal[standard().states] | None, Query(None, description="状态 / State")]


class ChallengeShown(Schema):
    """A challenge; `winner` is named once it is public."""

    id: int
    number: str
    title: str
    problem: str
    field: str
    state: str
    asks: str
    budget_yuan: str
    targets: list[dict[str, str]]
    published_at: datetime | None
    closes: datetime | None
    winner: str | None


class ChallengeList(Schema):
    """A page of challenges, and the number to go on below."""

    rows: list[ChallengeShown]
    next: int | None


class AchievementShown(Schema):
    """An achievement or a demand; levels and amounts that are None are unknown."""

    id: int
    kind: str
    title: str
    text: str
    field: str
    district: str
    stage: str
    trl_low: int | None
    trl_high: int | None
    low_yuan: str | None
    high_yuan: str | None
    owner: str


class AchievementList(Schema):
    """A page of them, and the number to go on below."""

    rows: list[AchievementShown]
    next: int | None


class MatchShown(Schema):
    """A record that suits another: its score, what each feature adds, and what each shared term
    gives to it."""

    id: int
    title: str
    score: float
    adds: dict[str, float]
    terms: dict[str, float]


def _challenge(row: Challenge) -> dict[str, Any]:
    named = row.winner is not None and row.state in challenge_selectors.NAMED
    return {
        "id": row.pk, "number": row.number, "title": row.title, "problem": row.problem,
        "field": row.field, "state": row.state, "asks": str(row.asks),
        "budget_yuan": yuan(row.budget_fen), "targets": row.targets,
        "published_at": row.published_at, "closes": row.closes,
        "winner": row.winner.subject.name if named else None,
    }  # fmt: skip


def _achievement(row: Achievement) -> dict[str, Any]:
    return {
        "id": row.pk, "kind": row.kind, "title": row.title, "text": row.text, "field": row.field,
        "district": row.district, "stage": row.stage, "trl_low": row.trl_low,
        "trl_high": row.trl_high, "owner": str(row.owner),
        "low_yuan": None if row.low_fen is None else yuan(row.low_fen),
        "high_yuan": None if row.high_fen is None else yuan(row.high_fen),
    }  # fmt: skip


@router.get(
    "/challenges", url_name="challenges", response={200: ChallengeList, **REFUSALS},
    summary="揭榜挂帅一览 / List challenges",
)  # fmt: skip
def challenges(
    request: HttpRequest, state: State = None, before: Before = None, most: Most = 50
) -> dict[str, Any]:
    """What is published and, before that, what is your own, newest first."""
    rows = challenge_selectors.challenges(request.user)
    return page(rows, _challenge, before, most, state=state)


@router.get(
    "/achievements", url_name="achievements", response={200: AchievementList, **REFUSALS},
    summary="成果与需求一览 / List achievements and demands",
)  # fmt: skip
def achievements(
    request: HttpRequest,
    kind: Kind = None,
    stage: Stage = None,
    before: Before = None,
    most: Most = 50,
) -> dict[str, Any]:
    """Achievements and demands, newest first."""
    rows = achievement_selectors.achievements({})
    return page(rows, _achievement, before, most, kind=kind, stage=stage)


@router.get(
    "/achievements/{number}/matches", url_name="achievement_matches",
    response={200: list[MatchShown], **REFUSALS}, summary="匹配清单 / Match list",
)  # fmt: skip
def matches(request: HttpRequest, number: Number) -> list[dict[str, Any]]:
    """What suits an achievement or a demand, best first, with why."""
    found = achievement_matches.matches(get_object_or_404(Achievement, pk=number))
    titles = Achievement.objects.in_bulk([int(match.key) for match in found])
    return [
        {"id": int(match.key), "title": titles[int(match.key)].title, "score": match.score,
         "adds": match.adds, "terms": match.terms}
        for match in found
    ]  # fmt: skip
