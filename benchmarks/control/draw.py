"""Random plants and two winter days by seed: the hours ahead as a planner sees them."""

from __future__ import annotations

import numpy as np

from songhua.engines.buildings.model import Buildings
from songhua.engines.control.horizon import Horizon, horizon


def drawn(case: dict) -> Horizon:
    """The horizon of a case: `stations`, `hours`, `seed`; peak heat costs about 2.5 times base."""
    rng = np.random.default_rng(case["seed"])
    stations, hours = case["stations"], case["hours"]
    loss = rng.lognormal(np.log(5e4), 0.5, stations)  # W/K
    share = rng.uniform(0.06, 0.14, stations)
    mass = loss * 3600 * rng.uniform(40, 140, stations)
    homes = Buildings(
        mass * rng.uniform(0.08, 0.2, stations), mass, share / loss, (1 - share) / loss,
        np.zeros(stations),
    )  # fmt: skip
    clock = np.arange(hours)
    mean = rng.uniform(-24, -8)
    outdoor = mean + 5 * np.sin((clock - 9) * 2 * np.pi / 24) + np.cumsum(rng.normal(0, 0.5, hours))
    gains = loss[:, None] * rng.uniform(2, 5) * np.ones(hours)
    design = loss * 44
    indoor = rng.normal(20.5, 0.8, stations)
    start = np.column_stack((indoor, outdoor[0] + (indoor - outdoor[0]) * (1 - share)))
    delay = rng.integers(0, 4, stations)
    need = design.sum() * np.clip((20 - outdoor) / 44 - 0.06, 0, None)
    return horizon(
        homes, start, gains, outdoor, least_c=20.0, most_c=22.0,
        most_w=np.outer(1.2 * design, np.ones(hours)), delay=delay,
        on_the_way_w=np.outer(design, np.full(hours, 0.6)),
        source_most_w=np.array([rng.uniform(0.85, 1.0) * need.mean(), 0.4 * design.sum(),
                                0.3 * design.sum()]),
        price_per_mwh=np.array([100.0, 250.0, 270.0]), loss_w=np.full(hours, 0.02 * design.sum()),
        early_per_mwh=rng.uniform(50, 300),
    )  # fmt: skip
