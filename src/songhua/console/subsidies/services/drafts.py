"""An application as the applicant writes it: drafted, edited, with papers, submitted, withdrawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.ledger.services import audit
from songhua.console.people.models import Unit, UnitAlias
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Application, Attachment
from songhua.console.subsidies.services import engine, holdings
from songhua.console.subsidies.services.rows import (
    append,
    begin,
    finish,
    required,
    subject_of,
    take,
)
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject
    from songhua.policy import Rule


@transaction.atomic
def draft(
    actor: User,
    subject: Subject,
    *,
    policy: str,
    version: str,
    rule: str,
    facts: Mapping[str, object] | None = None,
    matters: Iterable[str] = (),
) -> Application:
    """Begin an application, incomplete as it may be. Its own people alone may."""
    audit.hold()
    subject = subject_of(subject)
    access.demand_own(actor, subject)
    declared = engine.rule_of(policy, version, rule)
    row = Application(
        subject=subject, policy=policy, version=version, rule=rule,
        facts=_own_facts(declared, facts or {}), matters=clean_matters(matters),
        unit=unit_for(declared, subject), created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    return created(actor, row)


def created(actor: User, row: Application, **payload: object) -> Application:
    """Store a new application and record it. A consultation draft gives nobody anything."""
    heading = engine.policy_of(row.policy, row.version)
    if heading.status != "issued":
        raise Conflict(Problem("version", "subsidy_not_issued", heading.zh))
    return append(
        actor, row, "application_drafted", "state", "facts", "findings", "reading", "matters",
        "round", **payload,
    )  # fmt: skip


def unit_for(rule: Rule, subject: Subject) -> Unit:
    """The first department of the clause that has people here and is not the subject's own."""
    for name in rule.departments:
        alias = UnitAlias.objects.filter(name=name).select_related("unit").first()
        unit = Unit.objects.filter(name_zh=name).first() or (alias.unit if alias else None)
        if unit is not None and unit.pk != subject.unit_id:
            return unit
    raise InputError(Problem("unit", "subsidy_no_unit", "、".join(rule.departments)))


def _own_facts(rule: Rule, facts: Mapping[str, object]) -> dict[str, object]:
    official = engine.review_facts(rule) | engine.settled_facts(rule)
    problems = [
        Problem(f"facts.{name}", "unknown_key" if name not in rule.facts else "subsidy_not_yours",
                name)
        for name in facts
        if name not in rule.facts or name in official
    ]  # fmt: skip
    if problems:
        raise InputError(problems)
    return dict(facts)


def clean_matters(matters: Iterable[str]) -> list[str]:
    """The keys of matters (事项), each once, in order."""
    return sorted({figures.plain(matter) for matter in matters} - {""})


@transaction.atomic
def edit(
    actor: User,
    application: Application,
    *,
    facts: Mapping[str, object],
    matters: Iterable[str],
) -> Application:
    """Change a draft, or an application sent back for correction."""
    row = begin(actor, application, "edit")
    rule = engine.rule_of(row.policy, row.version, row.rule)
    row.facts, row.matters = _own_facts(rule, facts), clean_matters(matters)
    return finish(actor, row, "edit", "facts", "matters")


def attach(
    actor: User, application: Application, *, kind: str, filename: str, chunks: Iterable[bytes]
) -> Attachment:
    """Add a paper while the application may be edited."""
    required(kind=kind)
    sha256, size = files.keep(chunks, settings.UPLOAD_MAX_BYTES)
    if size == 0:
        raise InputError(Problem("file", "file_empty", filename))
    with transaction.atomic():
        row = begin(actor, application, "edit")
        paper = Attachment(
            application=row, kind=kind.strip(),
            filename=filename.replace("\\", "/").rpartition("/")[2][-200:],
            sha256=sha256, size=size, added_by=actor, added_at=clock.now(),
        )  # fmt: skip
        return append(actor, paper, "application_paper")


@transaction.atomic
def submit(actor: User, application: Application) -> Application:
    """Apply, or answer a request for correction. The engine must be able to read the facts, and
    the policy must be in force on the day of the first submission."""
    row = begin(actor, application, "submit")
    if not row.matters:
        raise InputError(Problem("matters", "empty"))
    if row.correct_until and clock.today() > row.correct_until:
        raise InputError(
            Problem("correct_until", "subsidy_correction_late", str(row.correct_until))
        )
    row.applied_on = row.applied_on or clock.today()
    row.correct_until = None
    engine.refuse_unusable(estimate(row, row.applied_on))
    return finish(actor, row, "submit", "applied_on", "correct_until", "facts", "matters")


def estimate(application: Application, on: date) -> engine.Json:
    """What the engine says of an application on a day, earlier grants of this desk counted in."""
    rule = engine.rule_of(application.policy, application.version, application.rule)
    paid = holdings.prior_fen(application, rule)
    facts = engine.with_prior(rule, application.facts | application.findings, paid)
    policy = engine.policy_of(application.policy, application.version)
    return engine.assess(policy, application.rule, facts, on, application.reading)


def withdraw(actor: User, application: Application, *, reason: str = "") -> Application:
    """撤回, until it is approved."""
    return take(actor, application, "withdraw", reason)
