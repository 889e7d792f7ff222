"""The registry of achievements and demands: entered by their owners, promoted by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import Achievement, StagePromotion
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.access import demand, owns
from songhua.console.subsidies.services.rows import append, locked, positive_fen, required
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.console.people.models import User

STAGES = tuple(Achievement.Stage.values)
MATURITY = ("stage", "trl_low", "trl_high")
DECIDED = ("confirmed", "opinion", "decided_by_id", "decided_at")


def of(user: User, row: Achievement) -> bool:
    """Whether it is the user's unit's or organisation's."""
    if row.subject is not None:
        return owns(user, row.subject)
    return user.role == Role.STAFF and user.unit_id == row.unit_id


@transaction.atomic
def enter(
    actor: User,
    *,
    kind: str,
    title: str,
    text: str,
    field: str,
    district: str = "",
    stage: str = "",
    trl_low: str = "",
    trl_high: str = "",
    low_yuan: str = "",
    high_yuan: str = "",
    rights: str = "",
) -> Achievement:
    """Enter one, by staff for their unit and by an enterprise for its own registered subject. A
    level or an amount that is empty is unknown; an achievement's second level and amount, where
    empty, are its first."""
    audit.hold()
    unit = actor.unit if actor.role == Role.STAFF else None
    subject = bidding_subject(actor) if actor.role == Role.ENTERPRISE else None
    if unit is None and subject is None:
        if actor.role == Role.ENTERPRISE:
            raise InputError(Problem("subject", "challenge_no_subject"))
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    problems: list[Problem] = []

    def sound(read: object, value: str, where: str) -> int | None:
        try:
            return read(value, where) if value.strip() else None
        except InputError as error:
            problems.extend(error.problems)
            return None

    problems += [
        Problem(n, "empty") for n, v in (("title", title), ("text", text)) if not v.strip()
    ]
    if field not in standard().settings.fields:
        problems.append(Problem("field", "challenge_field_unknown", field))
    if kind not in Achievement.Kind.values:
        problems.append(Problem("kind", "achievement_kind", kind))
    if (kind == "achievement") != (stage in STAGES) or (kind == "demand" and stage):
        problems.append(Problem("stage", "achievement_stage", stage))
    low, high = sound(level, trl_low, "trl_low"), sound(level, trl_high, "trl_high")
    least, most = (
        sound(positive_fen, low_yuan, "low_yuan"),
        sound(positive_fen, high_yuan, "high_yuan"),
    )
    spans = {"trl_low": (low, high), "low_yuan": (least, most)}
    problems += [
        Problem(where, "achievement_range") for where, (a, b) in spans.items()
        if a is not None and b is not None and a > b
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    row = Achievement(
        kind=kind, title=figures.plain(title)[:120], text=text.strip(), field=field,
        district=figures.plain(district)[:40], stage=stage, rights=rights.strip()[:200],
        trl_low=low if low is not None else high, trl_high=high if high is not None else low,
        low_fen=least if least is not None else most, high_fen=most if most is not None else least,
        unit=unit, subject=subject, created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    return append(actor, row, "achievement_entered", *MATURITY)


def level(text: object, where: str) -> int:
    """A technology readiness level, 1-9."""
    value = figures.decimal(text, where)
    if value not in range(1, 10):
        raise InputError(Problem(where, "achievement_trl", str(text)))
    return int(value)


def propose(
    actor: User,
    achievement: Achievement,
    *,
    stage: str,
    trl: str,
    statement: str,
    filename: str,
    chunks: Iterable[bytes],
) -> StagePromotion:
    """Propose a later stage, by the owner, with its evidence."""
    _demand_owner(actor, achievement)
    required(statement=statement, file=filename)
    reached = level(trl, "trl")
    sha256, size = files.keep(chunks, settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        row = locked(achievement)
        if row.promotions.filter(confirmed=None).exists():
            raise Conflict(Problem("stage", "achievement_waiting"))
        later = STAGES[STAGES.index(row.stage) + 1 :] if row.stage else ()
        if stage not in later:
            raise InputError(Problem("stage", "achievement_not_later", stage))
        if row.trl_high is not None and reached < row.trl_high:
            raise InputError(Problem("trl", "achievement_trl_falls", str(row.trl_high)))
        made = StagePromotion(
            achievement=row, stage=stage, trl=reached, statement=statement.strip(), sha256=sha256,
            size=size, filename=filename.replace("\\", "/").rpartition("/")[2][-200:],
            proposed_by=actor, proposed_at=clock.now(),
        )  # fmt: skip
        return append(actor, made, "stage_proposed", *DECIDED)


@transaction.atomic
def decide(
    actor: User, promotion: StagePromotion, *, confirmed: bool, opinion: str
) -> StagePromotion:
    """Confirm or refuse, by the office and never by who proposed; confirmed, it is the stage."""
    demand(actor, Role.OFFICE)
    required(opinion=opinion)
    achievement = locked(promotion.achievement)
    row = locked(promotion)
    if row.proposed_by_id == actor.pk:
        raise NotAllowed(Problem("confirmed", "achievement_own_proposal"))
    if row.confirmed is not None:
        raise Conflict(Problem("confirmed", "subsidy_decided"))
    row.confirmed, row.opinion = confirmed, opinion.strip()
    row.decided_by, row.decided_at = actor, clock.now()
    row.save()
    if confirmed:
        achievement.stage = row.stage
        achievement.trl_low = achievement.trl_high = row.trl
        achievement.save()
    audit.record(
        actor, "stage_decided", vouch.subject(achievement), promotion=row.pk,
        sets=vouch.sets(row, *DECIDED) | vouch.sets(achievement, *MATURITY),
    )  # fmt: skip
    return row


def _demand_owner(actor: User, row: Achievement) -> None:
    if not of(actor, row):
        raise NotAllowed(Problem("achievement", "not_your_row", row.title))
