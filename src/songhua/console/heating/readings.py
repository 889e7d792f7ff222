"""The readings of a plant from the exchange's store, for whom `access.sees` has let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

import polars as pl

from songhua.console.exchange.services import devices
from songhua.console.heating import metrics
from songhua.exchange.telemetry.checking import OUT_OF_RANGE
from songhua.exchange.telemetry.reading import TelemetryReader

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from songhua.console.heating.models import Element, Plant

SILENT = timedelta(minutes=15)
"""An instrument that has sent nothing for so long before the newest reading of all is silent."""


@dataclass(frozen=True)
class Reading:
    """A value, its instant, whether it lay outside its range, and whether it is too old."""

    value: float
    at: datetime
    flagged: bool
    old: bool


@dataclass(frozen=True)
class Snapshot:
    """The newest readings of a plant; `at` is the newest instant of all, `received_at` when the
    last of them came, None where there is nothing yet."""

    at: datetime | None
    received_at: datetime | None
    readings: dict[tuple[str, str], Reading]

    def get(self, element: Element | None, metric: str) -> Reading | None:
        """The newest reading of a metric, however old; None where there is none."""
        return None if element is None else self.readings.get((element.device_id, metric))

    def value(self, element: Element | None, metric: str) -> float | None:
        """The present value; None where it is unknown, old or outside its range."""
        found = self.get(element, metric)
        return None if found is None or found.old or found.flagged else found.value


@lru_cache(maxsize=4)
def _reader(folder: Path) -> TelemetryReader:
    """One reader for a store: it remembers what is newest and reads on from there."""
    return TelemetryReader(folder)


def store() -> TelemetryReader | None:
    """The store's reader; None where nothing was ever written."""
    return _reader(devices.folder()) if devices.reader() else None


def newest(plant: Plant, elements: Iterable[Element]) -> Snapshot:
    """The newest readings of these elements of a plant."""
    reader = store()
    ids = [row.device_id for row in elements]
    if reader is None or not ids:
        return Snapshot(None, None, {})
    found = pl.concat([reader.latest(name, ids) for name in metrics.names()])
    if not found.height:
        return Snapshot(None, None, {})
    newest_at, received_at = found["ts_utc"].max(), found["received_at"].max()
    assert newest_at is not None
    columns = ("device_id", "metric", "value", "ts_utc", "quality")
    return Snapshot(newest_at, received_at, {
        (device, metric): Reading(value, at, flag >= OUT_OF_RANGE, newest_at - at > SILENT)
        for device, metric, value, at, flag in found.select(columns).iter_rows()
    })  # fmt: skip


def history(
    metric: str, elements: Iterable[Element], begins: datetime, ends: datetime
) -> pl.DataFrame:
    """The good readings of a metric in an interval: device_id, ts_utc, value, in their order."""
    reader, ids = store(), [row.device_id for row in elements]
    if reader is None or not ids or not begins < ends:
        schema = {"device_id": pl.String, "ts_utc": pl.Datetime("us", "UTC"), "value": pl.Float64}
        return pl.DataFrame(schema=schema)
    edges = begins.astimezone(UTC), ends.astimezone(UTC)
    rows = reader.scan(metric, *edges, ids).filter(pl.col("quality") < OUT_OF_RANGE)
    return rows.select("device_id", "ts_utc", "value").sort("device_id", "ts_utc").collect()
