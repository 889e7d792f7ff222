"""The registry of experts: profiles and ties, entered by the office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import ExpertProfile, ExpertTie
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.access import demand
from songhua.console.subsidies.services.registry import name_key
from songhua.console.subsidies.services.rows import append, required
from songhua.governance.challenges.ties import Expert, Tie
from songhua.kit import figures
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from songhua.console.people.models import User

PROFILE = ("organisation", "organisation_code", "outside", "fields", "available")


@transaction.atomic
def put_profile(
    actor: User,
    user: User,
    *,
    organisation: str,
    organisation_code: str = "",
    outside: bool = False,
    fields: Iterable[str] = (),
    available: bool = True,
) -> ExpertProfile:
    """Enter or change what is known of an expert."""
    demand(actor, Role.OFFICE)
    required(organisation=organisation)
    known = standard().settings.fields
    fields = sorted(set(fields))
    problems = [Problem("fields", "challenge_field_unknown", f) for f in fields if f not in known]
    if user.role != Role.REVIEWER:
        problems.append(Problem("user", "subsidy_not_an_expert", str(user)))
    if problems:
        raise InputError(problems)
    code = figures.credit_code(organisation_code, "credit_code") if organisation_code else ""
    audit.hold()
    row = ExpertProfile.objects.filter(user=user).first() or ExpertProfile(user=user)
    row.organisation, row.organisation_code = figures.plain(organisation)[:120], code
    row.outside, row.fields, row.available = outside, fields, available
    if row.pk is None:
        return append(actor, row, "expert_entered", *PROFILE)
    row.save()
    audit.record(actor, "expert_changed", vouch.subject(row), sets=vouch.sets(row, *PROFILE))
    return row


@transaction.atomic
def put_tie(
    actor: User,
    expert: ExpertProfile,
    *,
    kind: str,
    other: str,
    on: date | None = None,
    source: str,
) -> ExpertTie:
    """Enter a tie: by the office, or by experts their own."""
    if actor.pk != expert.user_id:
        demand(actor, Role.OFFICE)
    required(other=other, source=source)
    if kind not in ExpertTie.Kind.values:
        raise InputError(Problem("kind", "challenge_tie_unknown", kind))
    row = ExpertTie(
        expert=expert, kind=kind, other=figures.plain(other)[:120], on=on,
        source=source.strip()[:200], entered_by=actor, entered_at=clock.now(),
    )  # fmt: skip
    return append(actor, row, "expert_tie")


def experts() -> list[Expert]:
    """Everybody who may be drawn: 1 query."""
    rows = ExpertProfile.objects.filter(available=True, user__is_active=True)
    return [
        Expert(one.code, name_key(one.organisation_code or one.organisation), one.outside,
               frozenset(one.fields))
        for one in rows.filter(user__role=Role.REVIEWER)
    ]  # fmt: skip


def ties() -> list[Tie]:
    """Every tie, names in the form in which parties are compared: 1 query."""
    rows = ExpertTie.objects.select_related("expert")
    return [Tie(one.kind, one.expert.code, name_key(one.other), one.on) for one in rows]
