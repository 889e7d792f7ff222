"""The append-only audit log with a hash chain, and its verification.

``digest = SHA-256(previous + canonical JSON of (seq, at, actor, action, subject, payload))``.
Whoever changes a byte breaks the chain from there on; whoever changes a *figure* is found because
the entry holds the figures too; whoever cuts off the end is found by the heads that are printed
on every issued document.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import connection, transaction

from songhua.console import clock
from songhua.console.ledger.models import AuditEntry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Model

    from songhua.console.people.models import User

GENESIS = "0" * 64
LOCK = 0x536F6E67  # the advisory lock that orders writers on PostgreSQL


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize() if value else Decimal(0), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, (date, time)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces, in which equal values are equal text."""
    return json.dumps(
        value, default=_plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )


def _digest(previous: str, entry: AuditEntry) -> str:
    body = canonical([entry.seq, entry.at, entry.actor, entry.action, entry.subject, entry.payload])
    return hashlib.sha256((previous + body).encode()).hexdigest()


def hold() -> None:
    """Let no other writer append until this transaction ends (rows of a batch stay together)."""
    if not connection.in_atomic_block:
        raise RuntimeError("an audit entry belongs to the transaction of its act")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # SQLite's BEGIN IMMEDIATE orders writers already
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def record(actor: User | str, action: str, subject: str, **payload: object) -> AuditEntry:
    """Append one entry. Must be called inside the transaction of the act that it records."""
    hold()
    last = AuditEntry.objects.order_by("-seq").values_list("seq", "digest").first()
    seq, previous = last or (0, GENESIS)
    entry = AuditEntry(
        seq=seq + 1,
        at=clock.now(),
        actor=getattr(actor, "username", actor),
        action=action,
        subject=subject,
        payload=canonical(payload),
        previous=previous,
    )
    entry.digest = _digest(previous, entry)
    entry.save(force_insert=True)
    return entry


def head() -> str:
    """The last entry as ``seq:digest``; printed on documents, it anchors everything before it."""
    last = AuditEntry.objects.order_by("-seq").first()
    return f"{last.seq}:{last.digest}" if last else f"0:{GENESIS}"


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold: the entry or record, and what is wrong with it."""

    subject: str
    zh: str
    en: str


def _chain() -> Iterator[Finding]:
    previous, expected = GENESIS, 1
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=2000):
        if entry.seq != expected:
            yield Finding(
                f"audit {expected}", f"缺少第 {expected} 条记录", f"entry {expected} is missing"
            )
        if entry.previous != previous or _digest(previous, entry) != entry.digest:
            yield Finding(
                f"audit {entry.seq}",
                f"第 {entry.seq} 条记录与哈希链不符，内容被改动",
                f"entry {entry.seq} does not fit the chain: it was changed",
            )
        previous, expected = entry.digest, entry.seq + 1


def _unreadable(model: type[Model]) -> Iterator[Finding]:
    """The rows that cannot be read at all, because a column holds what its type does not know."""
    for key in model._default_manager.order_by("pk").values_list("pk", flat=True):
        try:
            model._default_manager.get(pk=key)
        except ValueError:
            kind = "audit " if model is AuditEntry else f"{model._meta.model_name}:"
            yield Finding(f"{kind}{key}", "内容无法读取，被改动", "cannot be read: it was changed")


def _anchor(anchor: str) -> Iterator[Finding]:
    seq, _, digest = anchor.partition(":")
    entry = AuditEntry.objects.filter(seq=int(seq)).first() if seq.isdecimal() else None
    if anchor != f"0:{GENESIS}" and (entry is None or entry.digest != digest):
        yield Finding(
            f"audit {seq}",
            f"与文件上印制的审计锚点 {anchor[:20]}… 不符",
            f"does not match the anchor {anchor[:20]}… printed on a document",
        )


@transaction.atomic
def verify(anchors: tuple[str, ...] = (), *, contents: bool = True) -> list[Finding]:
    """Everything that does not hold: the chain, the anchors (``seq:digest``; those of issued
    documents are taken by themselves), what the entries vouch for and, if wanted, the files."""
    from songhua.console.ledger.services.vouch import (
        FACTS,
        damaged_files,
        printed_anchors,
        unvouched,
    )

    try:
        findings = list(_chain())
    except ValueError:  # SQLite keeps whatever is written where a moment should stand
        findings = list(_unreadable(AuditEntry))
    for anchor in (*anchors, *printed_anchors()):
        findings += _anchor(anchor)
    try:
        return [*findings, *unvouched(), *(damaged_files() if contents else ())]
    except ValueError:
        return [*findings, *(f for model in FACTS for f in _unreadable(model))]
