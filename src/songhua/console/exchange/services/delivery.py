"""Files of tables: made while the caller waits, or by the worker for the person who asked.

A parcel is asked for through the door like everything, and metered and logged in the transaction in
which it becomes ready: once, however often it is begun or fetched. What was granted is looked at
again each time it is fetched, so a revocation bites on files that lie ready too.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from songhua.console import clock
from songhua.console.exchange import formats
from songhua.console.exchange.models import Parcel
from songhua.console.exchange.services import door, waiting
from songhua.console.ledger.services import audit, vouch
from songhua.exchange.enforcement import Limits
from songhua.kit.errors import Conflict, InputError, NotAllowed, Problem, SonghuaError

if TYPE_CHECKING:
    import uuid
    from collections.abc import Iterable, Iterator
    from typing import IO, Any

    from songhua.console.exchange.models import Distribution
    from songhua.console.people.models import User

FORMS = ("csv", "json", "xlsx", "parquet")  # of a download
WAITING = Limits()
KEPT_DAYS = 7
MOST_WAITING = 5  # parcels of one person
LIMITS = Limits(seconds=1800)


def folder() -> Path:
    """Where finished files lie."""
    return Path(settings.DATA_DIR) / "parcels"


def _ask(
    caller: User | None, table: Distribution, purpose: str, text: str, limits: Limits = LIMITS
) -> door.Answer:
    answer = door.open_tables(caller, [table], purpose).ask(text, limits)
    if not answer.may_export:
        raise NotAllowed(Problem("form", "exchange_export_denied"))
    return answer


def _seen(caller: User | None, table: Distribution, purpose: str) -> int:
    """How many rows the caller sees; what it does not see does not count."""
    counted = _ask(caller, table, purpose, f'SELECT COUNT(*) FROM "{table.sql_name}"')
    return int(next(iter(counted.batches))[0][0])


@dataclass(frozen=True)
class Export:
    """A file, to be read and closed, and the index of its delivery in the evidence log."""

    file: IO[bytes]
    receipt: int


def whole(caller: User | None, table: Distribution, form: str, purpose: str = "") -> Export:
    """All rows of a table that `caller` may see, written to a file without a name on disk while
    the caller waits; a large one is better ordered.

    Raises `NotAllowed` where the grant allows no files, `InputError` where nothing may be seen.
    """
    answer = _ask(caller, table, purpose, f'SELECT * FROM "{table.sql_name}"', WAITING)
    out = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 (its reader closes it)
    try:
        rows = formats.write(form, answer.columns, answer.batches, out)
        receipt = door.settle(caller, answer, f"file:{form}", rows, out.tell())
    except BaseException:
        out.close()
        raise
    out.seek(0)
    return Export(out, receipt)


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
    row = waiting.take(Parcel)
    if row is None:
        return ""
    try:
        _make(row)
    except SonghuaError as error:
        waiting.fail(row, error.problems)
    return vouch.subject(row)


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
        if not waiting.beat(row, done / total if total else 1.0):
            raise _Lost
        yield batch


@transaction.atomic
def _finish(row: Parcel, answer: door.Answer, rows: int, digest: str) -> None:
    audit.hold()
    size = file_of(row).stat().st_size
    index = door.settle(row.created_by, answer, f"parcel:{row.form}", rows, size)
    held = answer.held[0]
    done = waiting.ours(row).update(
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
    if waiting.forgotten(Parcel):
        _ring()
