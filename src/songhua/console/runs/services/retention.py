"""How long the rows of tables are kept. Records stay for ever; rows that a decision or evidence of
the ledger stands on stay too."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Max, Q

from songhua.console import clock
from songhua.console.ledger import selectors as ledger
from songhua.console.runs.models import Decision, Run, RunInput, Table, Work
from songhua.console.runs.services import tables, work


def expire() -> int:
    """Drop the rows of tables older than ``SONGHUA_KEEP_DAYS``. Returns how many tables.

    Kept beyond that are what decided or attested runs read and wrote, what waits to be read, and
    the newest table of each dataset, which schedules read.
    """
    bound = {int(pk) for pk in ledger.attested_runs()}
    bound.update(Decision.objects.values_list("run_id", flat=True))
    waiting = Run.objects.filter(state__in=tables.OPEN)
    bound.update(waiting.values_list("pk", flat=True))
    done = Table.objects.filter(state=Work.State.DONE, dropped_at=None)
    newest = done.values("scenario", "dataset").annotate(last=Max("pk")).values("last")
    old = done.filter(created_at__lt=clock.now() - timedelta(days=settings.KEEP_DAYS)).exclude(
        Q(run__in=bound)
        | Q(pk__in=RunInput.objects.filter(run__in=bound).values("table"))
        | Q(pk__in=newest)
    )
    for row in old:
        tables.give_up("clock", row)
    work.sweep()
    return len(old)
