"""scenario_name: one sentence on what it is for (the article of the plan)."""

from __future__ import annotations

import polars as pl

from songhua.kit.spec import Action, Chart, Column, Dataset, Scenario
from songhua.scenarios.scenario_name.actions import CompareParams, compare_sensors

READINGS = Dataset(
    name="readings",
    key=("sensor", "taken_at"),
    columns=(
        Column("sensor", pl.String),
        Column("taken_at", pl.Datetime),
        Column("outdoor_c", pl.Float64, low=-60, high=60),
    ),
)
COLD_SPOTS = Dataset(
    name="cold_spots",
    key=("sensor",),
    columns=(
        Column("sensor", pl.String),
        Column("mean_c", pl.Float64),
        Column("cold_share", pl.Float64, low=0, high=1),
    ),
)

scenario = Scenario(
    name="scenario_name",
    zh="新场景",
    en="New scenario",
    story_zh="供谁使用：由什么数据，决定什么。",
    story_en="For whom: from which data, to decide what.",
    clause="实施方案 二(五)",
    departments=("市科技局",),
    datasets=(READINGS, COLD_SPOTS),
    actions=(
        Action(
            "compare_sensors",
            compare_sensors,
            CompareParams,
            reads=("readings",),
            writes=("cold_spots",),
            kpis=("cold_share",),
        ),
    ),
    charts=(Chart("cold_spots", "bar", x="sensor", y=("mean_c",)),),
)
