"""What keeps a store small and quick: merging its many files, and letting old days go.

Both are done by the writer, between commits. Readers keep what they were given for
`manifest.GRACE`.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING
from uuid import uuid4

from songhua.exchange.telemetry import files
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from songhua.exchange.telemetry.files import DataFile
    from songhua.exchange.telemetry.store import TelemetryStore

FEWEST = 32
"""Files of an open day that are worth merging."""


def compact(store: TelemetryStore, before: date | None = None) -> int:
    """Merge files of the same metric and day, one each for the days `before`; files saved.

    Of other days only the small ones are merged, and only where there are `FEWEST`, so that each
    reading is written again a few times at most.
    """
    saved = 0
    for (_, day), group in groupby(store.manifest.files(), key=lambda f: (f.metric, f.day)):
        closed, held = before is not None and day < before, list(group)
        chosen = held if closed else _small(held)
        if len(chosen) >= (2 if closed else FEWEST):
            merged = files.merge(store.folder, uuid4().hex, chosen)
            files.settle(store.folder, [merged])
            store.manifest.replace(chosen, [merged], store.clock())
            saved += len(chosen) - 1
    store.manifest.sweep(store.clock())
    return saved


def retain(store: TelemetryStore, days: Mapping[str, int]) -> int:
    """Let go of the readings of each metric named that are of an earlier day than the last `days`,
    today included; the readings let go.

    Raises `InputError` ``telemetry_days`` for less than one day.
    """
    for metric, kept in days.items():
        require(kept >= 1, metric, "telemetry_days", kept)
    today = store.clock().date()
    old = [f for f in store.manifest.files() if (today - f.day).days >= days.get(f.metric, 10**9)]
    store.manifest.replace(old, [], store.clock())
    store.forget()
    store.manifest.sweep(store.clock())
    return sum(file.rows for file in old)


def _small(held: Sequence[DataFile]) -> list[DataFile]:
    """The smallest files, up to the first that is larger than those before it together."""
    chosen: list[DataFile] = []
    for file in sorted(held, key=lambda f: f.rows):
        if chosen and file.rows > sum(f.rows for f in chosen):
            break
        chosen.append(file)
    return chosen
