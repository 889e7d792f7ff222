"""Parquet files of readings: of one metric and one day (UTC) each, never changed once written."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from pathlib import Path

READINGS = "readings"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""No reading is older."""
ROW_GROUP = 1 << 17
COLUMNS = {
    "device_id": pl.String(),
    "metric": pl.String(),
    "ts_utc": pl.Datetime("us", "UTC"),
    "value": pl.Float64(),
    "quality": pl.UInt8(),
    "received_at": pl.Datetime("us", "UTC"),
}
"""The columns of every file."""


@dataclass(frozen=True)
class DataFile:
    """A file: `path` within the store's folder, rows, first and last instant in µs since 1970."""

    path: str
    metric: str
    day: date
    rows: int
    first_us: int
    last_us: int


def write(folder: Path, name: str, readings: pl.DataFrame) -> DataFile:
    """Write readings of one metric and one day, not durable yet, sorted by device and time."""
    metric, day = readings["metric"][0], readings["ts_utc"][0].date()
    instants = readings["ts_utc"].to_physical().to_numpy()
    path = _place(folder, name, metric, day)
    _save(readings.lazy().select(*COLUMNS), folder / path)
    return DataFile(path, metric, day, readings.height, int(instants.min()), int(instants.max()))


def merge(folder: Path, name: str, held: Sequence[DataFile]) -> DataFile:
    """Write the readings of files of one metric and one day as one file, not durable yet."""
    path = _place(folder, name, held[0].metric, held[0].day)
    _save(pl.scan_parquet([folder / file.path for file in held]), folder / path)
    first, last = min(f.first_us for f in held), max(f.last_us for f in held)
    return DataFile(path, held[0].metric, held[0].day, sum(f.rows for f in held), first, last)


def settle(folder: Path, files: Iterable[DataFile]) -> None:
    """Wait until the files, and the names that lead to them, are durable."""
    paths = [folder / file.path for file in files]
    above = {path.parent for path in paths} | {folder / READINGS, folder}
    for path in (*paths, *above):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _place(folder: Path, name: str, metric: str, day: date) -> str:
    """A path for a file, in a folder that is there; no metric's folder is "." or ".."."""
    path = f"{READINGS}/metric {quote(metric, safe='')}/{day:%Y-%m-%d} {name}.parquet"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    return path


def _save(readings: pl.LazyFrame, path: Path) -> None:
    rows = readings.sort("device_id", "ts_utc")
    rows.sink_parquet(path, compression="lz4", row_group_size=ROW_GROUP)


def by_metric_and_day(readings: pl.DataFrame) -> list[pl.DataFrame]:
    """`readings` apart by metric and day."""
    if readings.is_empty():
        return []
    days = readings.with_columns(day=pl.col("ts_utc").dt.date())
    return days.partition_by("metric", "day", include_key=True)
