"""Milestones and follow-ups: said to be done, with what came of them and a file if any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock, files
from songhua.console.cooperation import access
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies.access import demand
from songhua.console.subsidies.services.rows import locked, not_future, required
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from songhua.console.cooperation.models import Duty
    from songhua.console.people.models import User

DONE = ("done_on", "result", "filename", "sha256", "size")


def finish(
    actor: User,
    duty: Duty,
    *,
    done_on: date,
    result: str,
    filename: str = "",
    chunks: Iterable[bytes] = (),
) -> Duty:
    """Say when it was done and what came of it; by the unit that answers for it, once."""
    demand(actor, Role.OFFICE, Role.STAFF)
    access.demand_keeper(actor, duty)
    required(result=result)
    not_future(done_on, clock.today(), "done_on")
    sha256, size = files.keep(chunks, settings.UPLOAD_MAX_BYTES) if filename else ("", 0)
    with transaction.atomic():
        row = locked(duty)
        if row.struck:
            raise InputError(Problem("record", "cooperation_struck", row.title))
        if row.done_on is not None:
            raise Conflict(Problem("done_on", "subsidy_decided"))
        row.done_on, row.result, row.sha256, row.size = done_on, result.strip(), sha256, size
        row.filename = filename.replace("\\", "/").rpartition("/")[2][-200:]
        row.save()
        audit.record(actor, "duty_done", vouch.subject(row), sets=vouch.sets(row, *DONE))
    return row
