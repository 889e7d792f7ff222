"""A scenario that does next to nothing, so that what is timed is the machinery around it."""

from __future__ import annotations

import polars as pl

from songhua.kit.params import Params
from songhua.kit.spec import Action, Column, Dataset, Outcome, Scenario

COLUMNS = (
    Column("reading", pl.Int64, low=0),
    Column("read_at", pl.Datetime),
    Column("station", pl.String),
    Column("supply_c", pl.Float64, low=-60, high=200),
    Column("return_c", pl.Float64, low=-60, high=200, required=False),
)
READINGS = Dataset(name="readings", columns=COLUMNS, key=("reading",))
CHECKED = Dataset(name="checked_readings", columns=COLUMNS, key=("reading",))


def check_readings(*, readings: pl.DataFrame, params: Params, rng: object) -> Outcome:
    """The readings as they are, and their mean."""
    return Outcome({"checked_readings": readings}, {"supply_mean_c": readings["supply_c"].mean()})


scenario = Scenario(
    name="bench",
    zh="性能测试",
    en="Benchmark",
    story_zh="仅供性能测试。",
    story_en="For the benchmark only.",
    clause="实施方案 附件1",
    departments=("市科技局",),
    datasets=(READINGS, CHECKED),
    actions=(
        Action(
            "check_readings", check_readings, Params,
            reads=("readings",), writes=("checked_readings",), kpis=("supply_mean_c",),
        ),
    ),
)  # fmt: skip
