"""Smart heating: tomorrow's load with its uncertainty, and rooms too cold (实施方案二(五)3(1))."""

from __future__ import annotations

import polars as pl

from songhua.kit.spec import Action, Chart, Column, Dataset, Scenario
from songhua.scenarios.smart_heating.actions import (
    ComfortParams,
    ForecastParams,
    TrialParams,
    assess_forecast,
    forecast_load,
    judge_rooms,
)

LOADS = Dataset(
    name="heat_loads",
    key=("hour",),
    columns=(
        Column("hour", pl.Datetime),
        Column("load_mw", pl.Float64, low=0, high=20_000, required=False),
        Column("outdoor_c", pl.Float64, low=-60, high=50, required=False),
    ),
)
WEATHER = Dataset(
    name="weather_forecast",
    key=("hour",),
    sharing="unconditional",
    columns=(
        Column("hour", pl.Datetime),
        Column("outdoor_c", pl.Float64, low=-60, high=50),
    ),
)
ROOMS = Dataset(
    name="room_readings",
    key=("room_id", "read_at"),
    columns=(
        Column("room_id", pl.String),
        Column("building_id", pl.String),
        Column("read_at", pl.Datetime),
        Column("room_c", pl.Float64, low=-40, high=60, required=False),
    ),
)
FORECAST = Dataset(
    name="load_forecast",
    key=("hour",),
    columns=(
        Column("hour", pl.Datetime),
        Column("load_mw", pl.Float64, low=0, required=False),
        Column("low_mw", pl.Float64, low=0, required=False),
        Column("high_mw", pl.Float64, low=0, required=False),
        Column(
            "reason",
            pl.String,
            choices=("normal", "no_recent_load", "old_weather", "unknown"),
        ),
    ),
)
TRIAL = Dataset(
    name="forecast_trial",
    key=("hour",),
    columns=(
        Column("hour", pl.Datetime),
        Column("load_mw", pl.Float64, low=0),
        Column("forecast_mw", pl.Float64, low=0),
        Column("persistence_mw", pl.Float64, low=0, required=False),
        Column("low_mw", pl.Float64, low=0),
        Column("high_mw", pl.Float64, low=0),
    ),
)
COMFORT = Dataset(
    name="room_comfort",
    key=("room_id",),
    columns=(
        Column("room_id", pl.String),
        Column("building_id", pl.String),
        Column("readings", pl.Int64, low=0),
        Column("mean_c", pl.Float64, required=False),
        Column("lowest_c", pl.Float64, required=False),
        Column("warm_share", pl.Float64, low=0, high=1, required=False),
        Column("cold_dose", pl.Float64, low=0, required=False),
        Column("cold_days", pl.Int64, low=0),
    ),
)

scenario = Scenario(
    name="smart_heating",
    zh="智慧供暖",
    en="Smart heating",
    story_zh="供热企业调度员使用：由逐时热负荷和天气预报预测次日至三日的负荷及其不确定范围，"
    "由室温读数找出不达标的房间。",
    story_en="For a heating dispatcher: from hourly loads and the weather forecast to the "
    "load of the next days with its uncertainty, and from room readings to the rooms too cold.",
    clause="实施方案 二(五)3(1)",
    departments=("市住建局",),
    datasets=(LOADS, WEATHER, ROOMS, FORECAST, TRIAL, COMFORT),
    actions=(
        Action(
            "forecast_load",
            forecast_load,
            ForecastParams,
            reads=("heat_loads", "weather_forecast"),
            writes=("load_forecast",),
            kpis=("mean_load_mw", "peak_load_mw", "heat_mwh"),
        ),
        Action(
            "assess_forecast",
            assess_forecast,
            TrialParams,
            reads=("heat_loads",),
            writes=("forecast_trial",),
            kpis=("error_percent", "persistence_error_percent", "coverage_percent"),
        ),
        Action(
            "judge_rooms",
            judge_rooms,
            ComfortParams,
            reads=("room_readings",),
            writes=("room_comfort",),
            kpis=("warm_share", "cold_rooms", "mean_room_c"),
        ),
    ),
    charts=(
        Chart("load_forecast", "line", x="hour", y=("load_mw", "low_mw", "high_mw")),
        Chart("forecast_trial", "line", x="hour", y=("load_mw", "forecast_mw", "persistence_mw")),
        Chart("room_comfort", "bar", x="room_id", y=("cold_dose",)),
    ),
)
