"""Entries of a contest: by an enterprise for its own subject, until the closing second."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.cooperation import access
from songhua.console.cooperation.services.contest_guards import begin, finish
from songhua.console.innovation.challenge_access import bidding_subject
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.services.registry import name_key
from songhua.console.subsidies.services.rows import locked
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.console.cooperation.models import ContestEntry
    from songhua.console.people.models import User


def settle(actor: User, row: ContestEntry) -> None:
    """Take the step of the contest; the entry is the actor's subject's."""
    finish(actor, begin(actor, row.contest, "enter"), "enter")
    row.subject = bidding_subject(actor)
    if row.subject is None:
        raise InputError(Problem("subject", "challenge_no_subject"))
    row.unit = row.contest.unit


def trouble(row: ContestEntry) -> Iterator[Problem]:
    """A project is entered once, and its description names nobody: experts judge blind."""
    same = row.contest.entries.filter(subject=row.subject, title=row.title, struck=False)
    if same.exists():
        yield Problem("title", "contest_entered", row.title)
    folded = name_key(f"{row.title} {row.text}")
    for name in [row.subject.name, *row.people]:
        if (key := name_key(name)) and key in folded:
            yield Problem("text", "contest_names", name)


@transaction.atomic
def withdraw(actor: User, entry: ContestEntry) -> ContestEntry:
    """Take an entry back while entries are open."""
    if not access.of(actor, entry):
        raise NotAllowed(Problem("entry", "not_your_row", entry.title))
    contest = begin(actor, entry.contest, "withdraw")
    row = locked(entry)
    if row.struck:
        raise Conflict(Problem("entry", "cooperation_struck", row.title))
    row.struck = True
    row.save()
    finish(actor, contest, "withdraw", sets=vouch.sets(row, "struck"), entry=row.pk)
    return row
