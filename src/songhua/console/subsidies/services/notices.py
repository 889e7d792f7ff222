"""公示: objections by anybody who has signed in, each answered; one upheld reopens the review."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.ledger.services import vouch
from songhua.console.subsidies.models import Objection
from songhua.console.subsidies.services import guards
from songhua.console.subsidies.services.intake import reopened
from songhua.console.subsidies.services.rows import append, begin, finish, locked, take
from songhua.kit.errors import Conflict, NotAllowed, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application


@transaction.atomic
def object_to(actor: User, application: Application, *, text: str) -> Objection:
    """Object while the notice is open."""
    row = begin(actor, application, "object", text)
    finish(actor, row, "object")
    made = Objection(notice=guards.notice_of(row), text=text, made_by=actor, made_at=clock.now())
    return append(
        actor, made, "objection_made", "upheld", "answer", "answered_by_id", "answered_at"
    )


@transaction.atomic
def answer(actor: User, objection: Objection, *, upheld: bool, text: str) -> Objection:
    """Answer an objection, never one's own; upheld, it sends the application back to review."""
    action = "uphold" if upheld else "answer"
    application = begin(actor, objection.notice.application, action, text)
    row = locked(objection)
    if row.made_by_id == actor.pk:
        raise NotAllowed(Problem("answered_by", "own_submission"))
    if row.upheld is not None:
        raise Conflict(Problem("upheld", "subsidy_decided"))
    row.upheld, row.answer = upheld, text
    row.answered_by, row.answered_at = actor, clock.now()
    row.save()
    sets = vouch.sets(row, "upheld", "answer", "answered_by_id", "answered_at")
    if upheld:
        reopened(actor, application, action, sets=sets)
    else:
        finish(actor, application, action, sets=sets)
    return row


def close_notice(actor: User, application: Application) -> Application:
    """On to the approval, once the notice is over and every objection answered."""
    return take(actor, application, "close_notice")
