"""Files of tables: small ones at once, big ones made by the worker for the person who asked.

A parcel is asked for through the door like everything, and metered and logged in the transaction in
which it becomes ready: once, however often it is begun or fetched. What was granted is looked at
again each time it is fetched, so a revocation bites on files that lie ready too.
"""

from __future__ import annotations

import hashlib
import io
import uuid
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from songhua.console import clock
from songhua.console.exchange import formats
from songhua.console.exchange.models import Parcel
from songhua.console.exchange.services import door
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.enforcement import Limits
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem, SonghuaError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User

AT_ONCE = 50_000  # rows that are delivered while the caller waits
KEPT_DAYS = 7
MOST_WAITING = 5  # parcels of one person
MOST_ATTEMPTS = 3
LIMITS = Limits(seconds=1800)


def folder() -> Path:
    """Where finished files lie."""
    return Path(settings.DATA_DIR) / "parcels"


def _ask(caller: User | None, table: Distribution, purpose: str, text: str) -> door.Answer:
    answer = door.open_tables(caller, [table], purpose).ask(text, LIMITS)
    if not answer.may_export:
        raise NotAllowed(Problem("form", "exchange_export_denied"))
    return answer


def _seen(caller: User | None, table: Distribution, purpose: str) -> int:
    """How many rows the caller sees; what it does not see does not count."""
    counted = _ask(caller, table, purpose, f'SELECT COUNT(*) FROM "{table.sql_name}"')
    return int(next(iter(counted.batches))[0][0])


def small(
    caller: User | None, table: Distribution, form: str, *, purpose: str = "", bom: bool = True
) -> tuple[bytes, int]:
    """A table of at most `AT_ONCE` visible rows as a file, and its index in the evidence log.

    Raises ``exchange_file_large`` for a larger one: `order` it; `NotAllowed` where the grant
    allows no files.
    """
    if _seen(caller, table, purpose) > AT_ONCE:
        raise Conflict(Problem("form", "exchange_file_large", str(AT_ONCE)))
    answer = _ask(caller, table, purpose, f'SELECT * FROM "{table.sql_name}"')
    out = io.BytesIO()
    rows = formats.write(form, answer.columns, answer.batches, out, bom=bom)
    return out.getvalue(), door.settle(caller, answer, f"file:{form}", rows, out.tell())


@transaction.atomic
def order(caller: User, table: Distribution, form: str, purpose: str = "") -> Parcel:
    """Have a file made. Refused at once for what `caller` may not have."""
    if form not in formats.KINDS:
        raise InputError(Problem("form", "exchange_form_unknown", form))
    _ask(caller, table, purpose, f'SELECT * FROM "{table.sql_name}"')
    audit.hold()
    waiting = Parcel.objects.filter(created_by=caller, state__in=("queued", "running")).count()
    if waiting >= MOST_WAITING:
        raise Conflict(Problem("form", "exchange_parcels_many", str(MOST_WAITING)))
    row = Parcel.objects.create(
        distribution=table, form=form, purpose=purpose, created_by=caller, created_at=clock.now()
    )
    audit.record(caller, "parcel_ordered", vouch.subject(row), table=table.sql_name, form=form)
    transaction.on_commit(_ring)
    return row


def _ring() -> None:
    from songhua.console import jobs

    jobs.next_parcel.enqueue()


def make_next() -> str:
    """Take the oldest parcel that waits, or whose maker died, and make it; says which."""
    row = _take()
    if row is None:
        return ""
    try:
        _make(row)
    except SonghuaError as error:
        told = [asdict(problem) for problem in error.problems]
        _ours(row).update(state=Parcel.State.FAILED, problems=told, token=None)
    return vouch.subject(row)


def _take() -> Parcel | None:
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    lost = Q(state=Parcel.State.RUNNING, beat_at__lt=limit)
    Parcel.objects.filter(lost, attempts__gte=MOST_ATTEMPTS).update(
        state=Parcel.State.FAILED, token=None
    )
    free = Parcel.objects.filter(Q(state=Parcel.State.QUEUED) | lost)
    while (row := free.order_by("pk").first()) is not None:
        token = uuid.uuid4()
        if free.filter(pk=row.pk).update(
            state=Parcel.State.RUNNING, token=token, beat_at=timezone.now(), progress=0,
            attempts=F("attempts") + 1,
        ):  # fmt: skip
            row.refresh_from_db()
            return row
    return None


