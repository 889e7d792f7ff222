"""What forecasts of a plant's load are worth: four methods, with exact and with wrong weather.

Trained on the years before, scored on forecasts issued daily at midnight, over the hours of the
heating months. Wrong weather is that of `weather_error`, in the training's archive too, drawn
anew. Without the series it says so and measures nothing.
"""

from __future__ import annotations

import json
import sys
import time
import tomllib
from pathlib import Path

import numpy as np
import polars as pl

from songhua.engines.load_forecast.forecaster import fit
from songhua.engines.load_forecast.methods import METHODS
from songhua.engines.load_forecast.record import Issued, Record, Weather, in_hindsight
from songhua.engines.load_forecast.scores import Score, score
from songhua.engines.load_forecast.weather_error import with_temperature_error

HERE = Path(__file__).parent
CASES = tomllib.loads((HERE / "cases.toml").read_text(encoding="utf-8"))
SERIES = HERE.parents[2] / CASES["series"]
ARCHIVE_EVERY_H = 13


def record() -> Record:
    """The whole series."""
    table = pl.read_csv(SERIES, try_parse_dates=True)
    hour = table["date"].to_numpy().astype("datetime64[h]")
    weather = Weather(table["temp"].to_numpy())
    return Record(hour, table["load"].to_numpy(), weather, table["workday"].to_numpy() == 0)


def archive(plant: Record, horizon: int, rng: np.random.Generator) -> Issued:
    """Wrong weather forecasts issued all through a record."""
    issue = np.arange(ARCHIVE_EVERY_H, plant.hour.size - horizon, ARCHIVE_EVERY_H)
    return with_temperature_error(in_hindsight(plant, issue, horizon), rng)


def measure(plant: Record, method: str, horizon: int, wrong: bool) -> tuple[Score, float]:
    """The score and the CPU seconds that training took."""
    rng = np.random.default_rng(CASES["seed"])
    begun = int(np.searchsorted(plant.hour, np.datetime64(CASES["trained_until"])))
    past = plant.until(begun)
    known = archive(past, horizon, rng) if wrong else None
    start = time.process_time()
    forecaster = fit(past, horizon, method, known)
    seconds = time.process_time() - start
    issue = np.arange(begun + CASES["issue_hour"], plant.hour.size - horizon + 1, 24)
    issued = in_hindsight(plant, issue, horizon)
    if wrong:
        issued = with_temperature_error(issued, rng)
    found = forecaster.forecast(plant, issued)
    month = plant.hour[issued.target].astype("datetime64[M]").astype(int) % 12 + 1
    heating = np.isin(month, CASES["heating_months"])
    load = np.where(heating, plant.load_mw[issued.target], np.nan)
    return score(load, found.load_mw, found.quantile_mw, found.levels), seconds


def main() -> None:
    """Every case by every method; one training before loads the libraries."""
    if not SERIES.is_file():
        sys.stdout.write(json.dumps([{"name": "load forecast", "shown": f"no {SERIES.name}"}]))
        return
    plant, results = record(), []
    fit(plant.until(100 * 24), 24)
    for case in CASES["case"]:
        for method in METHODS:
            for wrong in (False, True):
                worth, seconds = measure(plant, method, case["horizon"], wrong)
                weather = "wrong" if wrong else "exact"
                results.append({
                    "name": f"{case['horizon']} h {method}, {weather} weather",
                    "goal": case.get("goal") if method == "hybrid" and not wrong else None,
                    "seconds": seconds, **vars(worth),
                    "shown": f"MAPE {worth.mape:5.2%} nRMSE {worth.nrmse:6.2%} "
                    f"pinball {worth.pinball:.2f} MW coverage {worth.coverage:.1%} "
                    f"{seconds:.1f} CPU s",
                })  # fmt: skip
    sys.stdout.write(json.dumps(results))


main()
