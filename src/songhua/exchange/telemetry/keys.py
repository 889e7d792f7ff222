"""Which readings are stored already, answered from memory for the hours that are being written.

The readings of one metric in one hour (UTC) are a chunk. Within it a device and a microsecond
make one whole number, so keys are exact; they are kept in a few sorted runs, each more than twice
the next. Chunks long unused are forgotten and read again from the files when they are asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import polars as pl
    from numpy.typing import NDArray

    Keys = NDArray[np.int64]
    Values = NDArray[np.float64]
    Load = Callable[[int, int, int], pl.DataFrame]

NEW, DUPLICATE, CONFLICT = 0, 1, 2
HOUR_US = 3_600_000_000
DAY_HOURS = 24
LIMIT = 16_000_000
"""Keys held in memory, 16 bytes each; a chunk by itself weighs as much as `CHUNK` of them."""
CHUNK = 50


class KnownKeys:
    """The keys of the chunks in use.

    ``load(series, first_hour, last_hour)`` gives what is stored of a metric in these hours since
    the epoch, both included: device, ts_utc, value.
    """

    def __init__(self, load: Load, limit: int = LIMIT) -> None:
        self._load, self._limit = load, limit
        self._chunks: OrderedDict[tuple[int, int], Chunk] = OrderedDict()

    def verdicts(self, readings: pl.DataFrame) -> NDArray[np.int8]:
        """For each of `readings` `NEW`, `DUPLICATE` (the same value is stored, or stands earlier in
        `readings`) or `CONFLICT` (another value is, or does)."""
        verdicts = np.empty(readings.height, dtype=np.int8)
        parts = list(_parts(readings))
        self._have([place for place, *_ in parts])
        for place, rows, keys, values in parts:
            verdicts[rows] = self._chunks[place].verdicts(keys, values)
        return verdicts

    def add(self, readings: pl.DataFrame) -> None:
        """Remember readings that are now stored, just found to be new."""
        for place, _, keys, values in _parts(readings):
            self._chunks[place].add(keys, values)
        held = sum(chunk.weight for chunk in self._chunks.values())
        while held > self._limit:
            held -= self._chunks.popitem(last=False)[1].weight

    def forget(self) -> None:
        """Read everything again when it is next asked for."""
        self._chunks.clear()

    def _have(self, places: list[tuple[int, int]]) -> None:
        """Load the chunks that are not in memory, those of a day together."""
        missing: dict[tuple[int, int], list[int]] = {}
        for series, hour in places:
            if (series, hour) in self._chunks:
                self._chunks.move_to_end((series, hour))
            else:
                missing.setdefault((series, hour // DAY_HOURS), []).append(hour)
        for (series, _), hours in missing.items():
            stored = self._load(series, min(hours), max(hours))
            self._chunks |= {(series, hour): Chunk() for hour in hours}
            for place, _, keys, values in _parts(stored.with_columns(series=series)):
                if place[1] in hours:
                    self._chunks[place].add(keys, values)


class Chunk:
    """The keys of one metric in one hour and their values."""

    def __init__(self) -> None:
        self._runs: list[tuple[Keys, Values]] = []

    @property
    def weight(self) -> int:
        return CHUNK + sum(keys.size for keys, _ in self._runs)

    def verdicts(self, keys: Keys, values: Values) -> NDArray[np.int8]:
        """`KnownKeys.verdicts` for sorted `keys`, equal ones in the order in which they came."""
        first = np.concatenate([[True], keys[1:] != keys[:-1]])
        asked, kept = keys[first], values[first].copy()
        stored = np.zeros(asked.size, dtype=bool)
        for run, known in self._runs:
            at = np.minimum(np.searchsorted(run, asked), run.size - 1)
            found = run[at] == asked
            kept[found] = known[at[found]]
            stored |= found
        group = np.cumsum(first) - 1
        repeated = ~first | stored[group]
        return np.where(repeated, np.where(values == kept[group], DUPLICATE, CONFLICT), NEW)

    def add(self, keys: Keys, values: Values) -> None:
        """Take in sorted keys that are not here yet."""
        while self._runs and self._runs[-1][0].size <= 2 * keys.size:
            run, known = self._runs.pop()
            keys, values = np.concatenate([run, keys]), np.concatenate([known, values])
            order = np.argsort(keys, kind="stable")
            keys, values = keys[order], values[order]
        self._runs.append((keys, values))


def _parts(
    readings: pl.DataFrame,
) -> Iterator[tuple[tuple[int, int], NDArray[np.int64], Keys, Values]]:
    """The chunks that `readings` touch: place, row numbers, sorted keys, values."""
    at = readings["ts_utc"].to_physical().to_numpy()
    series, hour = readings["series"].to_numpy(), at // HOUR_US
    key = (readings["device"].to_numpy() << 32) | (at % HOUR_US)
    values = readings["value"].to_numpy()
    order = np.lexsort((key, hour, series))
    new = (np.diff(series[order]) != 0) | (np.diff(hour[order]) != 0)
    for rows in np.split(order, np.flatnonzero(new) + 1):
        if rows.size:
            yield (int(series[rows[0]]), int(hour[rows[0]])), rows, key[rows], values[rows]
