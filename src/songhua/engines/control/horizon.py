"""The next days as a linear program: which source gives how much when, and which station takes it.

Source heat p (cost c), station heat q, unmet need z, cold u and warmth v beyond the comfort band:

    minimise   Σ c p + z_cost Σ z + cold_cost Σ u + warm_cost Σ v + e Σ q_early   (times the step)
    subject to base + B q + u ≥ least,   base + B q - v ≤ most,   0 ≤ q ≤ q_most,   0 ≤ p ≤ p_most
               Σ p + z ≥ loss + Σ q at the step in which it is sent: `delay` steps before it arrives

with u, v, z ≥ 0. Heat that is on its way already was sent before: left there, it is worth e. Room
temperature is linear in all heat before it: B holds what a step's heat does to the air in each
later step, and in a last row to the mass at the end. It always has a solution.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.buildings.model import transition
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from songhua.engines.buildings.model import Buildings, Floats
    from songhua.engines.hydraulics.network import Integers

_MW = 1e6
_H = 3600.0
_COLD_TIMES, _WARM_TIMES, _UNMET_TIMES = 50.0, 5.0, 100.0  # the dearest heat


@dataclass(frozen=True)
class Horizon:
    """What is known of the hours ahead; raises `InputError` with everything that does not fit.

    For S stations, J sources and T steps of `step_h` hours: `base_c` (S, T + 1), air after each
    step and mass after the last, were there no heat; `gain_k_per_mw` (S, T + 1, T), B; `least_c`
    and `most_c` (S, T + 1); `most_mw` (S, T), the greatest heat, for the first `delay` (S,) steps
    what is already on its way. Sources: `source_most_mw` and `price_per_mwh` (J, T). `loss_mw`
    (T,) is lost on the way. The others are prices: of a kelvin and hour too cold or too warm at a
    station (S,), of a MWh that no source can give, and of one that is on its way.
    """

    base_c: Floats
    gain_k_per_mw: Floats
    least_c: Floats
    most_c: Floats
    most_mw: Floats
    delay: Integers
    source_most_mw: Floats
    price_per_mwh: Floats
    loss_mw: Floats
    cold_per_k_h: Floats
    warm_per_k_h: Floats
    unmet_per_mwh: float
    early_per_mwh: float
    step_h: float = 1.0

    def __post_init__(self) -> None:
        stations, steps = np.shape(self.most_mw)
        sources = np.shape(self.price_per_mwh)[0]
        shapes = {
            "base_c": (stations, steps + 1), "gain_k_per_mw": (stations, steps + 1, steps),
            "least_c": (stations, steps + 1), "most_c": (stations, steps + 1),
            "most_mw": (stations, steps), "delay": (stations,),
            "source_most_mw": (sources, steps), "price_per_mwh": (sources, steps),
            "loss_mw": (steps,), "cold_per_k_h": (stations,), "warm_per_k_h": (stations,),
            "unmet_per_mwh": (), "early_per_mwh": (), "step_h": (),
        }  # fmt: skip
        problems = []
        for field in fields(self):
            given, wanted = np.asarray(getattr(self, field.name)), shapes[field.name]
            if given.shape != wanted:
                size = "×".join(map(str, wanted)) or "1"
                problems.append(Problem(field.name, "plan_size", size))
            elif not np.isfinite(given).all():
                problems.append(Problem(field.name, "plan_not_finite"))
            elif field.name not in _ANY_SIGN and (given < 0).any():
                problems.append(Problem(field.name, "plan_negative", f"{given.min():g}"))
        if problems:
            raise InputError(problems)

    @property
    def sent(self) -> Integers:
        """The step in which the heat of each step is sent, shape (S, T); negative: before now."""
        return np.arange(self.most_mw.shape[1]) - self.delay[:, None]


_ANY_SIGN = ("base_c", "least_c", "most_c", "gain_k_per_mw")


def horizon(
    buildings: Buildings,
    start_c: Floats,
    free_w: Floats,
    outdoor_c: Floats,
    *,
    least_c: float,
    most_c: float,
    most_w: Floats,
    delay: Integers,
    on_the_way_w: Floats,
    source_most_w: Floats,
    price_per_mwh: Floats,
    loss_w: Floats,
    early_per_mwh: float,
    step_s: float = 3600.0,
) -> Horizon:
    """The program for one building (of all that it serves) to each station.

    `start_c` (stations, 2), air and mass now; `free_w` (stations, steps), gains and sun;
    `outdoor_c` (steps,); `most_w` (stations, steps); `on_the_way_w` (stations, steps), of which the
    first `delay` are read, worth `early_per_mwh` if left; `source_most_w` (sources,);
    `price_per_mwh` (sources,) or (sources, steps). At the end the mass is to be as warm as a room
    at `least_c` keeps it. A kelvin too cold costs 50 times, one too warm 5 times what the dearest
    source takes to make up for it in the long run.
    """
    after, gain = transition(buildings, step_s)
    steps, stations = outdoor_c.size, after.shape[0]
    base = np.empty((stations, steps + 1))
    state = np.asarray(start_c, float)
    for step in range(steps):
        drive = np.column_stack((np.full(stations, outdoor_c[step]), free_w[:, step]))
        state = (after @ state[:, :, None] + gain @ drive[:, :, None])[:, :, 0]
        base[:, step] = state[:, 0]
    base[:, steps] = state[:, 1]
    least = np.full((stations, steps + 1), float(least_c))
    inside, outside = buildings.inside_k_per_w, buildings.outside_k_per_w
    share = outside / (inside + outside)
    least[:, steps] = outdoor_c[-1] + share * (least_c - outdoor_c[-1])
    most = np.full((stations, steps + 1), float(most_c))
    most[:, steps] = least[:, steps] + 100.0
    upper = np.array(most_w, float)
    early = np.arange(steps) < delay[:, None]
    upper[early] = np.minimum(upper, on_the_way_w)[early]
    prices = np.asarray(price_per_mwh, float)
    prices = np.broadcast_to(prices.reshape(prices.shape[0], -1), (prices.shape[0], steps))
    dear = float(prices.max())
    per_k = dear / (inside + outside) / _MW
    return Horizon(
        base, _response(after, gain, steps) * _MW, least, most, upper / _MW, delay,
        np.repeat(source_most_w[:, None] / _MW, steps, 1), prices, loss_w / _MW,
        _COLD_TIMES * per_k, _WARM_TIMES * per_k, _UNMET_TIMES * dear, early_per_mwh, step_s / _H,
    )  # fmt: skip


def _response(after: Floats, gain: Floats, steps: int) -> Floats:
    """What a watt in each step does: to the air after every step, and to the mass at the end."""
    pulse = np.empty((after.shape[0], steps, 2))
    pulse[:, 0] = gain[:, :, 1]
    for step in range(1, steps):
        pulse[:, step] = (after @ pulse[:, step - 1, :, None])[:, :, 0]
    found = np.zeros((after.shape[0], steps + 1, steps))
    for step in range(steps):
        found[:, step:steps, step] = pulse[:, : steps - step, 0]
        found[:, steps, step] = pulse[:, steps - 1 - step, 1]
    return found
