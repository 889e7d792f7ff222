"""Fever clinic: shorter waits for CT by rosters that follow the patients (实施方案二(五)3(4))."""

from __future__ import annotations

import polars as pl

from songhua.kit.spec import Action, Chart, Column, Dataset, Scenario
from songhua.scenarios.fever_clinic.actions import (
    PlanParams,
    WaitParams,
    plan_roster,
    simulate_waits,
)

RESOURCES = ("doctor", "scanner")

VISITS = Dataset(
    name="visits",
    key=("visit_id",),
    columns=(
        Column("visit_id", pl.String),
        Column("arrived_at", pl.Datetime),
        Column("triage_level", pl.Int64, low=1, high=4),
        Column("consult_min", pl.Float64, low=0, high=240),
        Column("needs_scan", pl.Boolean),
        Column("scan_min", pl.Float64, low=0, high=240, required=False),
    ),
)
ROSTER_COLUMNS = (
    Column("resource", pl.String, choices=RESOURCES),
    Column("hour", pl.Int64, low=0, high=23),
    Column("on_duty", pl.Int64, low=0, high=200),
)
ROSTER = Dataset(name="roster", key=("resource", "hour"), columns=ROSTER_COLUMNS)
SHIFTS = Dataset(
    name="shifts",
    key=("resource", "start_hour", "length_h"),
    columns=(
        Column("resource", pl.String, choices=RESOURCES),
        Column("start_hour", pl.Int64, low=0, high=23),
        Column("length_h", pl.Int64, low=1, high=24),
        Column("most", pl.Int64, low=0, high=200),
    ),
)
WAITS = Dataset(
    name="waits_by_hour",
    key=("plan", "hour"),
    columns=(
        Column("plan", pl.String, choices=("current", "proposed")),
        Column("hour", pl.Int64, low=0, high=23),
        Column("patients_per_h", pl.Float64, low=0),
        Column("scan_wait_min", pl.Float64, low=0, required=False),
        Column("scan_wait_p90_min", pl.Float64, low=0, required=False),
        Column("within_limit_share", pl.Float64, low=0, high=1, required=False),
        Column("doctor_wait_min", pl.Float64, low=0, required=False),
        Column("stay_min", pl.Float64, low=0, required=False),
    ),
)
MEASURE_NAMES = (
    "scan_wait_min", "scan_wait_p90_min", "within_limit_share", "doctor_wait_min", "stay_min",
    "doctor_busy_share", "scanner_busy_share", "overtime_h",
)  # fmt: skip
MEASURES = Dataset(
    name="measures",
    key=("plan", "measure"),
    columns=(
        Column("plan", pl.String, choices=("current", "proposed", "change")),
        Column("measure", pl.String, choices=MEASURE_NAMES),
        Column("mean", pl.Float64, required=False),
        Column("low", pl.Float64, required=False),
        Column("high", pl.Float64, required=False),
    ),
)
PROPOSED = Dataset(name="proposed_roster", key=("resource", "hour"), columns=ROSTER_COLUMNS)

WAIT_KPIS = (
    "scan_wait_mean_min", "scan_wait_p90_min", "within_limit_share", "doctor_wait_mean_min",
    "stay_mean_min", "scanner_busy_share", "doctor_busy_share", "overtime_h",
)  # fmt: skip

scenario = Scenario(
    name="fever_clinic",
    zh="发热门诊智能筛查",
    en="Fever clinic",
    story_zh="供发热门诊负责人使用：由到诊记录算出等候 CT 的时间，"
    "给出医生与 CT 的排班，缩短等候、降低院感风险。",
    story_en="For the head of a fever clinic: from the arrival log to the wait for CT, "
    "and a roster of doctors and scanners that shortens it.",
    clause="实施方案 二(五)3(4)",
    departments=("市卫健委",),
    datasets=(VISITS, ROSTER, SHIFTS, WAITS, MEASURES, PROPOSED),
    actions=(
        Action(
            "simulate_waits",
            simulate_waits,
            WaitParams,
            reads=("visits", "roster"),
            writes=("waits_by_hour", "measures"),
            kpis=WAIT_KPIS,
        ),
        Action(
            "plan_roster",
            plan_roster,
            PlanParams,
            reads=("visits", "roster", "shifts"),
            writes=("proposed_roster", "waits_by_hour", "measures"),
            kpis=(*WAIT_KPIS, "scan_wait_saved_min", "staff_hours_added"),
        ),
    ),
    charts=(
        Chart("waits_by_hour", "line", x="hour", y=("scan_wait_p90_min",), by="plan"),
        Chart("waits_by_hour", "bar", x="hour", y=("patients_per_h",), by="plan"),
        Chart("proposed_roster", "bar", x="hour", y=("on_duty",), by="resource"),
    ),
)
