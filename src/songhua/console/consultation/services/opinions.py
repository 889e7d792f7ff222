"""Opinions as they come in: by the web without an account, and as officers enter them.

One transaction writes an opinion, its contact and its entry of the log before anybody is thanked,
so what was acknowledged is kept whatever happens to the server next. Opinions that meet at the
database are written together.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import IntegrityError, transaction

from songhua.console import clock
from songhua.console.consultation import access
from songhua.console.consultation.models import Consultation, Contact, DraftVersion, Opinion
from songhua.console.consultation.services.rows import plain
from songhua.console.consultation.services.together import Together
from songhua.console.ledger.services import audit, vouch
from songhua.governance.consultation import CHANNELS, mask_name, mask_organisation
from songhua.governance.consultation.closing import refusal
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from datetime import datetime

    from songhua.console.people.models import User

MOST_CHARACTERS = 5000
SENDERS = ("person", "organisation")
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # without what is misread: 0 O 1 I
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def within_rate(mark: str) -> None:
    """Raise `InputError` where this network has sent too many within the hour."""
    since = clock.now() - timedelta(hours=1)
    if Contact.objects.filter(origin=mark, at__gt=since).count() >= settings.OPINION_RATE:
        raise InputError(Problem("form", "form_rate", str(settings.OPINION_RATE)))


@dataclass(frozen=True)
class Said:
    """What somebody said and, if they like, who they are; `clause` "" is the whole draft."""

    text: str
    clause: str = ""
    sender: str = "person"
    name: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Came:
    """What was said, of which consultation, by which way and when it was received."""

    consultation: int
    said: Said
    channel: str
    received: datetime
    form: str | None = None
    origin: str = ""
    entered_by: User | None = None


def speak(consultation: int, said: Said, *, form: str, origin: str) -> Opinion:
    """Take in an opinion from the web, received now. A form that was taken already gives the
    opinion it gave. Raises `InputError` for what can be mended and after the closing second."""
    came = Came(consultation, said, "web", clock.now(), form=form, origin=origin)
    try:
        return together.write(came)
    except IntegrityError:
        if found := Opinion.objects.filter(form=form).first():
            return found
        raise


def enter(
    actor: User, consultation: Consultation, said: Said, *, channel: str, received: datetime
) -> Opinion:
    """Enter what came by post, telephone or e-mail; the time at which it was received counts."""
    access.demand_drafter(actor, consultation)
    if channel not in CHANNELS[1:]:
        raise InputError(Problem("channel", "opinion_channel", channel))
    found = _store([Came(consultation.pk, said, channel, received, entered_by=actor)])[0]
    if isinstance(found, Exception):
        raise found
    return found


@transaction.atomic
def _store(batch: list[Came]) -> list[Opinion | InputError | Conflict]:
    """Write what came as one transaction and one entry of the log; what may not be taken in gets
    its refusal instead. Several at once are the public's: officers enter one at a time."""
    audit.hold()
    now = clock.now()
    notices = {came.consultation: _notice(came.consultation) for came in batch}
    found = [_read(came, notices[came.consultation], now) for came in batch]
    taken = [
        (came, one) for came, one in zip(batch, found, strict=True) if isinstance(one, Opinion)
    ]
    if not taken:
        return found
    rows = Opinion.objects.bulk_create([one for _, one in taken])
    Contact.objects.bulk_create(
        Contact(
            opinion=row, name=plain(came.said.name), phone=plain(came.said.phone),
            email=plain(came.said.email), origin=came.origin, at=now,
        )
        for (came, _), row in zip(taken, rows, strict=True)
    )  # fmt: skip
    if len(rows) == 1:
        actor = taken[0][0].entered_by or "public"
        audit.record(actor, "opinion_received", vouch.subject(rows[0]), facts=vouch.facts(rows[0]))
    else:
        audit.record("public", "opinions_received", "opinions", bulk=[vouch.bulk(rows)])
    return found


together = Together(_store)


def _notice(pk: int) -> dict[str, Any]:
    """What decides whether an opinion counts, with the newest version of the draft: 1 query."""
    fields = (
        "pk", "sha256", "consultation__published_at", "consultation__closes_at",
        "consultation__answered_at",
    )  # fmt: skip
    rows = DraftVersion.objects.filter(consultation=pk).order_by("-number")
    if (found := rows.values_list(*fields).first()) is None:
        raise Consultation.DoesNotExist
    return dict(zip(("version", "sha256", "published", "closes", "answered"), found, strict=True))


def _read(came: Came, notice: dict[str, Any], now: datetime) -> Opinion | InputError | Conflict:
    """The opinion as it will be stored, or why it will not."""
    if notice["answered"] is not None:
        return Conflict(Problem("state", "consultation_answered"))
    late = refusal(came.received, now, notice["published"], notice["closes"])
    said = came.said
    if problems := [*([late] if late else []), *_wrong(said, notice["version"], notice["sha256"])]:
        return InputError(problems)
    mask = mask_organisation if said.sender == "organisation" else mask_name
    return Opinion(
        consultation_id=came.consultation, version_id=notice["version"],
        clause=int(said.clause) if said.clause else None, text=plain(said.text),
        channel=came.channel, sender=said.sender, shown_name=mask(plain(said.name)),
        received_at=came.received, entered_by=came.entered_by, entered_at=now,
        receipt=_receipt(), form=came.form,
    )  # fmt: skip


def _wrong(said: Said, version: int, sha256: str) -> list[Problem]:
    text, email = plain(said.text), plain(said.email)
    found = [
        (not text, Problem("text", "empty")),
        (len(text) > MOST_CHARACTERS, Problem("text", "opinion_long", str(MOST_CHARACTERS))),
        (said.clause != "" and said.clause not in clause_ids(version, sha256),
         Problem("clause", "opinion_clause", said.clause[:20])),
        (said.sender not in SENDERS, Problem("sender", "opinion_sender", said.sender[:20])),
        (len(said.name) > 100, Problem("name", "opinion_field_long", "100")),
        (len(said.phone) > 40, Problem("phone", "opinion_field_long", "40")),
        (len(email) > 120 or bool(email and not _EMAIL.fullmatch(email)),
         Problem("email", "opinion_email", email[:60])),
    ]  # fmt: skip
    return [problem for wrong, problem in found if wrong]


@lru_cache(maxsize=64)
def clause_ids(version: int, sha256: str) -> frozenset[str]:
    """The ids of the clauses of a version, which never changes: read once in each process."""
    rows = DraftVersion.objects.values_list("clauses", flat=True).get(pk=version, sha256=sha256)
    return frozenset(str(fields[0]) for fields in rows)


def _receipt() -> str:
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(3))
