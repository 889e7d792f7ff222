"""The fever clinic: what the log says is what is simulated, and the proposed roster keeps the
promise with nobody to spare."""

from __future__ import annotations

from datetime import timedelta
from importlib.resources import files

import numpy as np
import polars as pl
import pytest

from songhua.kit.conform import conform
from songhua.kit.errors import Infeasible, InputError
from songhua.kit.random import generator
from songhua.runtime.execute import execute
from songhua.scenarios.fever_clinic import scenario
from songhua.scenarios.fever_clinic.actions import PlanParams, WaitParams
from songhua.scenarios.fever_clinic.days import draw_days, figures
from songhua.scenarios.fever_clinic.demand import demand_of, on_duty
from songhua.scenarios.fever_clinic.planning import broken_hours, least_roster

QUICK = PlanParams(replications=40)
QUICK_WAIT = WaitParams(replications=40)


def sample(name: str) -> pl.DataFrame:
    source = (files(scenario.package) / "sample" / f"{name}.csv").read_bytes()
    return conform(scenario.dataset(name), pl.read_csv(source, infer_schema=False))


def log(*rows: tuple[str, int, float, bool, float | None]) -> pl.DataFrame:
    """Visits from (local time, level, consultation, needs a scan, scan)."""
    names = ("arrived_at", "triage_level", "consult_min", "needs_scan", "scan_min")
    frame = pl.DataFrame(
        [{"visit_id": str(n), **dict(zip(names, row, strict=True))} for n, row in enumerate(rows)]
    )
    return conform(scenario.dataset("visits"), frame)


def everyday(doctors: int, scanners: int) -> pl.DataFrame:
    rows = [
        (who, h, n) for who, n in (("doctor", doctors), ("scanner", scanners)) for h in range(24)
    ]
    return pl.DataFrame(rows, schema=["resource", "hour", "on_duty"], orient="row")


def test_hours_are_the_citys_and_empty_days_count() -> None:
    visits = log(("2023-01-02 00:30", 1, 5, True, 8), ("2023-01-05 23:10", 4, 5, False, None))
    demand = demand_of(visits)
    assert demand.arrivals_per_min[0, 0] == pytest.approx(1 / (4 * 60))
    assert demand.arrivals_per_min[23, 3] == pytest.approx(1 / (4 * 60))
    assert demand.arrivals_per_min.sum() == pytest.approx(2 / (4 * 60))
    assert demand.scan_share.tolist() == [1, 0, 0, 0]


def test_a_longer_log_of_the_same_days_tells_the_same() -> None:
    visits = sample("visits")
    later = visits.with_columns(pl.col("arrived_at") + timedelta(days=14))
    once, twice = demand_of(visits), demand_of(pl.concat([visits, later]))
    assert np.allclose(once.arrivals_per_min, twice.arrivals_per_min)


def test_the_simulated_day_has_the_logs_arrivals() -> None:
    visits = sample("visits")
    days = draw_days(demand_of(visits), WaitParams(replications=400), generator(1))
    came = np.array([p.arrival_min.size for p in days.patients])
    expected = visits.height / 14
    assert abs(came.mean() - expected) < 4 * np.sqrt(expected / 400)
    found = figures(days, on_duty(everyday(100, 100)))
    assert found.by_hour["patients_per_h"].sum() == pytest.approx(came.mean())


def test_with_everybody_on_duty_nobody_waits_and_the_stay_is_the_work() -> None:
    days = draw_days(demand_of(sample("visits")), QUICK, generator(2))
    found = figures(days, on_duty(everyday(100, 100)))
    assert found.mean("scan_wait_min") == found.mean("doctor_wait_min") == 0
    assert found.mean("within_limit_share") == 1
    work = np.mean(
        [np.mean(p.consultation_min + np.where(p.needs_scan, p.scan_min, 0)) for p in days.patients]
    )
    assert found.mean("stay_min") == pytest.approx(work)


def test_cleaning_lengthens_the_wait() -> None:
    waits = []
    for minutes in (0, 5, 10):
        params = QUICK.model_copy(update={"turnaround_min": minutes})
        days = draw_days(demand_of(sample("visits")), params, generator(3))
        waits.append(figures(days, on_duty(sample("roster"))).mean("scan_wait_min"))
    assert waits == sorted(waits) and waits[0] < waits[-1]


def test_the_proposed_roster_keeps_the_promise_in_every_hour_with_nobody_to_spare() -> None:
    demand, shifts = demand_of(sample("visits")), sample("shifts")
    days = draw_days(demand, QUICK, generator(4))
    duty = least_roster(demand, days, shifts, QUICK, lambda share: None)

    within = figures(days, duty).by_hour["within_limit_share"]
    assert (within[~np.isnan(within)] >= QUICK.promise_share).all()
    spare = []
    for who in ("doctor", "scanner"):
        for start, length in shifts.filter(resource=who).select("start_hour", "length_h").rows():
            hours = (start + np.arange(length)) % 24
            fewer = {name: plan.copy() for name, plan in duty.items()}
            fewer[who][hours] -= 1
            if (fewer[who] < 0).any():
                continue
            spare.append(not broken_hours(days, fewer, QUICK))
    assert spare and not any(spare)


def test_a_promise_nobody_can_keep_names_the_hours() -> None:
    few = sample("shifts").with_columns(most=pl.lit(1))
    tables = {"visits": sample("visits"), "roster": sample("roster"), "shifts": few}
    with pytest.raises(Infeasible) as caught:
        execute(scenario, scenario.action("plan_roster"), tables, QUICK, 1)
    assert {p.code for p in caught.value.problems} <= {
        "clinic_promise_doctor", "clinic_promise_scanner",
    }  # fmt: skip
    assert all(":00" in p.text("zh") for p in caught.value.problems)


def test_an_hour_without_a_number_and_a_day_without_staff_are_told() -> None:
    visits, roster = sample("visits"), sample("roster")
    action = scenario.action("simulate_waits")
    missing = roster.filter(~((pl.col("resource") == "scanner") & (pl.col("hour") == 5)))
    with pytest.raises(InputError) as caught:
        execute(scenario, action, {"visits": visits, "roster": missing}, QUICK_WAIT, 1)
    assert [(p.where, p.value) for p in caught.value.problems] == [("roster.scanner", "5")]
    with pytest.raises(Infeasible):
        execute(scenario, action, {"visits": visits, "roster": everyday(1, 0)}, QUICK_WAIT, 1)


def test_a_log_without_scans_has_unknown_scan_waits() -> None:
    visits = log(*((f"2023-01-02 0{h}:10", 2, 6.0, False, None) for h in range(9)))
    tables = {"visits": visits, "roster": everyday(1, 0)}
    found = execute(scenario, scenario.action("simulate_waits"), tables, QUICK_WAIT, 1)
    assert found.kpis["scan_wait_mean_min"] is None
    assert found.kpis["within_limit_share"] is None
    assert found.kpis["stay_mean_min"] is not None and found.kpis["stay_mean_min"] >= 6


def test_a_scan_without_any_known_duration_is_refused() -> None:
    visits = log(("2023-01-02 08:10", 2, 6.0, True, None))
    with pytest.raises(InputError) as caught:
        execute(
            scenario, scenario.action("simulate_waits"),
            {"visits": visits, "roster": everyday(1, 1)}, QUICK_WAIT, 1,
        )  # fmt: skip
    assert caught.value.problems[0].code == "clinic_no_scan_durations"
