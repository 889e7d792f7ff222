"""Who saved what: balancing, indoor feedback and plans, each at the same comfort, with intervals.

Four ways to run the same plant through the same winter: A, valves as found and the weather's curve
alone; B, valves balanced; C, stations trimmed by their rooms; D, plans for the tiers of sources.
Each aims just so much warmer that no more than a given share of all rooms' hours is too cold. What
one saves over the one before is its own; plants and days are drawn again and again for intervals.
Everything here is simulated: it says what control can do in such plants, not what it did in one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.control.balancing import balanced_opening
from songhua.engines.control.predictive import Predictive
from songhua.engines.control.strategies import (
    Feedback,
    Outlook,
    WeatherCurve,
    rooms_of_stations,
)
from songhua.engines.plant.plant import Plant
from songhua.engines.savings.trial import season
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.random import Generator

    from songhua.engines.control.strategies import Strategy
    from songhua.engines.hydraulics.network import Floats
    from songhua.engines.plant.equipment import Equipment
    from songhua.engines.savings.trial import Season, Winter

STRATEGIES = ("A", "B", "C", "D")
_FOUND_SPREAD = 0.15  # of the logarithm of valves' openings before balancing, about the balanced
_VISITS, _ROOM_VISITS, _ROOM_DAYS = 8, 3, 2
_TRIES = 6
_ALIKE_K = 0.05
_SETTLE_H = 48
_DRAWS = 2000


@dataclass(frozen=True)
class Trial:
    """One plant: its season under each of `STRATEGIES`, by how much warmer each aimed, and whether
    it kept everyone warm so: to 0.05 K, the same comfort for all."""

    seasons: tuple[Season, ...]
    shift_k: tuple[float, ...]
    warm: tuple[bool, ...]


@dataclass(frozen=True)
class Share:
    """A saving as a share of A's: the estimate and its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class SavingsLedger:
    """Energy saved by each step and in all, and what D's heat costs less than C's."""

    balancing: Share
    feedback: Share
    planning: Share
    total: Share
    cost: Share
    plants: int


def trial(
    equipment: Equipment,
    weather: Winter,
    price_per_mwh: Floats,
    rng: Generator,
    *,
    mismatch: float = 0.1,
    least_c: float = 20.0,
    cold_share: float = 0.02,
) -> Trial:
    """All strategies in one plant, each at the least shift that leaves at most `cold_share` of the
    rooms' hours below `least_c`; found by a few seasons for each."""
    seed = int(rng.integers(2**62))

    def plant() -> Plant:
        return Plant(equipment, np.random.default_rng(seed), mismatch)

    balanced = _balanced(plant(), float(weather.outdoor_c.mean()))
    found = balanced * np.exp(rng.normal(0, _FOUND_SPREAD, balanced.size))
    found /= found.max()
    ways: tuple[Callable[[float], Strategy], ...] = (
        lambda shift: WeatherCurve(equipment, shift, found),
        lambda shift: WeatherCurve(equipment, shift, balanced),
        lambda shift: Feedback(equipment, shift),
        lambda shift: Predictive(equipment, shift, price_per_mwh),
    )
    runs = [_at_comfort(plant, way, weather, least_c, cold_share) for way in ways]
    return Trial(*map(tuple, zip(*runs, strict=True)))


def ledger(trials: list[Trial], price_per_mwh: Floats, rng: Generator) -> SavingsLedger:
    """The split over the plants that every strategy kept warm, `plants` of them; they are drawn
    with replacement, and days within them. Raises `InputError` where there is none."""
    days = [_by_day(each, price_per_mwh) for each in trials if all(each.warm)]
    require(bool(days), "trials", "savings_no_warm_plant", len(trials))
    best = _split(np.array([day.sum(axis=0) for day in days]).sum(axis=0))
    draws = np.empty((_DRAWS, best.size))
    for number in range(_DRAWS):
        total = np.zeros(days[0].shape[1])
        for plant in rng.integers(0, len(days), len(days)):
            day = days[plant]
            total += day[rng.integers(0, len(day), len(day))].sum(axis=0)
        draws[number] = _split(total)
    low, high = np.quantile(draws, (0.025, 0.975), axis=0)
    balancing, feedback, planning, whole, cost = (
        Share(*map(float, each)) for each in zip(best, low, high, strict=True)
    )
    return SavingsLedger(balancing, feedback, planning, whole, cost, len(days))


def _balanced(plant: Plant, outdoor_c: float) -> Floats:
    """Openings after visits to all stations: first by returns, then by rooms."""
    equipment, opening = plant.equipment, np.ones(plant.equipment.stations)
    outlook = Outlook(np.array([outdoor_c]), np.zeros(1))
    room_c = equipment.curve.room_c

    def run(hours: int) -> tuple[Floats, Floats]:
        last = None
        for _ in range(hours):
            told = WeatherCurve(equipment, 0.0, opening).setpoints(outlook, last)
            last = plant.step(3600.0, outdoor_c, told)
        assert last is not None
        return last.station_secondary_return_c, rooms_of_stations(equipment, last.room_c)

    for _ in range(_VISITS):
        opening = balanced_opening(opening, run(2)[0] - room_c)
    for _ in range(_ROOM_VISITS):
        opening = balanced_opening(opening, run(24 * _ROOM_DAYS)[1] - outdoor_c, 2.0)
    return opening


def _at_comfort(
    plant: Callable[[], Plant],
    way: Callable[[float], Strategy],
    weather: Winter,
    least_c: float,
    cold_share: float,
) -> tuple[Season, float, bool]:
    """The season of least shift among those tried that is warm enough, its shift, and True; where
    none is, the warmest, and False."""
    shift = 1.0
    tried: list[tuple[float, float, Season]] = []
    for _ in range(_TRIES):
        run = season(plant(), way(shift), weather, settle_h=_SETTLE_H)
        coldest_c = float(np.quantile(run.room_c, cold_share))
        tried.append((coldest_c, shift, run))
        if abs(coldest_c - least_c) <= _ALIKE_K:
            break
        slope = 1.0
        if len(tried) > 1:
            (was_c, was, _), (is_c, now, _) = tried[-2:]
            slope = float(np.clip((is_c - was_c) / (now - was), 0.3, 1.5))
        shift += (least_c - coldest_c) / slope
    warm = [each for each in tried if each[0] >= least_c - _ALIKE_K]
    _, best, run = min(warm, key=lambda each: each[1]) if warm else max(tried, key=lambda e: e[0])
    return run, best, bool(warm)


def _by_day(each: Trial, price_per_mwh: Floats) -> Floats:
    """Shape (days, 6): MWh of A to D, and the cost of C and D."""
    heat = [run.source_mwh.sum(axis=1) for run in each.seasons]
    paid = [run.source_mwh @ price_per_mwh for run in each.seasons[2:]]
    table = np.column_stack((*heat, *paid))
    return np.asarray(table[: len(table) // 24 * 24].reshape(-1, 24, 6).sum(axis=1))


def _split(total: Floats) -> Floats:
    """Shares of A's heat saved by each step and in all; share of C's cost saved by D."""
    a, b, c, d, cost_c, cost_d = total
    return np.array([(a - b) / a, (b - c) / a, (c - d) / a, (a - d) / a, 1 - cost_d / cost_c])
