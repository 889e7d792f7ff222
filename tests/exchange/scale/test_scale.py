"""Every question has the same answer on every engine, to 1e-9."""

from __future__ import annotations

import math
import os
import shutil
from importlib.util import find_spec

import numpy as np
import polars as pl
import pytest

from songhua.exchange.scale.engines import COLUMNS, REGISTER, Engine
from songhua.exchange.scale.questions import CITY, DAY, HOUR, QUESTIONS, SECOND
from songhua.kit.errors import InputError

T0 = 1_704_038_400 * SECOND  # 2023-12-31T16:00:00Z: midnight in Harbin
SPARK = "spark://local[2]"


@pytest.fixture(scope="session")
def data() -> tuple[pl.DataFrame, pl.DataFrame]:
    """Five days of twelve devices: gaps, a stuck one, one below zero, one silent, ties, and
    instants just before and after midnight in both zones."""
    rng = np.random.default_rng(7)
    rows, register = [], []
    for number in range(12):
        device = f"d{number:02}"
        register.append((device, ("道里", "南岗", "松北")[number % 3], 900))
        if number == 11:
            continue
        n = 5 * 96
        keep = rng.random(n) > (0.3 if number == 3 else 0.02)
        at = T0 + np.arange(n) * 900 * SECOND + rng.integers(-400_000, 400_000, n)
        value = np.round(20 + 6 * np.sin(np.arange(n) / 15) + rng.normal(0, 1, n), 2)
        value = {4: np.full(n, 21.5), 5: value - 40, 6: np.round(value)}.get(number, value)
        value = np.where(rng.random(n) < 0.003, value + 50, value)
        for metric in ("room_c", "supply_c")[: 1 + number % 2]:
            rows += zip(
                [device] * n, [metric] * n, at[keep].tolist(), value[keep].tolist(),
                (rng.random(n) < 0.01).astype(int).tolist(), strict=False,
            )  # fmt: skip
    for offset in (-1, 0, 1, 8 * HOUR - 1, 8 * HOUR, DAY - 1):
        rows.append(("d00", "edge", T0 + offset, float(offset), 0))
    readings = pl.DataFrame(rows, list(COLUMNS), orient="row").unique(
        ["device_id", "metric", "ts_us"], keep="first", maintain_order=True
    )
    return readings, pl.DataFrame(register, list(REGISTER), orient="row")


def answers(url: str, data: tuple[pl.DataFrame, pl.DataFrame]) -> dict[str, list[tuple]]:
    with Engine(url) as engine:
        tables = engine.load(*(frame.to_arrow() for frame in data))
        return {name: rows(made(*tables)) for name, made in QUESTIONS.items()}


def rows(table) -> list[tuple]:
    found = pl.from_arrow(table.to_pyarrow())
    found = found.select(sorted(found.columns))
    return sorted(found.rows(), key=lambda row: tuple(map(str, map(_key, row))))


def _key(value: object) -> object:
    return round(value, 5) if isinstance(value, float) else value


@pytest.fixture(scope="session")
def golden(data):
    """The answers of DuckDB."""
    return answers("duckdb://", data)


def agree(found: list[tuple], wanted: list[tuple]) -> bool:
    return len(found) == len(wanted) and all(
        all(same(a, b) for a, b in zip(one, other, strict=True))
        for one, other in zip(found, wanted, strict=True)
    )


def same(a: object, b: object) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return math.isclose(float(a), float(b), rel_tol=1e-9, abs_tol=1e-9)
    return a == b


def test_there_are_at_least_twenty_questions_and_none_is_empty_here(golden):
    assert len(QUESTIONS) >= 20
    assert [name for name, found in golden.items() if not found] == []


def test_duckdb_says_what_polars_says(data, golden):
    readings, devices = data
    keys = ["device_id", "metric"]
    hours = readings.with_columns(hour_us=pl.col("ts_us") // HOUR * HOUR)
    wanted = {
        "hourly": hours.group_by(*keys, "hour_us").agg(
            mean=pl.col("value").mean(), least=pl.col("value").min(),
            most=pl.col("value").max(), n=pl.len().cast(pl.Int64)),
        "daily_range": readings.group_by(
            *keys, day_us=(pl.col("ts_us") + CITY) // DAY * DAY - CITY
        ).agg(spread=pl.col("value").max() - pl.col("value").min()),
        "newest": readings.sort("ts_us").group_by(keys).last().drop("quality"),
        "longest_gap": readings.sort("ts_us").group_by(keys).agg(
            silent_us=pl.col("ts_us").diff().max()),
        "spread": readings.group_by(keys).agg(
            mean=pl.col("value").mean(), spread=pl.col("value").std(ddof=0)),
        "median": readings.group_by(keys).agg(
            value=pl.col("value").quantile(0.5, interpolation="lower")),
        "cumulated": readings.sort("ts_us").with_columns(
            total=pl.col("value").cum_sum().over(keys)).select(*keys, "ts_us", "total"),
        "silent_devices": devices.join(readings, "device_id", how="anti").drop("expected_s"),
    }  # fmt: skip
    for name, frame in wanted.items():
        frame = frame.select(sorted(frame.columns))
        listed = sorted(frame.rows(), key=lambda row: tuple(map(str, map(_key, row))))
        assert agree(golden[name], listed), name


def test_postgresql_gives_the_golden_answers(data, golden):
    url = os.environ.get("SONGHUA_DATABASE_URL")
    if not url:
        pytest.skip("SONGHUA_DATABASE_URL names no PostgreSQL")
    found = answers(url, data)
    assert [name for name in QUESTIONS if not agree(found[name], golden[name])] == []


@pytest.mark.slow
def test_spark_gives_the_golden_answers(data, golden, tmp_path):
    if find_spec("pyspark") is None or shutil.which("java") is None:
        pytest.skip("pyspark (requirements/cluster.lock) or Java is not installed")
    found = answers(SPARK, data)
    assert [name for name in QUESTIONS if not agree(found[name], golden[name])] == []


def test_the_files_of_the_store_are_read_where_they_lie(data, golden, tmp_path):
    readings, devices = data
    stored = readings.with_columns(
        ts_utc=pl.from_epoch("ts_us", time_unit="us").dt.replace_time_zone("UTC")
    ).drop("ts_us")
    halves = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    stored[:1000].write_parquet(halves[0])
    stored[1000:].write_parquet(halves[1])
    devices.write_parquet(tmp_path / "devices.parquet")
    with Engine() as engine:
        tables = engine.files(halves, [tmp_path / "devices.parquet"])
        for name in ("hourly", "steps", "day_profile", "daily_coverage"):
            assert agree(rows(QUESTIONS[name](*tables)), golden[name]), name


def test_an_engine_that_is_none_is_named():
    with pytest.raises(InputError):
        Engine("oracle://host")
