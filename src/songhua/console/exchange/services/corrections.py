"""Errors in data (数据校核): a department that uses them tells the provider, who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Correction
from songhua.console.exchange.services import door, entries, evidence
from songhua.console.ledger.services import audit, vouch
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.people.models import Role
from songhua.governance.sharing import due_on, standard
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User

LONGEST = 500  # characters of a proposed value


@transaction.atomic
def tell(actor: User, table: Distribution, given: Mapping[str, Any]) -> Correction:
    """Tell the provider of `table` what is wrong: ``column``, ``row`` (its number, or None for the
    column as a whole), ``text`` and the value ``proposed``.

    One can only speak of what one may see: anything else is answered as if it did not exist.
    """
    if actor.role != Role.STAFF or actor.unit is None:
        raise NotAllowed(Problem("role", "request_role_forbidden", "@request_role_requester"))
    opened = door.open_tables(actor, [table], given.get("purpose", ""))
    problems = list(_problems(opened, table, given))
    if problems:
        raise InputError(problems)
    audit.hold()
    seen = given.get("row")
    due = due_on(standard().corrections, "told", clock.today(), work_calendar())
    row = Correction.objects.create(
        distribution=table, version=table.current.number, unit=actor.unit, due_on=due,
        row=None if seen is None else opened.own_number(str(table.sql_name), int(seen)),
        seen_row=seen, column=given["column"], text=given["text"].strip(),
        proposed=given.get("proposed", "").strip(), created_by=actor, created_at=clock.now(),
    )  # fmt: skip
    audit.record(
        actor, "correction_told", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "accepted", "answer"),
    )  # fmt: skip
    evidence.record(
        "correction_told", correction=row.pk, table=table.sql_name, version=row.version,
        row=seen, column=row.column, due=row.due_on, by=actor.username,
    )  # fmt: skip
    return row


def _problems(
    opened: door.Opened, table: Distribution, given: Mapping[str, Any]
) -> Iterator[Problem]:
    seen = {column["name"] for column in opened.columns.get(table.sql_name, [])}
    if given.get("column") not in seen:
        yield Problem("column", "exchange_nothing_there", str(given.get("column", ""))[:100])
    elif given.get("row") is not None:
        query = f'SELECT _id FROM "{table.sql_name}" WHERE _id = {int(given["row"])}'
        if not opened.deliver(query, "correction").rows:
            yield Problem("row", "exchange_nothing_there", str(given["row"]))
    if not str(given.get("text", "")).strip():
        yield Problem("text", "empty")
    if len(str(given.get("proposed", ""))) > LONGEST:
        yield Problem("proposed", "exchange_proposal_long", str(LONGEST))


@transaction.atomic
def answer(actor: User, correction: Correction, *, accepted: bool, text: str) -> Correction:
    """The provider says whether it is right and what was done. Raises `InputError` without words,
    `Conflict` where it was answered before."""
    entries.demand(actor, correction.distribution.entry.unit)
    if not text.strip():
        raise InputError(Problem("answer", "empty"))
    audit.hold()
    row = Correction.objects.select_for_update().get(pk=correction.pk)
    if row.accepted is not None:
        raise Conflict(Problem(f"#{row.pk}", "exchange_correction_answered"))
    row.accepted, row.answer = accepted, text.strip()
    row.answered_by, row.answered_at = actor, clock.now()
    row.save()
    audit.record(
        actor, "correction_answered", vouch.subject(row),
        sets=vouch.sets(row, "accepted", "answer", "answered_by_id"),
    )  # fmt: skip
    evidence.record("correction_answered", correction=row.pk, accepted=accepted, by=actor.username)
    return row
