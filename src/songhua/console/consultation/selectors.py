"""What people see: the public what is published, with masked names; drafters their own desk."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, Prefetch, Q

from songhua.console import clock
from songhua.console.consultation.models import Answer, Consultation, Contact, Opinion
from songhua.console.people.models import Role
from songhua.governance.consultation import (
    Heard,
    Row,
    Statistics,
    differs,
    mask_text,
    statistics,
)

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.consultation.models import DraftVersion
    from songhua.console.people.models import User
    from songhua.governance.consultation import Clause

WHOLE = "全文"  # the clause of an opinion that speaks of the whole draft
HEADING = 40  # characters of the longest heading
SHOWN = 50  # opinions of one row that the desk lists


def published() -> QuerySet[Consultation]:
    """The consultations that everybody may read."""
    return Consultation.objects.exclude(published_at=None).select_related("unit")


def desk(user: User) -> QuerySet[Consultation]:
    """The consultations that `user` drafts, answers or, as a leader, reads and approves."""
    rows = Consultation.objects.select_related("unit")
    if user.role in (Role.OFFICE, Role.LEADER):
        return rows
    if user.role == Role.STAFF:
        return rows.filter(unit=user.unit_id)
    return rows.none()


def visible(user: User) -> QuerySet[Consultation]:
    """What is published, and the user's own desk."""
    if not user.is_authenticated:
        return published()
    own = desk(user).values("pk")
    rows = Consultation.objects.filter(Q(published_at__isnull=False) | Q(pk__in=own))
    return rows.select_related("unit")


def counts(on: date) -> dict[str, int]:
    """Consultations opened, opinions received and consultations answered to the end of a day: for
    the wall and the indicators. Each number is a count of rows."""
    end = clock.midnight(on + timedelta(days=1))
    return {
        "consultations": Consultation.objects.filter(published_at__lt=end).count(),
        "opinions": Opinion.objects.filter(received_at__lt=end).count(),
        "answered": Consultation.objects.filter(answered_at__lt=end).count(),
    }


def heard(row: Consultation) -> Statistics:
    """The counts of a consultation as they are now: 1 query."""
    fields = row.opinions.values_list("clause", "channel", "sender", "answer__outcome")
    return statistics(Heard(c, way, who, outcome or "") for c, way, who, outcome in fields)


def participants(row: Consultation) -> int | None:
    """How many different people and organisations gave a way to reach them; None once that is
    deleted, for then nobody can tell."""
    if row.contacts_until is not None and row.contacts_until <= clock.today():
        return None
    known = Contact.objects.filter(opinion__consultation=row).exclude(phone="", email="")
    return known.values("phone", "email").distinct().count()


def numbers(row: Consultation) -> dict[int, str]:
    """What each clause id is called in the newest version that has it."""
    called: dict[int, str] = {}
    for version in row.versions.order_by("number"):
        called |= {clause.id: clause.number for clause in version.read()}
    return called


def rows(row: Consultation) -> list[Row]:
    """The adoption table as it stands, in the order in which opinions came: 3 queries."""
    called = numbers(row)
    opinions = Opinion.objects.order_by("received_at", "pk").defer("text")
    answers = row.answers.prefetch_related(Prefetch("opinions", opinions, to_attr="said"))
    told = sorted(
        (answer for answer in answers if answer.said),
        key=lambda answer: (answer.said[0].received_at, answer.said[0].pk),
    )
    return [
        Row(
            number=number,
            sender=_senders(answer.said),
            opinion=f"［{clause_called(called, answer.said[0])}］{answer.wording}",
            count=len(answer.said),
            outcome=answer.outcome,
            reason=answer.reason,
            approved=answer.approved_by_id is not None,
        )
        for number, answer in enumerate(told, 1)
    ]


def counted(row: Consultation) -> dict[str, object]:
    """The counts that are frozen with the table."""
    found = asdict(heard(row))
    called = numbers(row)
    clauses = [
        [called.get(clause, WHOLE) if clause else WHOLE, count]
        for clause, count in found.pop("by_clause").items()
    ]
    return found | {"by_clause": clauses, "participants": participants(row)}


def _senders(opinions: list[Opinion]) -> str:
    first = opinions[0].shown_name or "匿名"
    return first if len(opinions) == 1 else f"{first}等{len(opinions)}人次"


def clause_called(called: dict[int, str], opinion: Opinion) -> str:
    """What the clause of an opinion is called, as `numbers` says."""
    return WHOLE if opinion.clause is None else called.get(opinion.clause, WHOLE)


@dataclass(frozen=True)
class Spoken:
    """A clause and how many spoke of it."""

    clause: Clause
    count: int

    @property
    def heading(self) -> bool:
        """Whether the clause is a heading rather than a text with a number."""
        return self.clause.label != "" and len(self.clause.body) <= HEADING


def spoken(version: DraftVersion, found: Statistics) -> list[Spoken]:
    """The clauses of a version with their counts, in order."""
    return [Spoken(clause, found.by_clause.get(clause.id, 0)) for clause in version.read()]


def answers(row: Consultation, state: str = "") -> QuerySet[Answer]:
    """The rows that officers work on, busiest first; `state` is undecided, decided or approved."""
    found = row.answers.annotate(heard=Count("opinions")).filter(heard__gt=0)
    wanted = {
        "undecided": Q(outcome=""),
        "decided": ~Q(outcome="") & Q(approved_by=None),
        "approved": Q(approved_by__isnull=False),
    }
    found = found.filter(wanted[state]) if state in wanted else found
    found = found.select_related("decided_by", "approved_by").prefetch_related(
        Prefetch("opinions", Opinion.objects.select_related("contact"))
    )
    return found.order_by("-heard", "pk")


def members(answer: Answer) -> list[tuple[Opinion, bool]]:
    """Some opinions of a row; those that ask for something else than the first come first."""
    told = list(answer.opinions.all())
    apart = [(one, differs(told[0].text, one.text)) for one in told]
    return sorted(apart, key=lambda pair: not pair[1])[:SHOWN]


def looked_up(receipt: str) -> Opinion | None:
    """The opinion with this receipt number, however it was typed."""
    plain = "".join(filter(str.isalnum, receipt.upper()))[:12]
    number = "-".join(plain[n : n + 4] for n in range(0, 12, 4))
    rows = Opinion.objects.select_related("consultation", "answer")
    return rows.filter(receipt=number, consultation__published_at__isnull=False).first()


def told(opinion: Opinion) -> dict[str, object]:
    """What its sender is shown: the answer only when the whole table is published."""
    called = numbers(opinion.consultation)
    answered = opinion.consultation.answered_at is not None and opinion.answer is not None
    return {
        "opinion": opinion,
        "text": mask_text(opinion.text),
        "clause": clause_called(called, opinion),
        "answer": opinion.answer if answered else None,
    }
