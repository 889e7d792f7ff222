"""Visits to other catalogues: asked for on the page and made by the worker, or made at once on the
command line; each leaves a record of what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.exchange.models import Harvest
from songhua.console.exchange.services import subscriptions, waiting
from songhua.console.exchange.services.harvest import Source, harvest
from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.kit.errors import NotAllowed, Problem, SonghuaError

if TYPE_CHECKING:
    from songhua.console.people.models import Unit, User

COUNTS = ("created", "changed", "same", "withdrawn")


@transaction.atomic
def order(actor: User, url: str, unit: Unit) -> Harvest:
    """Have the catalogue at `url` harvested for `unit`: for the office, and from addresses outside
    our own network alone. Raises `InputError` for one that may not be called."""
    if actor.role != Role.OFFICE:
        raise NotAllowed(Problem("source", "exchange_not_yours", url[:100]))
    subscriptions.called(url)
    row = _begun(actor, url, unit)
    transaction.on_commit(_ring)
    return row


def _begun(actor: User | None, url: str, unit: Unit) -> Harvest:
    audit.hold()
    row = Harvest.objects.create(url=url[:500], unit=unit, created_by=actor, created_at=clock.now())
    audit.record(actor or "command line", "harvest_begun", vouch.subject(row), url=row.url)
    return row


def now(source: Source, unit: Unit) -> Harvest:
    """Harvest a catalogue at once: for the command line."""
    with transaction.atomic():
        row = _begun(None, source.url, unit)
        Harvest.objects.filter(pk=row.pk).update(state=Harvest.State.RUNNING)
    row.refresh_from_db()
    _visit(row, source)
    return row


def next_one() -> str:
    """Make the oldest visit that waits, or that died; says which."""
    row = waiting.take(Harvest)
    if row is None:
        return ""
    _visit(row, Source(row.url))
    return vouch.subject(row)


def ring_for_lost() -> None:
    """Ring where a visit waits whose bell was lost, or that died."""
    if waiting.forgotten(Harvest):
        _ring()


def _ring() -> None:
    from songhua.console import jobs

    jobs.next_harvest.enqueue()


def _visit(row: Harvest, source: Source) -> None:
    try:
        with waiting.alive(row, lambda: 0.0):
            done = harvest(row.created_by, source, row.unit)
    except SonghuaError as error:
        waiting.fail(row, error.problems)
    else:
        counts = {name: getattr(done, name) for name in COUNTS}
        waiting.ours(row).update(
            state=Harvest.State.DONE, counts=counts, failed=done.failed, token=None, progress=1
        )
    row.refresh_from_db()
