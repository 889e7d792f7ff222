"""A town with three devices, a clock that stands still, and a store in a folder of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.reading import TelemetryReader
from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.exchange.telemetry.store import TelemetryStore

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


class Town:
    """What the tests ask of a store; the clock moves only when a test moves it."""

    now = NOW
    registry = Registry(
        tuple(
            Channel(device, metric, "℃", -40, 120)
            for device in ("甲", "乙", "丙")
            for metric in ("supply_c", "回水温度/℃")
        )
    )

    def __init__(self, folder):
        self.folder = folder
        self.reader = TelemetryReader(folder)

    def open(self):
        return TelemetryStore(self.folder, self.registry, clock=lambda: self.now)

    def batch(self, *rows):
        """Readings as (device, metric, hours before now, value) and maybe a quality."""
        full = [(*row, 0)[:5] for row in rows]
        return pl.DataFrame(
            [(d, m, self.now - timedelta(hours=h), v, q, self.now) for d, m, h, v, q in full],
            schema=READING, orient="row",
        )  # fmt: skip

    def stored(self):
        """All readings, as {(device, metric, instant): value}; fails where a key is there twice."""
        held = [pl.read_parquet(path) for path in self.reader.files()]
        columns = ["device_id", "metric", "ts_utc", "value"]
        rows = [row for frame in held for row in frame.select(columns).rows()]
        found = {row[:3]: row[3] for row in rows}
        assert len(found) == len(rows)
        return found


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path / "telemetry")


@pytest.fixture
def make_town(tmp_path_factory):
    """As many towns as a test of many examples needs."""
    return lambda: Town(tmp_path_factory.mktemp("towns") / "telemetry")
