"""Which readings can be true, and which values lie outside what their device can measure."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from songhua.exchange.telemetry.decoding import READING
from songhua.exchange.telemetry.files import EPOCH

if TYPE_CHECKING:
    from datetime import datetime

    from songhua.exchange.telemetry.registry import Registry
    from songhua.exchange.telemetry.rejections import Rejections

AHEAD = timedelta(minutes=5)
"""How far the clock of a device may be ahead of ours."""
LATE = timedelta(hours=1)
"""Readings that came longer than this after their instant count as late; they are stored."""
OUT_OF_RANGE = 128
"""Added to the quality of a value outside the range of its channel."""

_SHOWN = {
    "reading_malformed": "value",
    "reading_not_finite": "value",
    "reading_device_unknown": "value",
    "reading_metric_unknown": "value",
    "reading_time": "ts_utc",
    "reading_future": "ts_utc",
    "reading_quality": "quality",
}


def checked(
    readings: pl.DataFrame, registry: Registry, now: datetime, rejections: Rejections
) -> pl.DataFrame:
    """The rows of `readings` (columns `decoding.READING`) that can be stored, in their order.

    The others are added to `rejections`, each with the first reason that holds. Adds the numbers
    `device` and `series` of the registry; quality gains `OUT_OF_RANGE` where it applies.
    """
    known = readings.select(*READING).join(
        registry.frame, on=["device_id", "metric"], how="left", maintain_order="left"
    )
    device_known = pl.col("device_id").is_in(registry.devices["device_id"].implode())
    judged = known.with_columns(
        reason=pl.when(pl.any_horizontal(pl.col(*READING).is_null()))
        .then(pl.lit("reading_malformed"))
        .when(~pl.col("value").is_finite())
        .then(pl.lit("reading_not_finite"))
        .when(~device_known)
        .then(pl.lit("reading_device_unknown"))
        .when(pl.col("device").is_null())
        .then(pl.lit("reading_metric_unknown"))
        .when(pl.col("ts_utc") < EPOCH)
        .then(pl.lit("reading_time"))
        .when(pl.col("ts_utc") > now + AHEAD)
        .then(pl.lit("reading_future"))
        .when(~pl.col("quality").is_between(0, OUT_OF_RANGE - 1))
        .then(pl.lit("reading_quality"))
    )
    wrong = judged.filter(pl.col("reason").is_not_null())
    for (reason,), rows in wrong.partition_by("reason", as_dict=True, maintain_order=True).items():
        rejections.add_rows(str(reason), rows, _SHOWN[str(reason)])
    outside = (pl.col("value") < pl.col("low")) | (pl.col("value") > pl.col("high"))
    flag = pl.when(outside.fill_null(False)).then(OUT_OF_RANGE).otherwise(0)
    return judged.filter(pl.col("reason").is_null()).select(
        *(name for name in READING if name != "quality"),
        (pl.col("quality") + flag).cast(pl.UInt8).alias("quality"),
        "device",
        "series",
    )
