"""受理 and 形式审核 by the unit that handles an application, and 联审 by the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.people.models import Unit, UnitAlias
from songhua.console.subsidies.models import CaseFile, SignOff
from songhua.console.subsidies.services import engine, neighbours
from songhua.console.subsidies.services.drafts import estimate
from songhua.console.subsidies.services.rows import append, begin, finish, locked, required, take
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application


def accept(actor: User, application: Application) -> Application:
    """受理: on to the formal review."""
    return take(actor, application, "accept")


def decline(actor: User, application: Application, *, reason: str) -> Application:
    """不予受理."""
    return take(actor, application, "decline", reason)


@transaction.atomic
def ask_correction(actor: User, application: Application, *, reason: str) -> Application:
    """补正: back to the applicant, with what is missing and until when."""
    row = begin(actor, application, "ask_correction", reason)
    days = standard().settings.answer_workdays
    row.correct_until = work_calendar().add_workdays(clock.today(), days)
    return finish(actor, row, "ask_correction", "correct_until", reason=reason)


def refuse(actor: User, application: Application, *, reason: str) -> Application:
    """驳回, with the reason that the decision will name."""
    return take(actor, application, "refuse", reason)


@transaction.atomic
def review_again(actor: User, application: Application, *, reason: str) -> Application:
    """复核: a new round from the formal review on; older signatures and scores count no more."""
    row = begin(actor, application, "review_again", reason)
    return reopened(actor, row, "review_again", reason=reason)


def reopened(actor: User, row: Application, action: str, **payload: object) -> Application:
    """A new round of review."""
    row.round += 1
    row.findings, row.proposed_fen, row.proposed_by = {}, None, None
    names = ("round", "findings", "proposed_fen", "proposed_by_id")
    return finish(actor, row, action, *names, **payload)


@transaction.atomic
def pass_formal(actor: User, application: Application) -> Application:
    """On to the joint review: each other department of the clause is asked to sign."""
    row = begin(actor, application, "pass_formal")
    rule = engine.rule_of(row.policy, row.version, row.rule)
    for unit in _units(rule.departments):
        if unit.pk not in (row.unit_id, row.subject.unit_id):
            asked = SignOff(application=row, round=row.round, unit=unit)
            append(actor, asked, "signature_asked", "agreed")
    return finish(actor, row, "pass_formal")


def _units(names: tuple[str, ...]) -> list[Unit]:
    aliases = UnitAlias.objects.filter(name__in=names).values_list("unit_id", flat=True)
    found = Unit.objects.filter(name_zh__in=names) | Unit.objects.filter(pk__in=list(aliases))
    return list(found.distinct().order_by("pk"))


@transaction.atomic
def sign(actor: User, application: Application, *, agreed: bool, opinion: str = "") -> SignOff:
    """联审: a unit signs once a round; without agreement it says why."""
    if not agreed:
        required(opinion=opinion)
    application = begin(actor, application, "sign")
    row = SignOff.objects.get(
        application=application, round=application.round, unit_id=actor.unit_id
    )
    if row.agreed is not None:
        raise Conflict(Problem("agreed", "subsidy_decided"))
    row.agreed, row.opinion = agreed, opinion
    row.signed_by, row.signed_at = actor, clock.now()
    row.save()
    names = ("agreed", "opinion", "signed_by_id", "signed_at")
    finish(actor, application, "sign", sets=vouch.sets(row, *names))
    return row


def skip_experts(actor: User, application: Application) -> Application:
    """On to the amount where the clause leaves nothing to experts."""
    return take(actor, application, "skip_experts")


@transaction.atomic
def transfer(actor: User, application: Application, *, addressee: str = "") -> CaseFile:
    """Open what the clause gives instead of an amount; the reasons of the engine name the fund."""
    row = begin(actor, application, "transfer")
    assert row.applied_on is not None
    award = estimate(row, row.applied_on)
    kind = engine.case_kind(engine.rule_of(row.policy, row.version, row.rule), award)
    assert kind is not None
    routes = "、".join(r["code"] for r in award["reasons"] if r["kind"] == "route")
    finish(actor, row, "transfer")
    opened = CaseFile(
        application=row, kind=kind, addressee=(addressee.strip() or routes)[:200],
        opened_by=actor, opened_at=clock.now(),
    )  # fmt: skip
    append(
        actor, opened, "case_file_opened", "outcome", "concluded_by_id", "concluded_at",
        award=award,
    )  # fmt: skip
    neighbours.referred(actor, opened)
    return opened


@transaction.atomic
def conclude(actor: User, case_file: CaseFile, *, outcome: str) -> CaseFile:
    """Say what came of a negotiation, a referral or a data request; by the unit that handles it."""
    if actor.unit_id is None or actor.unit_id != case_file.application.unit_id:
        raise NotAllowed(Problem("unit", "not_your_row", str(case_file.application)))
    row = answered(actor, case_file, outcome=outcome)
    neighbours.concluded(actor, row)
    return row


@transaction.atomic
def answered(actor: User, case_file: CaseFile, *, outcome: str) -> CaseFile:
    """The same, by whoever the file was handed to; they have asked who acts."""
    required(outcome=outcome)
    row = locked(case_file)
    if row.concluded_at is not None:
        raise Conflict(Problem("outcome", "subsidy_decided"))
    row.outcome, row.concluded_by, row.concluded_at = outcome, actor, clock.now()
    row.save()
    audit.record(
        actor, "case_file_concluded", vouch.subject(row),
        sets=vouch.sets(row, "outcome", "concluded_by_id", "concluded_at"),
    )  # fmt: skip
    return row
