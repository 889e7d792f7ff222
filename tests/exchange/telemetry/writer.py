"""``writer.py <folder> <first>``: writes batch after batch, telling each one that is committed."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from songhua.exchange.telemetry import upkeep
from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.exchange.telemetry.store import TelemetryStore

BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
METRICS = ("supply_c", "return_c")
REGISTRY = Registry(tuple(Channel(f"D{n}", metric) for n in range(50) for metric in METRICS))


def batch(number: int) -> pl.DataFrame:
    """A minute of the fifty devices, and the same minute of a day before."""
    at = BEGIN + timedelta(minutes=number)
    rows = [
        (channel.device_id, channel.metric, at - timedelta(days=days), float(number), 0, at)
        for channel in REGISTRY.channels
        for days in (0, number % 3)
    ]
    return pl.DataFrame(rows, schema=READING, orient="row")


def main(folder: Path, first: int) -> None:
    """Write for ever."""
    upkeep.FEWEST = 3
    with TelemetryStore(folder, REGISTRY) as store:
        for number in range(first, 10_000):
            store.write(batch(number))
            sys.stdout.write(f"{number}\n")
            sys.stdout.flush()
            upkeep.compact(store)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
