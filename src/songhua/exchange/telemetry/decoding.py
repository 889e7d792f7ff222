"""Messages as readings: JSON objects with device_id, metric, ts_utc, value and maybe quality.

A message is one reading or an array of them. `ts_utc` is an ISO 8601 text that says UTC, with up
to nine decimals of which six are kept; other zones and bare numbers are not guessed at.
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from songhua.exchange.telemetry.rejections import Rejections

READING = {
    "device_id": pl.String(),
    "metric": pl.String(),
    "ts_utc": pl.Datetime("us", "UTC"),
    "value": pl.Float64(),
    "quality": pl.Int64(),
    "received_at": pl.Datetime("us", "UTC"),
}
"""The columns of a frame of readings. Quality 0 is good; 1–127 are the device's own words."""
_UTC = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|\+00:00)$"


def objects(payload: bytes) -> list[Any] | None:
    """The readings of a message, not yet looked at; None where it is no JSON of them.

    >>> objects(b'{"value": NaN}')
    [{'value': nan}]
    >>> objects(b'[{"value":') is None
    True
    """
    import orjson

    try:
        found = orjson.loads(payload)
    except orjson.JSONDecodeError:
        try:
            found = json.loads(payload)  # NaN and infinity, which stricter readers refuse
            json.dumps(found, ensure_ascii=False).encode()  # and texts that are no Unicode
        except (ValueError, RecursionError):
            return None
    if isinstance(found, dict):
        return [found]
    return found if isinstance(found, list) else None


def frame(readings: Sequence[Any], received_at: pl.Series, rejections: Rejections) -> pl.DataFrame:
    """`readings` with the instants at which they came, as columns.

    What is missing or of the wrong type is null; rows whose time is unreadable are refused.
    """
    rows = [row if type(row) is dict else {} for row in readings]
    found = pl.DataFrame(
        {
            "device_id": _column(rows, "device_id", _TEXT, pl.String()),
            "metric": _column(rows, "metric", _TEXT, pl.String()),
            "written": _column(rows, "ts_utc", _TEXT, pl.String()),
            "value": _column(rows, "value", _NUMBER, pl.Float64()),
            "quality": _column(rows, "quality", _WHOLE, pl.Int64(), missing=0),
            "received_at": received_at,
        }
    )
    at = pl.col("written")
    read = found.with_columns(
        ts_utc=pl.when(at.str.contains(_UTC))
        .then(at.str.head(19) + at.str.extract(r"(\.[0-9]{1,6})").fill_null(""))
        .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", time_zone="UTC", strict=False)
    )
    unread = pl.col("ts_utc").is_null() & at.is_not_null()
    rejections.add_rows("reading_time", read.filter(unread), "written")
    return read.filter(~unread).select(*READING)


_TEXT, _NUMBER, _WHOLE = frozenset({str}), frozenset({float, int}), frozenset({int})


def _column(
    rows: list[dict[str, Any]],
    name: str,
    kinds: frozenset[type],
    dtype: pl.DataType,
    missing: int | None = None,
) -> pl.Series:
    """What the rows say under `name`, null where that is none of `kinds`."""
    try:
        found = list(map(itemgetter(name), rows))
    except KeyError:
        found = [row.get(name, missing) for row in rows]
    if not kinds.issuperset(map(type, found)):
        found = [value if type(value) in kinds else None for value in found]
    return pl.Series(found, dtype=dtype, strict=False)  # null where it is too large
