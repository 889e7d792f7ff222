"""A notice from its draft to its closing, with every version of the text it asks about."""

from __future__ import annotations

import hashlib
from dataclasses import astuple
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.consultation import access
from songhua.console.consultation.models import Consultation, DraftVersion
from songhua.console.consultation.services.rows import append, locked, plain, save
from songhua.governance.consultation import parse
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from datetime import date, datetime

    from songhua.console.people.models import Unit, User

MOST_CHARACTERS = 500_000
WORDS = ("title", "about", "address", "phone", "email")
MOMENTS = ("published_at", "closes_at", "contacts_until", "answered_at")


@transaction.atomic
def create(
    actor: User, unit: Unit, *, title: str, about: str, text: str,
    address: str = "", phone: str = "", email: str = "",
) -> Consultation:  # fmt: skip
    """A new notice of `unit` with the first version of its draft."""
    if not access.drafts_for(actor, unit):
        raise NotAllowed(Problem("unit", "not_your_row", unit.name_zh))
    row = Consultation(unit=unit, created_by=actor, created_at=clock.now())
    _fill(row, title=title, about=about, address=address, phone=phone, email=email)
    append(actor, row, "consultation_created", *WORDS, *MOMENTS)
    add_version(actor, row, text=text, label="征求意见稿")
    return row


@transaction.atomic
def revise(actor: User, consultation: Consultation, **words: str) -> Consultation:
    """Change what the notice says (`WORDS`), as long as it is not published."""
    access.demand_drafter(actor, consultation)
    row = locked(consultation)
    if row.phase != "draft":
        raise Conflict(Problem("state", "consultation_published"))
    _fill(row, **words)
    return save(actor, row, "consultation_revised", *WORDS)


@transaction.atomic
def add_version(actor: User, consultation: Consultation, *, text: str, label: str) -> DraftVersion:
    """Take in the next version of the draft; its clauses keep the ids of those they come from."""
    access.demand_drafter(actor, consultation)
    row = locked(consultation)
    text = text.replace("\x00", "").replace("\r\n", "\n")
    if not text.strip():
        raise InputError(Problem("text", "empty"))
    if len(text) > MOST_CHARACTERS:
        raise InputError(Problem("text", "consultation_text_long", str(MOST_CHARACTERS)))
    before = row.versions.last()
    clauses = parse(text, before.read() if before else ())
    version = DraftVersion(
        consultation=row, number=before.number + 1 if before else 1, label=plain(label)[:60],
        text=text, clauses=[astuple(clause) for clause in clauses],
        sha256=hashlib.sha256(text.encode()).hexdigest(), added_by=actor, added_at=clock.now(),
    )  # fmt: skip
    if not version.label:
        raise InputError(Problem("label", "empty"))
    return append(actor, version, "consultation_version")


@transaction.atomic
def publish(
    actor: User, consultation: Consultation, *, closes_at: datetime, contacts_until: date
) -> Consultation:
    """Open it to the public until the end of the second `closes_at`; contact data of those who
    speak are kept until the day `contacts_until` and no longer."""
    access.demand_drafter(actor, consultation)
    row = locked(consultation)
    if row.phase != "draft":
        raise Conflict(Problem("state", "consultation_published"))
    row.published_at, row.contacts_until = clock.now(), contacts_until
    _closing(row, closes_at)
    return save(actor, row, "consultation_published", "published_at", "closes_at", "contacts_until")


@transaction.atomic
def extend(
    actor: User, consultation: Consultation, *, closes_at: datetime, reason: str
) -> Consultation:
    """Let it close later, while it is open; never earlier."""
    access.demand_drafter(actor, consultation)
    row = locked(consultation)
    if row.phase != "open":
        raise Conflict(Problem("state", "consultation_not_open"))
    if not reason.strip():
        raise InputError(Problem("reason", "empty"))
    if row.closes_at is not None and closes_at <= row.closes_at:
        raise InputError(Problem("closes_at", "consultation_not_later"))
    _closing(row, closes_at)
    return save(
        actor, row, "consultation_extended", "closes_at", "contacts_until", reason=plain(reason)
    )


def _fill(row: Consultation, **words: str) -> None:
    given = {name: plain(text) for name, text in words.items()}
    problems = [Problem(name, "empty") for name in ("title", "about") if not given[name]]
    for name, text in given.items():
        most = Consultation._meta.get_field(name).max_length or MOST_CHARACTERS
        if len(text) > most:
            problems.append(Problem(name, "opinion_field_long", str(most)))
        setattr(row, name, text)
    if problems:
        raise InputError(problems)


def _closing(row: Consultation, closes_at: datetime) -> None:
    row.closes_at = closes_at.replace(microsecond=0)
    if row.closes_at <= clock.now():
        raise InputError(Problem("closes_at", "consultation_closing_past"))
    assert row.contacts_until is not None
    if clock.midnight(row.contacts_until) <= row.closes_at:
        raise InputError(Problem("contacts_until", "consultation_contacts_early"))
