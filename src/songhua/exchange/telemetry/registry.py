"""Which device measures what: the channels that readings may come on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from math import inf, nan
from typing import TYPE_CHECKING
from urllib.parse import quote

import polars as pl

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST = 200  # bytes of a metric's name as a folder


@dataclass(frozen=True)
class Channel:
    """One metric of one device; values outside `low` to `high` (in `unit`, None where there is
    no limit) are stored with their quality flagged. `resource_code` is that of the catalogue."""

    device_id: str
    metric: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    resource_code: str = ""


@dataclass(frozen=True)
class Registry:
    """The channels of all devices; each device and metric occur together once.

    Raises `InputError` with everything that is wrong: ``empty``, ``channel_range``,
    ``channel_twice``, ``channel_name_long``; rows are counted from 1.

    >>> registry = Registry.of_rows([{"device_id": "D1", "metric": "supply_c", "high": "95"}])
    >>> registry.channels[0].high
    95.0
    """

    channels: tuple[Channel, ...]

    def __post_init__(self) -> None:
        seen: set[tuple[str, str]] = set()
        problems: list[Problem] = []
        for row, channel in enumerate(self.channels, 1):
            problems += _wrong(channel, row)
            key = channel.device_id, channel.metric
            if key in seen:
                problems.append(Problem("metric", "channel_twice", " ".join(key), row))
            seen.add(key)
        if problems:
            raise InputError(problems)

    @classmethod
    def of_rows(cls, rows: Iterable[Mapping[str, object]]) -> Registry:
        """The registry of a table with the fields of `Channel`, whose cells may be text or empty.

        Raises ``unknown_key`` for other columns as well.
        """
        rows, known = list(rows), {field.name for field in fields(Channel)}
        unknown = sorted({name for row in rows for name in row} - known)
        if unknown:
            raise InputError([Problem("row", "unknown_key", name) for name in unknown])
        return cls(tuple(map(_channel, rows)))

    @cached_property
    def frame(self) -> pl.DataFrame:
        """A row for each channel: device_id, metric, low, high, and a number for each device
        (`device`, below 2³¹) and metric (`series`)."""
        schema: dict[str, pl.DataType] = {"device_id": pl.String(), "metric": pl.String()}
        schema |= {"low": pl.Float64(), "high": pl.Float64()}
        columns = {name: [getattr(channel, name) for channel in self.channels] for name in schema}
        return pl.DataFrame(columns, schema=schema).with_columns(
            device=pl.col("device_id").rank("dense").cast(pl.Int64),
            series=pl.col("metric").rank("dense").cast(pl.Int64),
        )

    @cached_property
    def devices(self) -> pl.DataFrame:
        """A row for each device: device_id and its number."""
        return self.frame.select("device_id", "device").unique()


def _channel(row: Mapping[str, object]) -> Channel:
    text = {name: str(cell).strip() for name, cell in row.items() if cell is not None}
    low, high = (_limit(text.pop(name, "")) for name in ("low", "high"))
    return Channel(**{"device_id": "", "metric": "", **text}, low=low, high=high)


def _limit(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return nan  # which makes no range


def _wrong(channel: Channel, row: int) -> Iterator[Problem]:
    for name in ("device_id", "metric"):
        if not getattr(channel, name):
            yield Problem(name, "empty", row=row)
    if len(quote(channel.metric, safe="")) > LONGEST:
        yield Problem("metric", "channel_name_long", channel.metric, row)
    low = -inf if channel.low is None else channel.low
    high = inf if channel.high is None else channel.high
    if not low <= high or channel.low in (-inf, inf) or channel.high in (-inf, inf):
        place = f"{channel.device_id} {channel.metric}"
        yield Problem(place, "channel_range", f"{channel.low}–{channel.high}", row)
