"""What can be asked: pure functions from conformed tables to an outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import Field

from songhua.kit.params import Params
from songhua.kit.spec import Outcome

if TYPE_CHECKING:
    from numpy.random import Generator


class CompareParams(Params):
    """What counts as cold."""

    limit_c: float = Field(-25, ge=-60, le=60)


def compare_sensors(*, readings: pl.DataFrame, params: CompareParams, rng: Generator) -> Outcome:
    """Mean and share of cold readings at each sensor, the coldest first."""
    cold = pl.col("outdoor_c") < params.limit_c
    spots = (
        readings.group_by("sensor")
        .agg(pl.col("outdoor_c").mean().alias("mean_c"), cold.mean().alias("cold_share"))
        .sort("mean_c", "sensor")
    )
    return Outcome({"cold_spots": spots}, {"cold_share": readings.select(cold.mean()).item()})
