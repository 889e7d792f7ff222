"""The evidence log on duty: events are written with their acts and sealed within seconds.

An act and its event are one transaction, so nothing is done that the log will not hold and nothing
is held that was not done. The index is given at once, without gaps; one process at a time then
moves the events into the log's files, makes them durable and signs a checkpoint. If it is killed
between, the next one goes on where the files end.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import connection

from songhua.console import clock
from songhua.console.exchange.models import Event
from songhua.console.ledger.services.audit import canonical
from songhua.exchange.log import folder, keys
from songhua.exchange.log.evidence import EvidenceLog
from songhua.exchange.log.files import FileStore
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.exchange.log.receipts import Receipt

LOCK = 0x536F6E68  # the advisory lock that orders writers on PostgreSQL
BATCH = 10_000
PATIENCE_SECONDS = 5.0  # for another process that seals

log = logging.getLogger("songhua.exchange")


def root() -> Path:
    """The folder of the log's files."""
    return Path(settings.DATA_DIR) / "evidence-log"


def record(kind: str, **facts: object) -> int:
    """Append an event in the transaction of its act; its index in the log."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event belongs to the transaction of its act")
    body = canonical({"kind": kind, "at": clock.now(), **facts}).encode()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # SQLite's BEGIN IMMEDIATE orders writers already
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        cursor.execute(_APPENDED, [body])
        return int(cursor.fetchone()[0])


_APPENDED = """
INSERT INTO exchange_event ("index", body)
SELECT COALESCE(MAX("index") + 1, 0), %s FROM exchange_event RETURNING "index"
"""


def seal() -> int:
    """Move the events that wait into the log and sign it; how many. Another process may be at it
    already: then nothing happens."""
    try:
        store = FileStore(_begun(), write=True)
    except Conflict as error:
        if any(problem.code == "log_in_use" for problem in error.problems):
            return 0
        raise
    with store:
        signed = EvidenceLog(store, signing_key())
        sealed = 0
        while batch := _waiting(store.size):
            signed.append(body for _, body in batch)
            sealed += len(batch)
        if sealed or store.newest() is None:
            signed.checkpoint()
        _forget(store.size)
        return sealed


def _waiting(size: int) -> list[tuple[int, bytes]]:
    """The next events after the first `size`, which the log holds already."""
    rows = Event.objects.filter(index__gte=size).order_by("index")[:BATCH]
    found = [(row.index, bytes(row.body)) for row in rows]
    if [index for index, _ in found] != list(range(size, size + len(found))):
        raise Conflict(Problem(f"event {size}", "exchange_events_missing"))
    return found


def _forget(size: int) -> None:
    """Drop what the log holds, but for the newest event: it is the counter."""
    last = Event.objects.order_by("-index").values_list("index", flat=True).first()
    if last is not None:
        Event.objects.filter(index__lt=min(size, last)).delete()


def receipt(index: int) -> Receipt:
    """The proof that event `index` is in the signed log. `Conflict` while it waits for that."""
    with FileStore(_begun()) as store:
        note = store.newest()
        signed = EvidenceLog(store, signing_key()) if note else None
        if signed is None or index >= store.size:
            raise Conflict(Problem(f"event {index}", "exchange_event_waits"))
        return signed.receipt(index, note)


def event(index: int) -> bytes:
    """The bytes of a sealed event."""
    with FileStore(_begun()) as store:
        return store.entry(index)


@contextmanager
def held() -> Iterator[FileStore]:
    """The log's files while nobody seals; waits for whoever does."""
    begun, until = _begun(), time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            store = FileStore(begun, write=True)
            break
        except Conflict:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    with store:
        yield store


def signing_key() -> keys.SigningKey:
    """The key of this installation's log, made at its beginning; readable by us alone."""
    return keys.SigningKey.parse((root() / "signing.key").read_text(encoding="utf-8"))


def _begun() -> Path:
    """The log's folder, made on its first use."""
    made = root()
    if not (made / folder.DESCRIPTION).exists():
        made.mkdir(parents=True, exist_ok=True)
        secret = made / "signing.key"
        if not secret.exists():
            secret.touch(mode=0o600)
            name = f"songhua-{Path(settings.DATA_DIR).name}"
            secret.write_text(keys.generate(name, settings.LOG_KEY).encode(), encoding="utf-8")
        digest = "sm3" if settings.LOG_KEY == "sm2" else "sha256"
        try:
            folder.create(made, signing_key().public.name, digest)
        except Conflict:
            log.info("another process has begun the evidence log")
    return made
