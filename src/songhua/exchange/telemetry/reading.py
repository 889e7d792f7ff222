"""Reading a store: any number of readers, in any process, that never wait for the writer.

Every answer is of one moment: of all commits up to some number and none after it. Files once named
can be read for `manifest.GRACE`, whatever is merged or removed meanwhile.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.telemetry.files import COLUMNS, DataFile
from songhua.exchange.telemetry.manifest import Manifest, microseconds
from songhua.kit.errors import Conflict, require

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from pathlib import Path

    from songhua.kit.errors import Problem

RECENT = timedelta(days=1)
"""How far before a metric's newest day its latest readings are looked for."""


@dataclass(frozen=True)
class Tail:
    """Readings of the commits after a cursor, and the cursor to ask with next."""

    cursor: int
    readings: pl.DataFrame


class TelemetryReader:
    """Reads the store in `folder`, which a `TelemetryStore` has made."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._latest: dict[str, Tail] = {}

    def files(
        self, metric: str | None = None, start: datetime | None = None, end: datetime | None = None
    ) -> list[Path]:
        """Parquet files that hold all readings of `metric` from `start` and before `end`, and maybe
        others of the days at the edges: give DuckDB the list, and filter by ts_utc.

        Raises `InputError` ``telemetry_interval`` where the interval is empty.
        """
        held = start is None or end is None or start < end
        require(held, "end", "telemetry_interval", f"{start}–{end}")
        edges = (None if at is None else microseconds(at) for at in (start, end))
        with self._manifest() as manifest:
            return self._paths(manifest.files(metric, *edges))

    def scan(
        self,
        metric: str,
        start: datetime,
        end: datetime,
        devices: Collection[str] | None = None,
    ) -> pl.LazyFrame:
        """Readings of `metric` from `start` and before `end` (columns `files.COLUMNS`), of all
        `devices` or these."""
        found = _scan(self.files(metric, start, end))
        at = pl.col("ts_utc")
        return _of(devices, found.filter(at >= start, at < end))

    def since(self, cursor: int, metric: str | None = None) -> Tail:
        """What was stored after `cursor`; begin with `cursor()`.

        Raises `Conflict` ``telemetry_cursor_expired`` for one older than what is kept for this.
        """
        with self._manifest() as manifest:
            seq, added = manifest.since(cursor, metric)
        return Tail(seq, _scan(self._paths(added)).collect())

    def cursor(self) -> int:
        """The cursor that stands behind all that is stored now."""
        with self._manifest() as manifest:
            return manifest.seq

    def latest(self, metric: str, devices: Collection[str] | None = None) -> pl.DataFrame:
        """The newest reading of each device, one row each; a device that has sent nothing within
        `RECENT` of the metric's newest day has none. Kept in memory and carried on from there."""
        try:
            seen = self._latest[metric]
            tail = self.since(seen.cursor, metric)
        except (KeyError, Conflict):
            seen = tail = self._recent(metric)
        newest = _newest(pl.concat([seen.readings, tail.readings]).lazy()).collect()
        self._latest[metric] = Tail(tail.cursor, newest)
        return _of(devices, newest.lazy()).collect()

    def counts(self) -> dict[str, int]:
        """Totals since the store began: commits, stored, duplicates, late, flagged, and how many
        were refused for each reason."""
        with self._manifest() as manifest:
            return manifest.counts()

    def examples(self) -> list[Problem]:
        """Readings lately refused, newest first."""
        with self._manifest() as manifest:
            return manifest.examples()

    def _recent(self, metric: str) -> Tail:
        with self._manifest() as manifest:
            cursor, held = manifest.seq, manifest.files(metric)
        since = max((file.day for file in held), default=date.max) - RECENT
        recent = self._paths([file for file in held if file.day >= since])
        return Tail(cursor, _newest(_scan(recent)).collect())

    def _paths(self, held: list[DataFile]) -> list[Path]:
        return [self.folder / file.path for file in held]

    @contextmanager
    def _manifest(self) -> Iterator[Manifest]:
        manifest = Manifest(self.folder)
        try:
            yield manifest
        finally:
            manifest.close()


def _scan(paths: list[Path]) -> pl.LazyFrame:
    return pl.scan_parquet(paths) if paths else pl.LazyFrame(schema=COLUMNS)


def _of(devices: Collection[str] | None, readings: pl.LazyFrame) -> pl.LazyFrame:
    return readings if devices is None else readings.filter(pl.col("device_id").is_in(devices))


def _newest(readings: pl.LazyFrame) -> pl.LazyFrame:
    day = pl.col("ts_utc").dt.date()
    newest = readings.sort("ts_utc").unique("device_id", keep="last")
    return newest.filter(day >= day.max() - RECENT).sort("device_id")
