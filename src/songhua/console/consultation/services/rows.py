"""How every step is written: the log first, then the row, then what the log says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from songhua.console.ledger.services import audit, vouch

if TYPE_CHECKING:
    from django.db.models import Model

    from songhua.console.consultation.models import Consultation
    from songhua.console.people.models import User

M = TypeVar("M", bound="Model")


def plain(text: str) -> str:
    """`text` without outer space and without NUL, which PostgreSQL cannot keep."""
    return text.replace("\x00", "").strip()


def locked(consultation: Consultation) -> Consultation:
    """The consultation as it is now, kept from other writers until the transaction ends."""
    audit.hold()
    rows = type(consultation).objects.select_for_update(of=("self",)).select_related("unit")
    return rows.get(pk=consultation.pk)


def append(actor: User | str, row: M, action: str, *changing: str, **payload: object) -> M:
    """Store a new row and record its facts, and what of it may change later."""
    row.save(force_insert=True)
    sets = {"sets": vouch.sets(row, *changing)} if changing else {}
    audit.record(actor, action, vouch.subject(row), facts=vouch.facts(row), **sets, **payload)
    return row


def save(actor: User, row: M, action: str, *changed: str, **payload: object) -> M:
    """Save what a step changed and record it."""
    row.save(update_fields=changed)
    audit.record(actor, action, vouch.subject(row), sets=vouch.sets(row, *changed), **payload)
    return row
