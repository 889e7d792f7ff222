"""The one writer of a store: each batch becomes a commit, and no reading is kept twice.

A reading is known by device, metric and instant. The first value that comes for it stays: the
same value again is a duplicate, another one a conflict, and neither is stored.
"""

from __future__ import annotations

import fcntl
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Self
from uuid import uuid4

import polars as pl

from songhua.exchange.telemetry import files
from songhua.exchange.telemetry.checking import LATE, OUT_OF_RANGE, checked
from songhua.exchange.telemetry.keys import CONFLICT, DUPLICATE, HOUR_US, NEW, KnownKeys
from songhua.exchange.telemetry.manifest import Manifest
from songhua.exchange.telemetry.rejections import Rejections
from songhua.kit.errors import Conflict, Problem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from songhua.exchange.telemetry.registry import Registry

_KEY = {"device": pl.Int64(), "ts_utc": files.COLUMNS["ts_utc"], "value": pl.Float64()}


@dataclass(frozen=True)
class Commit:
    """What a batch came to. `rejected` counts by reason, with examples in `examples`; the stored
    ones among which came late, and which were flagged, are `late` and `flagged`."""

    seq: int
    stored: int
    duplicates: int
    late: int
    flagged: int
    rejected: dict[str, int]
    examples: tuple[Problem, ...]


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


class TelemetryStore:
    """The store in `folder`, which is made where it is missing, held until it is closed.

    Raises `Conflict` ``telemetry_in_use`` where another process holds it.
    """

    def __init__(
        self, folder: Path, registry: Registry, *, clock: Callable[[], datetime] = utc_now
    ) -> None:
        (folder / files.READINGS).mkdir(parents=True, exist_ok=True)
        self.folder, self.registry, self.clock = folder, registry, clock
        self._lock = (folder / "writer.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise Conflict(Problem(str(folder), "telemetry_in_use")) from error
        self.manifest = Manifest(folder, write=True)
        self.manifest.remove_strays()
        self.manifest.sweep(clock())
        self._keys = KnownKeys(self._stored)

    def close(self) -> None:
        """Let the folder go."""
        self.manifest.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def use(self, registry: Registry) -> None:
        """Go by another registry from the next batch on."""
        self.registry = registry
        self.forget()

    def forget(self) -> None:
        """Ask the files again which readings are stored."""
        self._keys.forget()

    def write(self, readings: pl.DataFrame, rejections: Rejections | None = None) -> Commit:
        """Store a batch (columns `decoding.READING`), durably when this returns.

        `rejections` are those that the batch has met already, counted with it. Whatever goes wrong,
        the store holds the whole batch or nothing of it, and the batch may be written again.
        """
        rejections = rejections or Rejections()
        good = checked(readings, self.registry, self.clock(), rejections)
        try:
            return self._commit(good, self._keys.verdicts(good), rejections)
        except BaseException:
            self.forget()  # the files alone say how far it came
            raise

    def _commit(self, good: pl.DataFrame, verdicts: NDArray[np.int8], met: Rejections) -> Commit:
        met.add_rows("reading_conflict", good.filter(verdicts == CONFLICT), "value")
        new = good.filter(verdicts == NEW)
        late = new.filter(pl.col("received_at") - pl.col("ts_utc") > LATE).height
        flagged = new.filter(pl.col("quality") >= OUT_OF_RANGE).height
        counts = {
            "stored": new.height,
            "duplicates": int((verdicts == DUPLICATE).sum()),
            "late": late,
            "flagged": flagged,
        }
        name = uuid4().hex
        added = [files.write(self.folder, name, p) for p in files.by_metric_and_day(new)]
        files.settle(self.folder, added)
        seq = self.manifest.publish(added, {**counts, **met.counts}, met.examples)
        self._keys.add(new)
        return Commit(seq, **counts, rejected=dict(met.counts), examples=tuple(met.examples))

    def _stored(self, series: int, first_hour: int, last_hour: int) -> pl.DataFrame:
        """What is stored of a metric in whole hours, for `KnownKeys`."""
        metric = self.registry.frame.filter(pl.col("series") == series)["metric"][0]
        first, end = first_hour * HOUR_US, (last_hour + 1) * HOUR_US
        paths = [self.folder / f.path for f in self.manifest.files(metric, first, end)]
        if not paths:
            return pl.DataFrame(schema=_KEY)
        at = pl.col("ts_utc").to_physical()
        held = pl.scan_parquet(paths).filter(at >= first, at < end)
        return held.join(self.registry.devices.lazy(), on="device_id").select(*_KEY).collect()
