"""What the head of a fever clinic can ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from pydantic import Field

from songhua.kit.params import Params
from songhua.kit.spec import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from songhua.scenarios.fever_clinic.days import Days, Figures


class WaitParams(Params):
    """How the clinic works and what it holds to be a short wait."""

    turnaround_min: float = Field(10, ge=0, le=120)
    wait_limit_min: float = Field(30, gt=0, le=600)
    replications: int = Field(200, ge=20, le=2000)


class PlanParams(WaitParams):
    """The same, and what the clinic promises its patients."""

    doctor_wait_limit_min: float = Field(45, gt=0, le=600)
    promise_share: float = Field(0.9, ge=0.5, le=0.99)


def simulate_waits(
    *,
    visits: pl.DataFrame,
    roster: pl.DataFrame,
    params: WaitParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """Waits, stays and workload under the roster as it is, over many simulated days."""
    from songhua.scenarios.fever_clinic.days import draw_days, figures
    from songhua.scenarios.fever_clinic.demand import demand_of, on_duty

    days = draw_days(demand_of(visits), params, rng)
    progress(0.3)
    current = figures(days, on_duty(roster))
    tables = {
        "waits_by_hour": _by_hour({"current": current}),
        "measures": _measures({"current": current}),
    }
    return Outcome(tables, _kpis(current))


def plan_roster(
    *,
    visits: pl.DataFrame,
    roster: pl.DataFrame,
    shifts: pl.DataFrame,
    params: PlanParams,
    rng: Generator,
    progress: Callable[[float], None],
) -> Outcome:
    """The roster that keeps the promise with nobody to spare, beside the present one.

    The promise: whatever the hour a patient comes in, at least `promise_share` wait no longer for
    the doctor and for the CT than their limits. Raises `Infeasible`, hour by hour, where not
    even every shift filled keeps it. Both rosters are judged on the same simulated days.
    """
    from songhua.scenarios.fever_clinic.days import draw_days, figures
    from songhua.scenarios.fever_clinic.demand import demand_of, on_duty
    from songhua.scenarios.fever_clinic.planning import least_roster

    demand = demand_of(visits)
    days: Days = draw_days(demand, params, rng)
    progress(0.05)
    current = figures(days, on_duty(roster))
    duty = least_roster(demand, days, shifts, params, progress)
    proposed = figures(days, duty)
    plans = {"current": current, "proposed": proposed}
    table = pl.DataFrame(
        [(who, hour, n) for who in duty for hour, n in enumerate(duty[who].tolist())],
        schema=["resource", "hour", "on_duty"],
        orient="row",
    )
    tables = {
        "proposed_roster": table,
        "waits_by_hour": _by_hour(plans),
        "measures": _measures(plans),
    }
    saved = current.mean("scan_wait_min") - proposed.mean("scan_wait_min")
    kpis = _kpis(proposed) | {
        "scan_wait_saved_min": _known(saved),
        "staff_hours_added": float(sum(map(sum, duty.values())) - sum(roster["on_duty"])),
    }
    return Outcome(tables, kpis)


def _known(value: float) -> float | None:
    """None for a figure that no simulated patient gives."""
    return value if value == value else None


def _kpis(plan: Figures) -> dict[str, float | None]:
    return {
        "scan_wait_mean_min": _known(plan.mean("scan_wait_min")),
        "scan_wait_p90_min": _known(plan.mean("scan_wait_p90_min")),
        "within_limit_share": _known(plan.mean("within_limit_share")),
        "doctor_wait_mean_min": _known(plan.mean("doctor_wait_min")),
        "stay_mean_min": _known(plan.mean("stay_min")),
        "scanner_busy_share": _known(plan.mean("scanner_busy_share")),
        "doctor_busy_share": _known(plan.mean("doctor_busy_share")),
        "overtime_h": _known(plan.mean("overtime_h")),
    }


def _by_hour(plans: dict[str, Figures]) -> pl.DataFrame:
    return pl.concat(
        pl.DataFrame(found.by_hour).select(
            pl.lit(plan).alias("plan"), pl.all().fill_nan(None)
        )
        for plan, found in plans.items()
    )  # fmt: skip


def _measures(plans: dict[str, Figures]) -> pl.DataFrame:
    """Each measure of each plan with its 95 % confidence interval; of two plans also the change,
    day by day on the same patients."""
    from songhua.engines.queueing.replications import confidence

    rows = []
    daily = {plan: found.daily for plan, found in plans.items()}
    if len(daily) == 2:
        before, after = daily.values()
        daily["change"] = {name: after[name] - before[name] for name in before}
    for plan, found in daily.items():
        for name, values in found.items():
            interval = confidence(values)
            rows.append((plan, name, interval.mean, interval.low, interval.high))
    return pl.DataFrame(
        rows, schema=["plan", "measure", "mean", "low", "high"], orient="row"
    ).fill_nan(None)
