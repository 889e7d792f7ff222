"""免申即享: who already qualifies by what the registry knows, and a draft in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Application, Subject
from songhua.console.subsidies.services import engine, holdings
from songhua.console.subsidies.services.drafts import created, unit_for
from songhua.console.subsidies.services.registry import known_facts
from songhua.console.subsidies.services.rows import subject_of
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from songhua.console.people.models import User
    from songhua.policy import Rule

CLOSED = ("not_accepted", "withdrawn", "refused")


@dataclass(frozen=True)
class Entitled:
    """A subject for which a rule is computed from registry facts alone."""

    subject: Subject
    rule: str
    award: engine.Json


def entitled(policy: str, version: str, on: date) -> Iterator[Entitled]:
    """Every active subject and rule that give an amount on a day, not yet applied for."""
    rules = engine.policy_of(policy, version).rules
    rows = Subject.objects.filter(state=Subject.State.ACTIVE, facts__isnull=False).distinct()
    for subject in rows.select_related("operator"):
        facts = known_facts(subject, on)
        for rule in rules.values():
            found = _entitled(subject, policy, version, rule, facts, on)
            if found:
                yield found


def _entitled(
    subject: Subject, policy: str, version: str, rule: Rule, facts: engine.Json, on: date
) -> Entitled | None:
    if not engine.gives_amount(rule) or _applied(subject, policy, rule.id):
        return None
    used = {name: value for name, value in facts.items() if name in rule.facts}
    probe = Application(
        subject=subject, policy=policy, version=version, rule=rule.id, applied_on=on,
        matters=[_matter(rule.id, subject)],
    )  # fmt: skip
    used = engine.with_prior(rule, used, holdings.prior_fen(probe, rule))
    try:
        award = engine.assess(engine.policy_of(policy, version), rule.id, used, on, {})
    except InputError:  # a fact that the rule needs is not in the registry
        return None
    return Entitled(subject, rule.id, award) if award["status"] == "computed" else None


def _applied(subject: Subject, policy: str, rule: str) -> bool:
    rows = Application.objects.filter(
        subject__in=access.family([subject]), policy=policy, rule=rule
    )
    return rows.exclude(state__in=CLOSED).exists()


def _matter(rule: str, subject: Subject) -> str:
    return f"{rule}:{subject.pk}"


@transaction.atomic
def draft_for(
    actor: User, subject: Subject, *, policy: str, version: str, rule: str
) -> Application:
    """A draft from registry facts, by the office. The subject reads it and submits it; what the
    registry knows of a review's judgement counts as found."""
    access.demand(actor, Role.OFFICE)
    subject = subject_of(subject)
    declared = engine.rule_of(policy, version, rule)
    known, today = known_facts(subject, clock.today()), clock.today()
    found = _entitled(subject, policy, version, declared, known, today)
    if found is None:
        raise Conflict(Problem("rule", "subsidy_not_entitled", rule))
    official = engine.review_facts(declared) | engine.settled_facts(declared)
    used = {name: value for name, value in known.items() if name in declared.facts}
    row = Application(
        subject=subject, policy=policy, version=version, rule=rule,
        facts={k: v for k, v in used.items() if k not in official},
        findings={k: v for k, v in used.items() if k in official},
        matters=[_matter(rule, subject)], unit=unit_for(declared, subject), created_by=actor,
        created_at=clock.now(),
    )  # fmt: skip
    return created(actor, row, award=found.award)
