"""The plan for the next days: source by source, station by station, and how near it is to the best.

The interior point is rounded to a plan that keeps every bound, its sources in order of price; its
multipliers give a cost below which no plan can be. Both are computed anew from the horizon itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.control.interior import solve

if TYPE_CHECKING:
    from songhua.engines.buildings.model import Floats
    from songhua.engines.control.horizon import Horizon
    from songhua.engines.control.interior import Sides

_NAMED_K = 0.05


@dataclass(frozen=True)
class Shortfall:
    """A station that the plan leaves too cold: for how many hours, and by how much at worst."""

    station: int
    hours: float
    worst_k: float


@dataclass(frozen=True)
class Plan:
    """Heat of stations (S, T) and sources (J, T), what no source can give (T,), the air after each
    step (S, T), and the price at which a MWh more would be worth sending (T,).

    `cost` is the plan's, `bound` a cost below which no plan can be, in the unit of the prices.
    """

    heat_mw: Floats
    source_mw: Floats
    unmet_mw: Floats
    room_c: Floats
    price_per_mwh: Floats
    shortfalls: tuple[Shortfall, ...]
    cost: float
    bound: float

    @property
    def gap(self) -> float:
        """By how much of its cost the plan may be dearer than the best."""
        return (self.cost - self.bound) / max(abs(self.cost), 1e-9)


def plan(horizon: Horizon, tolerance: float = 1e-5) -> Plan:
    """A plan whose cost is within `tolerance` of the least.

    Comfort that cannot be kept is no error: the plan comes as near as it can, and its `shortfalls`
    name the stations.
    """
    point, dual = solve(horizon, tolerance / 2)
    heat = np.clip(point.heat, 0, horizon.most_mw)
    sent = _sent(horizon, heat) + horizon.loss_mw
    given = _in_order_of_price(horizon, sent)
    unmet = np.maximum(sent - given.sum(axis=0), 0.0)
    air = horizon.base_c + (horizon.gain_k_per_mw @ heat[:, :, None])[:, :, 0]
    cold, warm = (np.maximum(x, 0) for x in (horizon.least_c - air, air - horizon.most_c))
    cost = horizon.step_h * float(
        (horizon.price_per_mwh * given).sum() + horizon.early_per_mwh * heat[horizon.sent < 0].sum()
        + horizon.unmet_per_mwh * unmet.sum()
        + horizon.cold_per_k_h @ cold.sum(axis=1) + horizon.warm_per_k_h @ warm.sum(axis=1)
    )  # fmt: skip
    short = tuple(
        Shortfall(int(station), float((row > _NAMED_K).sum() * horizon.step_h), float(row.max()))
        for station, row in enumerate(cold[:, :-1])
        if (row > _NAMED_K).any()
    )
    return Plan(heat, given, unmet, air[:, :-1], dual.balance / horizon.step_h, short, cost,
                _bound(horizon, dual))  # fmt: skip


def _sent(horizon: Horizon, heat_mw: Floats) -> Floats:
    """The stations' heat by the step in which it is sent."""
    later = horizon.sent >= 0
    return np.asarray(np.bincount(horizon.sent[later], heat_mw[later], horizon.loss_mw.size), float)


def _in_order_of_price(horizon: Horizon, needed_mw: Floats) -> Floats:
    """In each step the cheapest sources first, each up to its most."""
    order = np.argsort(horizon.price_per_mwh, axis=0, kind="stable")
    most = np.take_along_axis(horizon.source_most_mw, order, axis=0)
    before = np.cumsum(most, axis=0) - most
    given = np.empty(most.shape)
    np.put_along_axis(given, order, np.clip(needed_mw - before, 0, most), axis=0)
    return given


def _bound(horizon: Horizon, dual: Sides) -> float:
    """The least cost under multipliers in place of rooms' and balances' constraints."""
    hours = horizon.step_h
    cold = np.clip(dual.least, 0, hours * horizon.cold_per_k_h[:, None])
    warm = np.clip(dual.most, 0, hours * horizon.warm_per_k_h[:, None])
    paid = np.clip(dual.balance, 0, hours * horizon.unmet_per_mwh)
    rooms = (horizon.least_c - horizon.base_c) * cold + (horizon.base_c - horizon.most_c) * warm
    worth = ((cold - warm)[:, None, :] @ horizon.gain_k_per_mw)[:, 0, :]
    pays = np.where(horizon.sent >= 0, paid[np.maximum(horizon.sent, 0)],
                    hours * horizon.early_per_mwh)  # fmt: skip
    heat = horizon.most_mw * np.minimum(pays - worth, 0)
    given = horizon.source_most_mw * np.minimum(hours * horizon.price_per_mwh - paid, 0)
    return float(rooms.sum() + heat.sum() + given.sum() + (paid * horizon.loss_mw).sum())
