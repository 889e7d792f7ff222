"""A dataset of the weather bureau in Ice Harbour, with a table of four readings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from songhua.console.exchange.services import contents, entries

if TYPE_CHECKING:
    from songhua.console.exchange.models import Distribution

COLUMNS = [
    {"name": "station", "type": "TEXT", "open": True},
    {"name": "person", "type": "TEXT", "open": False},
    {"name": "ice_cm", "type": "DOUBLE", "open": True},
    {"name": "read_on", "type": "DATE", "open": True},
]
ROWS = {
    "station": ["north", "north", "south", "south"],
    "person": ["张三", "李四", "王五", "赵六"],
    "ice_cm": [41.5, 40.0, 12.25, None],
    "read_on": ["2024-01-02", "2024-01-03", "2024-01-02", "2024-01-03"],
}


@pytest.fixture
def table(empty_city: object, tmp_path: object, settings: object) -> Distribution:
    """Shared on conditions, not open."""
    settings.DATA_DIR = tmp_path
    made = entries.create(
        empty_city.weather,
        {"name": "harbour-ice", "title": "港口冰厚", "unit": empty_city.units["weather_bureau"],
         "tier": "conditional", "state": "active", "keywords": ["冰", "港口"]},
    )  # fmt: skip
    row = entries.distribute(
        empty_city.weather, made, {"name": "readings", "sql_name": entries.sql_name(made)}
    )
    contents.create(empty_city.weather, row, COLUMNS)
    rows = pl.DataFrame(ROWS).with_columns(pl.col("read_on").str.to_date())
    contents.append(empty_city.weather, row, rows)
    return row
