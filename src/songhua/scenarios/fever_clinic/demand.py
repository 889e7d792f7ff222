"""From the arrival log to the clinic's demand, and from the roster to who is on duty when."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import InputError, Problem, require
from songhua.kit.time import ZONE_NAME

if TYPE_CHECKING:
    import polars as pl

    from songhua.engines.queueing.checks import Integers
    from songhua.engines.queueing.clinic import Demand

HOURS = 24
LEVELS = 4
RESOURCES = ("doctor", "scanner")


def demand_of(visits: pl.DataFrame) -> Demand:
    """Mean arrivals by hour of the day and triage level, and the durations as observed.

    The days between the first and the last arrival all count, those without a patient too.
    """
    from songhua.engines.queueing.clinic import Demand
    from songhua.engines.queueing.durations import Empirical

    local = visits["arrived_at"].dt.convert_time_zone(ZONE_NAME)
    days = (local.dt.date().max() - local.dt.date().min()).days + 1  # type: ignore[operator, union-attr]
    rates = np.zeros((HOURS, LEVELS))
    level = visits["triage_level"].to_numpy() - 1
    np.add.at(rates, (local.dt.hour().to_numpy(), level), 1 / (days * 60))
    sent = visits["needs_scan"].to_numpy()
    came = np.bincount(level, minlength=LEVELS)
    share = np.bincount(level[sent], minlength=LEVELS) / np.maximum(came, 1)
    scans = visits.filter("needs_scan")["scan_min"].drop_nulls()
    require(len(scans) > 0 or not sent.any(), "visits.scan_min", "clinic_no_scan_durations")
    return Demand(
        arrivals_per_min=rates,
        interval_min=60.0,
        consultation=Empirical(tuple(visits["consult_min"])),
        scan_share=share,
        scan=Empirical(tuple(scans) or (1.0,)),  # nobody is sent: never drawn from
    )


def on_duty(roster: pl.DataFrame) -> dict[str, Integers]:
    """Doctors and scanners on duty in each hour of the day, arrays of shape (24,).

    Raises `InputError` for an hour that is not written down: nobody on duty is a 0.
    """
    given = {(who, hour): n for who, hour, n in roster.select("resource", "hour", "on_duty").rows()}
    missing = [
        Problem(f"roster.{who}", "clinic_hour_missing", str(hour), column="hour")
        for who in RESOURCES
        for hour in range(HOURS)
        if (who, hour) not in given
    ]
    if missing:
        raise InputError(missing)
    return {
        who: np.array([given[who, hour] for hour in range(HOURS)], np.int64) for who in RESOURCES
    }
