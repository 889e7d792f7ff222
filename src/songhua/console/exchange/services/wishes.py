"""What the public asks of the catalogue and says of it, bounded for each network."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Rating, Wanted
from songhua.console.exchange.services import entries
from songhua.console.ledger.services import audit, vouch
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from songhua.console.exchange.models import Entry
    from songhua.console.people.models import User

STARS = range(1, 6)
TITLE, REASON, CONTACT = 200, 2000, 100  # the most characters


def _within_rate(origin: str) -> None:
    """Raise `InputError` where this network has said too much within the hour."""
    since = clock.now() - timedelta(hours=1)
    said = Wanted.objects.filter(origin=origin, created_at__gt=since).count()
    said += Rating.objects.filter(origin=origin, given_at__gt=since).count()
    if said >= settings.OPINION_RATE:
        raise InputError(Problem("form", "form_rate", str(settings.OPINION_RATE)))


@transaction.atomic
def want(title: str, reason: str, contact: str, origin: str) -> Wanted:
    """Somebody would like to see data open. Raises `InputError` with every problem."""
    texts = (("title", title, TITLE), ("reason", reason, REASON), ("contact", contact, CONTACT))
    problems = [
        Problem(name, "exchange_text_long", f"{len(text)} > {most}")
        for name, text, most in texts
        if len(text) > most
    ]
    if not title.strip():
        problems.append(Problem("title", "empty"))
    if problems:
        raise InputError(problems)
    audit.hold()
    _within_rate(origin)
    row = Wanted.objects.create(
        title=title.strip(), reason=reason.strip(), contact=contact.strip(), origin=origin,
        created_at=clock.now(),
    )  # fmt: skip
    audit.record("public", "data_wanted", vouch.subject(row), facts=vouch.facts(row))
    return row


@transaction.atomic
def answer(actor: User, wanted: Wanted, text: str, entry: Entry | None) -> Wanted:
    """The office answers a wish, perhaps with a dataset. Once."""
    entries.demand(actor, None)
    if not text.strip():
        raise InputError(Problem("answer", "empty"))
    audit.hold()
    row = Wanted.objects.select_for_update().get(pk=wanted.pk)
    if row.answered_at is not None:
        raise Conflict(Problem("answer", "exchange_wish_answered", row.title))
    row.answer, row.entry = text.strip(), entry
    row.answered_by, row.answered_at = actor, clock.now()
    row.save()
    audit.record(
        actor, "wish_answered", vouch.subject(row), sets=vouch.sets(row, "answer", "entry_id")
    )
    return row


@transaction.atomic
def rate(entry: Entry, stars: str, origin: str) -> Rating:
    """Mark a dataset; a second mark from the same place takes the first one's."""
    if stars not in {str(number) for number in STARS}:
        raise InputError(Problem("stars", "exchange_stars", stars[:10]))
    audit.hold()
    _within_rate(origin)
    row, _ = Rating.objects.update_or_create(
        entry=entry, origin=origin, defaults={"stars": int(stars), "given_at": clock.now()}
    )
    audit.record("public", "dataset_rated", vouch.subject(row), entry=entry.pk, stars=row.stars)
    return row
