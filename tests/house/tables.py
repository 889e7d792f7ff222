"""Small random tables that conform to a declaration."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import strategies as st

from songhua.kit.conform import schema

if TYPE_CHECKING:
    from songhua.kit.spec import Column, Dataset

MOST_ROWS = 6
WIDEST = 1_000_000.0  # where a column declares no limit


def random_cell(column: Column) -> st.SearchStrategy[Any]:
    """Any value that `column` allows."""
    low = -WIDEST if column.low is None else column.low
    high = max(low, WIDEST) if column.high is None else column.high
    if column.choices:
        found: st.SearchStrategy[Any] = st.sampled_from(column.choices)
    elif column.dtype is pl.Int64:
        found = st.integers(int(low), int(high))
    elif column.dtype is pl.Float64:
        found = st.floats(low, high)
    elif column.dtype is pl.Boolean:
        found = st.booleans()
    elif column.dtype is pl.Date:
        found = st.dates(date(2020, 1, 1), date(2030, 12, 31))
    elif column.dtype is pl.Datetime:
        found = st.datetimes(datetime(2020, 1, 1), datetime(2030, 12, 31)).map(  # noqa: DTZ001
            lambda moment: moment.replace(tzinfo=UTC)
        )
    else:
        found = st.text("abAB12冰城-", min_size=1, max_size=4)
    return found if column.required else st.none() | found


def random_table(dataset: Dataset) -> st.SearchStrategy[pl.DataFrame]:
    """A table of one to a few rows, no two with the same key."""
    places = [i for i, c in enumerate(dataset.columns) if c.name in dataset.key]
    rows = st.lists(
        st.tuples(*(random_cell(c) for c in dataset.columns)),
        min_size=1,
        max_size=MOST_ROWS,
        unique_by=(lambda row: tuple(row[i] for i in places)) if places else None,
    )
    return rows.map(lambda found: pl.DataFrame(found, schema=schema(dataset), orient="row"))
