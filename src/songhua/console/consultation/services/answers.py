"""Reading what was said: alike opinions together, a decision and its reason, a second person.

Nothing is ever dropped: an opinion leaves one row of the table only for another.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.consultation import access
from songhua.console.consultation.models import Answer, Consultation, Opinion
from songhua.console.consultation.services.rows import locked, plain
from songhua.console.ledger.services import audit, vouch
from songhua.governance.consultation import OUTCOMES, busiest, mask_text, near_duplicates
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from songhua.console.people.models import User

CAMPAIGN = 10  # alike opinions within a day that are shown as a campaign
DAY = timedelta(days=1)
CHANGING = ("outcome", "reason", "decided_by_id", "approved_by_id")


@transaction.atomic
def arrange(actor: User, consultation: Consultation) -> int:
    """Give every opinion that has none its row of the table, alike ones of a clause one together:
    that of a row nobody has decided, or a new one. Returns how many rows were made."""
    row = _closed(actor, consultation)
    new = list(row.opinions.filter(answer=None))
    undecided = list(
        row.opinions.filter(answer__outcome="", answer__isnull=False).select_related("answer")
    )
    made = 0
    clauses = sorted({one.clause for one in new}, key=lambda clause: clause or 0)
    for clause in clauses:
        # Rows that exist come first, so that they are the first of their groups.
        those = [one for one in [*undecided, *new] if one.clause == clause]
        for group in near_duplicates([one.text for one in those]):
            members = [those[place] for place in group]
            fresh = [one for one in members if one.answer_id is None]
            if not fresh:
                continue
            answer = members[0].answer
            if answer is None:
                answer, made = _new_answer(row, members[0]), made + 1
            _put(answer, fresh)
    audit.record(
        actor, "opinions_arranged", vouch.subject(row), opinions=len(new), rows=made,
        sets=_sets(row.answers.filter(outcome="")),
    )  # fmt: skip
    return made


@transaction.atomic
def split(actor: User, opinion: Opinion) -> Answer:
    """Give an opinion a row of its own; what was decided on the old row is decided anew."""
    row = _closed(actor, opinion.consultation)
    old = opinion.answer
    if old is None or old.opinions.count() < 2:
        raise Conflict(Problem("opinion", "opinion_alone"))
    answer = _new_answer(row, opinion)
    _put(answer, [opinion])
    _put(old, [])
    audit.record(
        actor, "opinion_split", vouch.subject(opinion), sets=_sets([_undecided(old), answer])
    )
    return answer


@transaction.atomic
def join(actor: User, answer: Answer, other: Answer) -> Answer:
    """Move every opinion of `other` into `answer`, to be decided anew."""
    row = _closed(actor, answer.consultation)
    if other.consultation_id != row.pk or other.pk == answer.pk:
        raise InputError(Problem("other", "answer_unknown", str(other.pk)))
    _put(answer, list(other.opinions.all()))
    audit.record(
        actor, "answers_joined", vouch.subject(answer), other=other.pk,
        sets=_sets([_undecided(answer), _undecided(other)]),
    )  # fmt: skip
    return answer


@transaction.atomic
def decide(
    actor: User,
    consultation: Consultation,
    answers: Sequence[int],
    *,
    outcome: str,
    reason: str,
    wording: str = "",
) -> int:
    """Decide rows of the table, each with the same reason; an earlier approval is gone. `wording`
    is how the table words the opinion, where one row is decided."""
    row = _closed(actor, consultation)
    rows = _chosen(row, answers)
    problems = [] if outcome in OUTCOMES else [Problem("outcome", "answer_outcome", outcome[:20])]
    if not plain(reason):
        problems.append(Problem("reason", "empty"))
    if problems:
        raise InputError(problems)
    for answer in rows:
        answer.outcome, answer.reason = outcome, plain(reason)
        answer.decided_by, answer.approved_by = actor, None
        if len(rows) == 1 and plain(wording):
            answer.wording = mask_text(plain(wording))
    fields = ("outcome", "reason", "wording", "decided_by", "approved_by")
    Answer.objects.bulk_update(rows, fields, batch_size=200)
    audit.record(actor, "answers_decided", vouch.subject(row), sets=_sets(rows))
    return len(rows)


@transaction.atomic
def approve(actor: User, consultation: Consultation, answers: Sequence[int]) -> int:
    """Approve rows that another person decided."""
    row = locked(consultation)
    if not access.approves(actor):
        raise NotAllowed(Problem("role", "role_may_not", actor.get_role_display()))
    _open_for_answers(row)
    rows = _chosen(row, answers)
    if any(not answer.outcome for answer in rows):
        raise Conflict(Problem("answers", "answer_undecided"))
    if any(answer.decided_by_id == actor.pk for answer in rows):
        raise NotAllowed(Problem("answers", "own_submission"))
    for answer in rows:
        answer.approved_by = actor
    Answer.objects.bulk_update(rows, ["approved_by"], batch_size=200)
    audit.record(actor, "answers_approved", vouch.subject(row), sets=_sets(rows))
    return len(rows)


def _closed(actor: User, consultation: Consultation) -> Consultation:
    access.demand_drafter(actor, consultation)
    row = locked(consultation)
    _open_for_answers(row)
    return row


def _open_for_answers(row: Consultation) -> None:
    if row.phase != "closed":
        code = "consultation_answered" if row.phase == "answered" else "consultation_not_closed"
        raise Conflict(Problem("state", code))


def _chosen(row: Consultation, answers: Sequence[int]) -> list[Answer]:
    wanted = set(answers)
    rows = [answer for answer in row.answers.all() if answer.pk in wanted]
    if not rows or len(rows) < len(wanted):
        raise InputError(Problem("answers", "answer_none"))
    return rows


def _new_answer(row: Consultation, first: Opinion) -> Answer:
    return Answer.objects.create(consultation=row, wording=mask_text(first.text))


def _put(answer: Answer, opinions: list[Opinion]) -> None:
    """Give `answer` these opinions too, and see whether its opinions are a campaign."""
    Opinion.objects.filter(pk__in=[one.pk for one in opinions]).update(answer=answer)
    instants = list(answer.opinions.values_list("received_at", flat=True))
    most, _ = busiest(instants, DAY)
    answer.campaign = most if most >= CAMPAIGN else 0
    answer.save(update_fields=["campaign"])


def _undecided(answer: Answer) -> Answer:
    answer.outcome = answer.reason = ""
    answer.decided_by = answer.approved_by = None
    answer.save()
    return answer


def _sets(rows: Iterable[Answer]) -> dict[str, dict[str, object]]:
    return {name: said for row in rows for name, said in vouch.sets(row, *CHANGING).items()}
