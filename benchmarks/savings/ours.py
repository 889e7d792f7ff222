"""What balancing, feedback and plans save in simulated plants, at the same comfort."""

from __future__ import annotations

import json
import sys
import tomllib
from pathlib import Path

import numpy as np

from songhua.engines.savings.ledger import STRATEGIES, ledger, trial
from songhua.engines.savings.trial import winter
from songhua.scenarios.smart_heating.city import simulated_city

CASES = tomllib.loads((Path(__file__).parent / "cases.toml").read_text(encoding="utf-8"))
PRICES = np.array(CASES["prices"])


def main() -> None:
    """Each plant by itself, then the split over all."""
    trials, results = [], []
    for seed in CASES["seeds"]:
        rng = np.random.default_rng(seed)
        city = simulated_city(seed, stations=CASES["stations"], buildings=CASES["buildings"])
        weather = winter(rng, 24 * (CASES["days"] + 1), rng.uniform(-12, -3))
        found = trial(city.equipment, weather, PRICES, rng)
        trials.append(found)
        shown = " · ".join(
            f"{name} {run.source_mwh.sum():,.0f} MWh, cost {run.cost(PRICES):,.0f}, "
            f"cold {run.cold_share(19.95):.1%}{'' if warm else ' (not warm)'}"
            for name, run, warm in zip(STRATEGIES, found.seasons, found.warm, strict=True)
        )
        results.append({"name": f"plant {seed}", "shown": shown})
    split = ledger(trials, PRICES, np.random.default_rng(0))
    for name in ("balancing", "feedback", "planning", "total", "cost"):
        share = getattr(split, name)
        shown = f"{share.estimate:.1%} ({share.low:.1%} to {share.high:.1%})"
        results.append({"name": name, "shown": f"{shown}, {split.plants} plants"})
    sys.stdout.write(json.dumps(results))


main()
