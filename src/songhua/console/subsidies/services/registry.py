"""The registry: who can be supported, what is known of them, and which of them are one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q

from songhua.console import clock
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import MergeProposal, Subject, SubjectFact
from songhua.console.subsidies.services.rows import (
    append,
    locked,
    not_future,
    required,
    subject_of,
)
from songhua.kit import figures
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.people.models import Unit, User

Kind = Subject.Kind
ORGANISATIONS = frozenset({Kind.ENTERPRISE, Kind.INSTITUTION, Kind.ASSOCIATION})
KEEPERS = (Role.OFFICE, Role.STAFF)
_MEANINGLESS = re.compile(r"[\W_]+")


def name_key(name: str) -> str:
    """A name without width, case, spaces and punctuation, for comparison.

    >>> name_key("冰城（智能）科技 Co.") == name_key("冰城(智能)科技co")
    True
    """
    return _MEANINGLESS.sub("", figures.plain(name)).casefold()


def register(
    actor: User,
    *,
    kind: str,
    name: str,
    credit_code: str = "",
    operator: Subject | None = None,
    unit: Unit | None = None,
    since: date | None = None,
) -> Subject:
    """Enter a subject: by the office or a department, or by an enterprise its own.

    An organisation needs its own code; what an organisation runs or employs needs the operator.
    Who has the name of another active subject of the kind is entered and proposed for merging.
    """
    code = _checked(kind, name, credit_code, operator)
    with transaction.atomic():
        audit.hold()
        row = Subject(
            kind=kind, name=figures.plain(name), name_key=name_key(name), credit_code=code,
            operator=operator, unit=unit, since=since or clock.today(), registered_by=actor,
            registered_at=clock.now(),
        )  # fmt: skip
        not_future(row.since, clock.today(), "since")
        access.demand_own(actor, row, *KEEPERS)
        living = Subject.objects.exclude(state=Subject.State.MERGED)
        if code and living.filter(credit_code=code).exists():
            raise InputError(Problem("credit_code", "subsidy_code_taken", code))
        twins = list(living.filter(kind=kind, name_key=row.name_key))
        append(
            actor, row, "subject_registered", "name", "state", "operator_id", "unit_id", "since",
            "ended_on", "merged_into_id",
        )  # fmt: skip
        for twin in twins:
            _propose(actor, twin, row, "名称相同 same name")
    return row


def _checked(kind: str, name: str, credit_code: str, operator: Subject | None) -> str:
    problems = []
    if kind not in Kind.values:
        problems.append(Problem("kind", "subsidy_kind_unknown", kind))
    if not name_key(name):
        problems.append(Problem("name", "empty"))
    if kind in Kind.values and kind not in ORGANISATIONS and operator is None:
        problems.append(Problem("operator", "empty"))
    if credit_code or kind in ORGANISATIONS:
        try:
            credit_code = figures.credit_code(credit_code, "credit_code")
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return credit_code


@transaction.atomic
def put_fact(
    actor: User, subject: Subject, *, name: str, value: object, as_of: date, source: str
) -> SubjectFact:
    """Enter what is known of a subject from a day on, and from where. Earlier facts stay."""
    access.demand(actor, *KEEPERS)
    required(name=name, source=source)
    not_future(as_of, clock.today(), "as_of")
    row = SubjectFact(
        subject=subject_of(subject), name=name.strip(), value=value, as_of=as_of, source=source,
        entered_by=actor, entered_at=clock.now(),
    )  # fmt: skip
    return append(actor, row, "subject_fact")


@transaction.atomic
def end(actor: User, subject: Subject, *, on: date, reason: str) -> Subject:
    """Say that a subject is no more; it is no longer counted from that day on."""
    access.demand(actor, *KEEPERS)
    required(reason=reason)
    row = subject_of(subject)
    not_future(on, clock.today(), "ended_on")
    if on < row.since:
        raise InputError(Problem("ended_on", "due_before_start", str(on)))
    row.state, row.ended_on = Subject.State.ENDED, on
    row.save()
    audit.record(
        actor, "subject_ended", vouch.subject(row), reason=reason,
        sets=vouch.sets(row, "state", "ended_on"),
    )  # fmt: skip
    return row


@transaction.atomic
def propose_merge(actor: User, kept: Subject, other: Subject, *, reason: str) -> MergeProposal:
    """Say that two subjects of one kind are one."""
    access.demand(actor, *KEEPERS)
    required(reason=reason)
    kept, other = subject_of(kept), subject_of(other)
    if kept.pk == other.pk or kept.kind != other.kind:
        raise InputError(Problem("other", "subsidy_not_mergeable", other.name))
    return _propose(actor, kept, other, reason)


def _propose(actor: User, kept: Subject, other: Subject, reason: str) -> MergeProposal:
    pair = Q(kept=kept, other=other) | Q(kept=other, other=kept)
    if MergeProposal.objects.filter(pair).exists():
        raise Conflict(Problem("other", "subsidy_merge_known", other.name))
    row = MergeProposal(kept=kept, other=other, reason=reason)
    return append(actor, row, "merge_proposed", "accepted")


@transaction.atomic
def decide_merge(
    actor: User, proposal: MergeProposal, *, accepted: bool, opinion: str = ""
) -> MergeProposal:
    """Merge, or not. The other's rows stay with it and are read together with the kept one's."""
    access.demand(actor, Role.OFFICE)
    row = locked(proposal)
    if row.accepted is not None:
        raise Conflict(Problem("accepted", "subsidy_decided"))
    if not accepted:
        required(opinion=opinion)
    row.accepted, row.opinion = accepted, opinion
    row.decided_by, row.decided_at = actor, clock.now()
    sets: dict[str, dict[str, object]] = {}
    if accepted:
        kept, other = subject_of(row.kept), subject_of(row.other)
        Subject.objects.filter(operator=other).update(operator=kept)
        Subject.objects.filter(merged_into=other).update(merged_into=kept)
        other.state, other.merged_into = Subject.State.MERGED, kept
        other.save()
        for moved in Subject.objects.filter(Q(operator=kept) | Q(merged_into=kept)):
            sets |= vouch.sets(moved, "state", "operator_id", "merged_into_id")
    row.save()
    names = ("accepted", "opinion", "decided_by_id", "decided_at")
    audit.record(actor, "merge_decided", vouch.subject(row), sets=sets | vouch.sets(row, *names))
    return row


def known_values(name: str, on: date) -> dict[int, object]:
    """One fact of every subject that has it, by the subject's key: 1 query."""
    rows = SubjectFact.objects.filter(name=name, as_of__lte=on).order_by("as_of", "pk")
    found = rows.values_list("subject_id", "subject__merged_into_id", "value")
    return {merged or key: value for key, merged, value in found}


def known_facts(subject: Subject, on: date) -> dict[str, object]:
    """What the registry knew of a subject on a day: the newest value of each fact."""
    rows = SubjectFact.objects.filter(subject__in=access.family([subject]), as_of__lte=on)
    return dict(rows.order_by("as_of", "pk").values_list("name", "value"))
