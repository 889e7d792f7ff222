"""The hourly aggregate, the same words for both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

HOURLY = """
with hourly as (
  select device_id, metric, epoch_us(ts_utc) // 3600000000 as hour,
    count(*) as n, avg(value) as mean, min(value) as low, max(value) as high
  from read_parquet(?) group by all
)
select count(*) as groups, sum(n)::bigint as readings, sum(mean) as means,
  sum(low) as lows, sum(high) as highs, sum(hash(device_id, metric, hour) % 1000)::bigint as keys
from hourly
"""


def aggregated(files: Sequence[Path]) -> dict:
    """Figures of all groups: how many, and sums that differ if a group does."""
    with duckdb.connect() as base:
        found = base.execute(HOURLY, [[str(path) for path in files]])
        return dict(zip((c[0] for c in found.description), found.fetchone(), strict=True))
