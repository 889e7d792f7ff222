"""A scenario that another package brings: one file, its terms and its sample.

`count_slowly` shows progress for as long as it is told; `misbehave` does, by its parameter, each
thing that an action must not do, so that the machinery around it can be tried.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Literal

import polars as pl
from pydantic import Field

from songhua.kit.errors import Infeasible, InputError, Problem
from songhua.kit.params import Params
from songhua.kit.spec import Action, Chart, Column, Dataset, Outcome, Scenario

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

KIND = Column("kind", pl.String, choices=("red", "blue"))
NUMBERS = Dataset(
    name="numbers",
    key=("item",),
    columns=(
        Column("item", pl.String),
        KIND,
        Column("weight_kg", pl.Float64, low=0, high=1000),
        Column("packed_on", pl.Date, required=False),
    ),
)
TOTALS = Dataset(
    name="totals",
    key=("kind",),
    columns=(KIND, Column("items", pl.Int64, low=0), Column("weight_kg", pl.Float64, low=0)),
)


class SlowParams(Params):
    """How long to take, in how many steps."""

    seconds: float = Field(0, ge=0, le=3600)
    steps: int = Field(5, ge=1, le=100_000)


class MisbehaveParams(Params):
    """What to do instead of answering."""

    how: Literal[
        "answer", "fail", "infeasible", "crash", "undeclared", "not_finite", "hang", "die"
    ] = "answer"


def count_slowly(
    *,
    numbers: pl.DataFrame,
    params: SlowParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """The totals, after `seconds` in `steps`."""
    for step in range(1, params.steps + 1):
        time.sleep(params.seconds / params.steps)
        progress(step / params.steps)
    return _counted(numbers, rng)


def misbehave(*, numbers: pl.DataFrame, params: MisbehaveParams, rng: Generator) -> Outcome:
    """The totals, or what `how` names."""
    if params.how == "fail":
        raise InputError(Problem("numbers.weight_kg", "out_of_range", "7", 1, "weight_kg"))
    if params.how == "infeasible":
        raise Infeasible(Problem("numbers", "out_of_range", "7"))
    if params.how == "crash":
        raise RuntimeError("crashed as asked")
    if params.how == "undeclared":
        return Outcome({"numbers": numbers}, {"mean_kg": 1.0})
    if params.how == "not_finite":
        return Outcome(_counted(numbers, rng).tables, {"mean_kg": float("nan"), "drawn_share": 0})
    while params.how == "hang":
        time.sleep(1)
    if params.how == "die":  # as the system ends a process for want of memory
        os.kill(os.getpid(), signal.SIGKILL)
    return _counted(numbers, rng)


def _counted(numbers: pl.DataFrame, rng: Generator) -> Outcome:
    totals = (
        numbers.group_by("kind")
        .agg(pl.len().cast(pl.Int64).alias("items"), pl.col("weight_kg").sum())
        .sort("kind")
    )
    mean = totals["weight_kg"].sum() / numbers.height
    return Outcome({"totals": totals}, {"mean_kg": mean, "drawn_share": rng.random()})


scenario = Scenario(
    name="toy",
    zh="模拟计数",
    en="Counting",
    story_zh="供测试使用：数一数各类物件。",
    story_en="For tests: counts things by their kind.",
    clause="实施方案 附件1",
    departments=("市科技局",),
    datasets=(NUMBERS, TOTALS),
    actions=(
        Action(
            "count_slowly", count_slowly, SlowParams,
            reads=("numbers",), writes=("totals",), kpis=("mean_kg", "drawn_share"),
        ),
        Action(
            "misbehave", misbehave, MisbehaveParams,
            reads=("numbers",), writes=("totals",), kpis=("mean_kg", "drawn_share"),
        ),
    ),
    charts=(Chart("totals", "bar", x="kind", y=("weight_kg",)),),
)  # fmt: skip
