"""The contract, what was measured, acceptance, and the hand-over to policy clause 一."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.innovation.challenge_workflow import standard
from songhua.console.innovation.models import (
    ChallengeContract,
    Milestone,
    MilestoneReport,
)
from songhua.console.innovation.services.challenge_measured import figure, targets
from songhua.console.innovation.services.challenge_rows import begin, finish, take
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.models import Application
from songhua.console.subsidies.services import drafts, engine
from songhua.console.subsidies.services.rows import append, locked, not_future, required
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.money import fen, yuan

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from songhua.console.innovation.models import Challenge
    from songhua.console.people.models import User

DECIDED = ("accepted", "opinion", "decided_by_id", "decided_at")


@transaction.atomic
def sign(
    actor: User, challenge: Challenge, *, signed_on: date, milestones: Sequence[tuple[str, date]]
) -> ChallengeContract:
    """签约 for the price of the winning bid, with milestones (title, last day) in order."""
    row = begin(actor, challenge, "sign")
    not_future(signed_on, clock.today(), "signed_on")
    problems = [] if milestones else [Problem("milestones", "empty")]
    before = signed_on
    for title, due in milestones:
        if not title.strip():
            problems.append(Problem("milestones", "empty"))
        if due < before:
            problems.append(Problem("milestones", "due_before_start", str(due)))
        before = max(before, due)
    if problems:
        raise InputError(problems)
    assert row.winner is not None
    finish(actor, row, "sign")
    made = ChallengeContract(
        challenge=row, bid=row.winner, signed_on=signed_on, entered_by=actor,
        amount_fen=fen(row.winner.content["price_yuan"], "price_yuan"), entered_at=clock.now(),
    )  # fmt: skip
    append(actor, made, "challenge_contract_signed")
    for number, (title, due) in enumerate(milestones, 1):
        one = Milestone(contract=made, number=number, title=title.strip()[:120], due=due)
        append(actor, one, "milestone_agreed")
    return made


def report(
    actor: User,
    milestone: Milestone,
    *,
    text: str,
    measured: Mapping[str, object],
    filename: str,
    chunks: Iterable[bytes],
) -> MilestoneReport:
    """What the contractor measured, in the units of the targets, with its evidence. A target that
    was not measured is left out."""
    required(text=text, file=filename)
    challenge = milestone.contract.challenge
    values = _measured(challenge, measured)
    sha256, size = files.keep(chunks, settings.UPLOAD_MAX_BYTES)
    with transaction.atomic():
        row = begin(actor, challenge, "report")
        last = locked(milestone).reports.last()
        if last is not None and last.accepted is not False:
            raise Conflict(Problem("milestone", "subsidy_decided"))
        finish(actor, row, "report")
        made = MilestoneReport(
            milestone=milestone, text=text.strip(), measured=values, sha256=sha256, size=size,
            filename=filename.replace("\\", "/").rpartition("/")[2][-200:], submitted_by=actor,
            submitted_at=clock.now(),
        )  # fmt: skip
        return append(actor, made, "milestone_reported", *DECIDED)


def _measured(challenge: Challenge, measured: Mapping[str, object]) -> dict[str, str]:
    names = {target.name for target in targets(challenge)}
    problems = [Problem("measured", "unknown_key", name) for name in measured if name not in names]
    found: dict[str, str] = {}
    for name, value in measured.items():
        if not figures.plain(value):
            continue
        try:
            found[name] = str(figure(value, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return found


@transaction.atomic
def decide(
    actor: User, milestone_report: MilestoneReport, *, accepted: bool, opinion: str
) -> MilestoneReport:
    """Accept a report or give it back, by who asked or by the office, with an opinion."""
    challenge = begin(actor, milestone_report.milestone.contract.challenge, "decide", opinion)
    row = locked(milestone_report)
    if row.accepted is not None:
        raise Conflict(Problem("accepted", "subsidy_decided"))
    row.accepted, row.opinion = accepted, opinion.strip()
    row.decided_by, row.decided_at = actor, clock.now()
    row.save()
    finish(actor, challenge, "decide", sets=vouch.sets(row, *DECIDED))
    return row


def accept(actor: User, challenge: Challenge) -> Challenge:
    """验收通过: every milestone accepted, every target met by what was measured."""
    return take(actor, challenge, "accept")


def fail(actor: User, challenge: Challenge, *, reason: str) -> Challenge:
    """验收不通过."""
    return take(actor, challenge, "fail", reason)


@transaction.atomic
def hand_over(actor: User, challenge: Challenge) -> Application:
    """A draft under policy clause 一 for the contractor, who reads and submits it: what the panel
    judged and what was agreed stand in it as found, so the desk need not ask experts again."""
    row = begin(actor, challenge, "hand_over")
    assert row.winner is not None
    support, subject = standard().settings.support, row.winner.subject
    policy = newest_issued(support.policy, support.rule)
    rule = engine.rule_of(policy.policy, policy.version, support.rule)
    facts = {
        "applicant_kind": row.winner.content["applicant_kind"], "chokepoint": row.chokepoint,
        "mode": support.mode,
    }  # fmt: skip
    findings: dict[str, object] = dict.fromkeys(sorted(engine.review_facts(rule)), True)
    if rule.grant.kind == "reviewed":
        findings[rule.grant.fact] = yuan(row.contract.amount_fen)
    made = Application(
        subject=subject, policy=policy.policy, version=policy.version, rule=rule.id, facts=facts,
        findings=findings, matters=[f"{row.number} {row.title}"],
        unit=drafts.unit_for(rule, subject), created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    row.application = drafts.created(actor, made, challenge=row.number)
    finish(actor, row, "hand_over", "application_id")
    return made


def newest_issued(name: str, rule: str) -> engine.Policy:
    """The issued version of a policy that holds the rule and began last."""
    found = [
        one for one in engine.policies()
        if one.policy == name and one.status == "issued" and rule in one.rules
    ]  # fmt: skip
    if not found:
        raise InputError(Problem("rule", "policy_rule_unknown", f"{name} {rule}"))
    return max(found, key=lambda one: str(one.validity.starts))
