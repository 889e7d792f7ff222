"""拟定金额: the engine computes at the day of application; every computation is kept whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.subsidies.models import Assessment, PublicNotice
from songhua.console.subsidies.services import engine, guards
from songhua.console.subsidies.services.drafts import estimate
from songhua.console.subsidies.services.rows import append, begin, finish, positive_fen, required
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import InputError, Problem
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application
    from songhua.policy import Rule


@transaction.atomic
def compute(
    actor: User,
    application: Application,
    *,
    reading: Mapping[str, str] | None = None,
    settled: Mapping[str, object] | None = None,
    reason: str = "",
) -> Assessment:
    """Compute the amount. Another reading, a changed reviewed amount or the table of another
    document (`settled`) each need a reason."""
    row = begin(actor, application, "compute")
    rule = engine.rule_of(row.policy, row.version, row.rule)
    if reading is not None or settled:
        required(reason=reason)
    row.reading = dict(reading) if reading is not None else row.reading
    row.findings = row.findings | _settled(rule, settled or {})
    assert row.applied_on is not None
    award = estimate(row, row.applied_on)
    engine.refuse_unusable(award)
    finish(actor, row, "compute", "reading", "findings", reason=reason)
    made = Assessment(
        application=row, round=row.round, on=row.applied_on, facts=row.facts | row.findings,
        reading=row.reading, award=award, made_by=actor, made_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "assessment_made")


def _settled(rule: Rule, settled: Mapping[str, object]) -> dict[str, object]:
    wrong = [
        Problem(f"settled.{name}", "unknown_key", name)
        for name in settled.keys() - engine.settled_facts(rule)
    ]
    if wrong:
        raise InputError(wrong)
    return dict(settled)


@transaction.atomic
def propose(
    actor: User, application: Application, *, amount_yuan: object = None, reason: str = ""
) -> PublicNotice:
    """Propose the computed amount and publish it (公示). Where an open list (等) is all that is
    undecided, the unit decides: any amount up to the ceiling, with its reason."""
    row = begin(actor, application, "propose")
    last = guards.latest(row)
    assert last is not None
    row.proposed_fen = _amount(last.award, amount_yuan, reason)
    row.proposed_by = actor
    finish(actor, row, "propose", "proposed_fen", "proposed_by_id", reason=reason)
    today = clock.today()
    notice = PublicNotice(
        application=row, round=row.round, starts=today,
        ends=work_calendar().add_workdays(today, standard().settings.notice_workdays),
        published=_published(row), opened_by=actor, opened_at=clock.now(),
    )  # fmt: skip
    return append(actor, notice, "notice_opened")


def _amount(award: engine.Json, amount_yuan: object, reason: str) -> int:
    if award["status"] == "computed":
        if amount_yuan is not None:
            raise InputError(Problem("amount_yuan", "subsidy_amount_computed"))
        return int(award["amount"])
    required(reason=reason)
    amount = positive_fen(amount_yuan if amount_yuan is not None else "", "amount_yuan")
    if amount > award["ceiling"]:
        raise InputError(Problem("amount_yuan", "subsidy_above_ceiling", yuan(award["ceiling"])))
    return amount


def _published(row: Application) -> dict[str, object]:
    rule = engine.rule_of(row.policy, row.version, row.rule)
    assert row.proposed_fen is not None
    return {
        "subject": row.subject.name,
        "policy": engine.policy_of(row.policy, row.version).zh,
        "article": rule.article,
        "rule_zh": rule.zh,
        "rule_en": rule.en,
        "amount_yuan": yuan(row.proposed_fen),
        "unit": row.unit.name_zh,
    }
