"""The readings of both cases: heating stations that report once a minute, some again, some late."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl

METRICS = ("supply_c", "return_c", "flow_m3_per_h", "pressure_mpa")
IN_MESSAGE = 50
BEGIN = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE_US = 60_000_000


def device(number: int) -> str:
    """The name of a station."""
    return f"station-{number:05d}"


def messages(case: dict) -> list[list[dict]]:
    """Arrays of readings: every station and metric minute by minute, a share `late` of the messages
    of earlier days, and a share `again` of all messages sent a second time, somewhat later."""
    rng = np.random.default_rng(case["seed"])
    number = np.arange(case["readings"])
    stations, metric = case["stations"], number % len(METRICS)
    minute = number // (stations * len(METRICS))
    late = np.repeat(rng.random(number.size // IN_MESSAGE) < case["late"], IN_MESSAGE)
    days = np.where(late, rng.integers(1, 4, number.size // IN_MESSAGE).repeat(IN_MESSAGE), 0)
    at = np.datetime64("2026-01-05T00:00:00") + minute.astype("timedelta64[m]")
    texts = np.datetime_as_string(at - days.astype("timedelta64[D]"), unit="s").tolist()
    values = rng.integers(0, 9000, number.size) / 100
    names = [device(n) for n in range(stations)]
    rows = [
        {"device_id": names[n], "metric": METRICS[m], "ts_utc": f"{text}Z", "value": value}
        for n, m, text, value in zip(
            ((number // len(METRICS)) % stations).tolist(), metric.tolist(), texts, values.tolist(),
            strict=True,
        )
    ]  # fmt: skip
    sent = [rows[i : i + IN_MESSAGE] for i in range(0, len(rows), IN_MESSAGE)]
    again = rng.choice(len(sent), round(case["again"] * len(sent)), replace=False)
    place = np.concatenate([np.arange(len(sent)), again + rng.integers(1, 2000, again.size)])
    which = np.concatenate([np.arange(len(sent)), again])
    return [sent[i] for i in which[np.argsort(place, kind="stable")].tolist()]


def day(case: dict, number: int) -> pl.DataFrame:
    """All readings of a day in the order in which they came, as columns."""
    minutes, stations = case["minutes_per_day"], case["stations"]
    rng = np.random.default_rng([case["seed"], number])
    size = minutes * stations * len(METRICS)
    place = np.arange(size)
    begin = int((BEGIN + timedelta(days=number)).timestamp() * 1_000_000)
    at = begin + place // (stations * len(METRICS)) * (1440 // minutes) * MINUTE_US
    at += rng.integers(0, MINUTE_US, size)
    names = pl.Series([device(n) for n in range(stations)])
    frame = pl.DataFrame(
        {
            "device_id": names.gather(place // len(METRICS) % stations),
            "metric": pl.Series(METRICS).gather(place % len(METRICS)),
            "ts_utc": at,
            "value": rng.integers(0, 9000, size) / 100,
            "quality": np.zeros(size, dtype=np.int64),
        }
    )
    instant = pl.Datetime("us", "UTC")
    return frame.with_columns(pl.col("ts_utc").cast(instant)).with_columns(
        received_at=pl.col("ts_utc") + timedelta(seconds=2)
    )
