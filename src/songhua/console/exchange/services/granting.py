"""Grants made and ended. A grant is never changed: a new one takes its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.grants import enforced
from songhua.console.exchange.models import Entry, Grant
from songhua.console.exchange.services import entries, evidence
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.enforcement import check_grant
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.exchange.models import Distribution, Request
    from songhua.console.people.models import Unit, User


@transaction.atomic
def grant(
    actor: User,
    table: Distribution,
    unit: Unit,
    given: Mapping[str, Any],
    request: Request | None = None,
) -> Grant:
    """Let the people of `unit` see what `given` says of `table`: ``columns, rows, purpose,
    valid_from, valid_until, daily_rows, daily_bytes, rules, may_export``.

    Raises `InputError` with everything that does not suit the table, `Conflict` for data that are
    not shared or a table without rows.
    """
    entries.demand(actor, table.entry.unit)
    if table.entry.tier == Entry.Tier.DENIED or table.entry.state != Entry.State.ACTIVE:
        raise Conflict(Problem("dataset", "exchange_not_shared", table.entry.name))
    if table.current is None or table.sql_name is None:
        raise Conflict(Problem("table", "exchange_table_empty", table.name))
    audit.hold()
    row = Grant(
        distribution=table, unit=unit, request=request, made_by=actor, made_at=clock.now(), **given
    )
    check_grant(enforced(row, table.sql_name), table.current.schema())
    row.save(force_insert=True)
    audit.record(
        actor, "grant_made", vouch.subject(row), facts=vouch.facts(row),
        sets=vouch.sets(row, "revoked_at"),
    )  # fmt: skip
    evidence.record(
        "grant_made", grant=row.pk, table=table.sql_name, to=unit.code, columns=row.columns,
        rows=row.rows, purpose=row.purpose, until=row.valid_until, by=actor.username,
    )  # fmt: skip
    return row


@transaction.atomic
def revoke(actor: User, row: Grant, reason: str) -> Grant:
    """End a grant with the next question. Raises `InputError` without a reason."""
    entries.demand(actor, row.distribution.entry.unit)
    if not reason.strip():
        raise InputError(Problem("reason", "empty"))
    audit.hold()
    now = Grant.objects.select_for_update().get(pk=row.pk)
    if now.revoked_at is not None:
        raise Conflict(Problem("grant", "exchange_grant_over", str(now.pk)))
    now.revoked_at, now.revoked_by, now.reason = clock.now(), actor, reason.strip()
    now.save(update_fields=["revoked_at", "revoked_by", "reason"])
    audit.record(actor, "grant_revoked", vouch.subject(now), sets=vouch.sets(now, "revoked_at"))
    evidence.record("grant_revoked", grant=now.pk, reason=now.reason, by=actor.username)
    return now