def _ours(row: Parcel) -> Any:
    return Parcel.objects.filter(pk=row.pk, token=row.token, state=Parcel.State.RUNNING)


def _make(row: Parcel) -> None:
    table, caller = row.distribution, row.created_by
    total = _seen(caller, table, row.purpose)
    answer = _ask(caller, table, row.purpose, f'SELECT * FROM "{table.sql_name}"')
    folder().mkdir(parents=True, exist_ok=True)
    work = folder() / f".{row.token}"
    try:
        with work.open("w+b") as out:
            rows = formats.write(row.form, answer.columns, _signed(row, answer.batches, total), out)
            out.seek(0)
            digest = hashlib.file_digest(out, "sha256").hexdigest()
        work.replace(file_of(row))
        _finish(row, answer, rows, digest)
    except _Lost:
        return
    finally:
        work.unlink(missing_ok=True)


class _Lost(Exception):
    """Another attempt holds the parcel now."""


def _signed(row: Parcel, batches: Iterable[Any], total: int) -> Iterator[Any]:
    """The batches, with a sign of life at each."""
    done = 0
    for batch in batches:
        done += len(batch)
        progress = done / total if total else 1.0
        if not _ours(row).update(beat_at=timezone.now(), progress=min(progress, 0.99)):
            raise _Lost
        yield batch


@transaction.atomic
def _finish(row: Parcel, answer: door.Answer, rows: int, digest: str) -> None:
    audit.hold()
    size = file_of(row).stat().st_size
    index = door.settle(row.created_by, answer, f"parcel:{row.form}", rows, size)
    held = answer.held[0]
    done = _ours(row).update(
        state=Parcel.State.DONE, progress=1, token=None, sha256=digest, size=size, rows=rows,
        receipt=index, under=held.holder, columns=sorted(held.grant.columns),
        expires_at=clock.now() + timedelta(days=KEPT_DAYS),
    )  # fmt: skip
    if not done:
        transaction.set_rollback(True)
        raise _Lost


def file_of(row: Parcel) -> Path:
    """Where the file of a parcel lies."""
    return folder() / f"{row.uid}.{row.form}"


def fetch(caller: User, uid: uuid.UUID) -> tuple[Parcel, Path]:
    """A finished file, for who asked for it and while the grant it was made under still holds.

    Raises ``exchange_parcel_unknown`` for anybody else, and where the right to it has ended.
    """
    row = Parcel.objects.select_related("distribution__entry", "distribution__current").filter(
        uid=uid, created_by=caller
    ).first()  # fmt: skip
    if row is None or row.state == Parcel.State.EXPIRED:
        raise NotAllowed(Problem("parcel", "exchange_parcel_unknown", str(uid)))
    if row.state != Parcel.State.DONE:
        raise Conflict(Problem("parcel", "exchange_parcel_waits", row.get_state_display()))
    opened = door.open_tables(caller, [row.distribution], row.purpose)
    holds = any(
        h.holder == row.under and set(row.columns) <= h.grant.columns and h.grant.may_export
        for h in opened.held
    )
    if not holds or row.expires_at is None or row.expires_at <= clock.now():
        raise NotAllowed(Problem("parcel", "exchange_parcel_unknown", str(uid)))
    return row, file_of(row)


def expire() -> int:
    """Delete the files that are kept no longer; how many."""
    gone = Parcel.objects.filter(state=Parcel.State.DONE, expires_at__lte=clock.now())
    for row in gone:
        file_of(row).unlink(missing_ok=True)
        Parcel.objects.filter(pk=row.pk).update(state=Parcel.State.EXPIRED)
    return len(gone)


def ring_for_lost() -> None:
    """Ring where a parcel waits whose bell was lost, or whose maker died."""
    limit = timezone.now() - timedelta(seconds=settings.LEASE_SECONDS)
    lost = Q(state=Parcel.State.RUNNING, beat_at__lt=limit)
    late = Q(state=Parcel.State.QUEUED, created_at__lt=limit)
    for _ in Parcel.objects.filter(lost | late)[:1]:
        _ring()
