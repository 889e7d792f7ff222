"""A plan's linear program by interior points, station by station and joined by a price per step.

Primal and dual points stay strictly feasible throughout, so both objectives are bounds at every
step and what lies between them is the sum of all products of slack and multiplier. In a Newton step
a station's heat meets the others only in the steps' balances: its own small system is solved first,
and one system for the prices joins them. Source: S. Mehrotra, On the implementation of a
primal-dual interior point method, SIAM J. Optimization 2 (1992) 575-601.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from songhua.engines.buildings.model import Floats
    from songhua.engines.control.horizon import Horizon

_ROUNDS = 100
_NEAR_EDGE = 0.99  # of the way to the nearest bound
_LEAST_WIDTH = 1e-7  # of the largest: where there is no room between bounds


class Point(NamedTuple):
    """The unknowns of `horizon`: `heat` (S, T), `cold` and `warm` (S, T + 1), `given` (J, T) and
    `unmet` (T,)."""

    heat: Floats
    cold: Floats
    warm: Floats
    given: Floats
    unmet: Floats


class Sides(NamedTuple):
    """One number to each constraint: what it has to spare, or its multiplier."""

    least: Floats
    cold: Floats
    most: Floats
    warm: Floats
    heat: Floats
    heat_most: Floats
    given: Floats
    given_most: Floats
    unmet: Floats
    balance: Floats


def solve(horizon: Horizon, tolerance: float) -> tuple[Point, Sides]:
    """A point and multipliers whose objectives differ by less than `tolerance` of the cost."""
    program = _Program(horizon)
    point = program.first_point()
    slack, dual = program.slacks(point), program.first_multipliers()
    count = sum(side.size for side in slack)
    for _ in range(_ROUNDS):
        products = [one * other for one, other in zip(slack, dual, strict=True)]
        gap = sum(float(product.sum()) for product in products)
        if gap <= tolerance * abs(program.cost(point)):
            break
        system = program.system(slack, dual)
        aims = [-product for product in products]
        step, dual_step = program.newton(system, slack, dual, aims)
        moved = program.slack_steps(step)
        reach, dual_reach = _reach(slack, moved), _reach(dual, dual_step)
        ahead = sum(
            float(((s + reach * ds) * (y + dual_reach * dy)).sum())
            for s, ds, y, dy in zip(slack, moved, dual, dual_step, strict=True)
        )
        level = (ahead / gap) ** 3 * gap / count
        aims = [
            level - product - ds * dy
            for product, ds, dy in zip(products, moved, dual_step, strict=True)
        ]
        step, dual_step = program.newton(system, slack, dual, aims)
        moved = program.slack_steps(step)
        reach, dual_reach = (
            min(1.0, _NEAR_EDGE * _reach(at, by)) for at, by in ((slack, moved), (dual, dual_step))
        )
        point = Point(*(x + reach * dx for x, dx in zip(point, step, strict=True)))
        slack = Sides(*(s + reach * ds for s, ds in zip(slack, moved, strict=True)))
        dual = Sides(*(y + dual_reach * dy for y, dy in zip(dual, dual_step, strict=True)))
    return point, dual


def _reach(at: Sides, by: Sides) -> float:
    """The greatest step, up to 1, that keeps every number above 0."""
    worst = max(float((-move / here).max(initial=0.0)) for here, move in zip(at, by, strict=True))
    return min(1.0, 1.0 / worst) if worst > 0 else 1.0


class _System(NamedTuple):
    """A Newton system made ready: weights to each constraint, and the inverses."""

    weight: Sides
    stations: Floats
    prices: Floats


class _Program:
    """A horizon's numbers, with costs for a step and room between all bounds."""

    def __init__(self, horizon: Horizon) -> None:
        self.gain, self.base = horizon.gain_k_per_mw, horizon.base_c
        self.least, self.most, self.loss = horizon.least_c, horizon.most_c, horizon.loss_mw
        scale = max(float(horizon.most_mw.max(initial=0.0)), 1e-3)
        self.heat_most = np.maximum(horizon.most_mw, _LEAST_WIDTH * scale)
        self.given_most = np.maximum(horizon.source_most_mw, _LEAST_WIDTH * scale)
        dear = max(float(horizon.price_per_mwh.max(initial=0.0)), horizon.unmet_per_mwh, 1e-3)
        tiny = _LEAST_WIDTH * dear
        hours, rows = horizon.step_h, self.base.shape[1]
        self.price = hours * horizon.price_per_mwh
        self.cold = np.repeat(hours * np.maximum(horizon.cold_per_k_h, tiny)[:, None], rows, 1)
        self.warm = np.repeat(hours * np.maximum(horizon.warm_per_k_h, tiny)[:, None], rows, 1)
        self.unmet = np.full(self.loss.size, hours * max(horizon.unmet_per_mwh, tiny))
        self.delay, self.sent = horizon.delay, horizon.sent
        self.early = np.where(self.sent < 0, hours * horizon.early_per_mwh, 0.0)

    def cost(self, point: Point) -> float:
        """The objective."""
        bought = (self.price * point.given).sum() + (self.unmet * point.unmet).sum()
        bought += (self.early * point.heat).sum()
        return float(bought + (self.cold * point.cold).sum() + (self.warm * point.warm).sum())

    def first_point(self) -> Point:
        """Half of what may flow, and as much cold, warmth and want as that takes."""
        heat, given = self.heat_most / 2, self.given_most / 2
        air = self.base + self.air(heat)
        need = self.loss + self.together(heat) - given.sum(axis=0)
        return Point(heat, np.maximum(self.least - air, 0) + 1, np.maximum(air - self.most, 0) + 1,
                     given, np.maximum(need, 0) + 1)  # fmt: skip

    def first_multipliers(self) -> Sides:
        """The middle of what each price may be."""
        paid = np.clip(self.price.mean(axis=0), self.unmet / 1000, self.unmet / 2)
        cold, warm = self.cold / 2, self.warm / 2
        pull = self.early + self.apart(paid) - self.pull(cold - warm)
        short = self.price - paid
        heat_unit, given_unit = (max(float(np.abs(x).mean()), 1e-9) for x in (pull, short))
        return Sides(
            cold, self.cold - cold, warm, self.warm - warm,
            np.maximum(pull, 0) + heat_unit, np.maximum(-pull, 0) + heat_unit,
            np.maximum(short, 0) + given_unit, np.maximum(-short, 0) + given_unit,
            self.unmet - paid, paid,
        )  # fmt: skip

    def slacks(self, point: Point) -> Sides:
        """What each constraint has to spare."""
        air = self.base + self.air(point.heat)
        balance = point.given.sum(axis=0) + point.unmet - self.loss - self.together(point.heat)
        return Sides(
            air - self.least + point.cold, point.cold, self.most - air + point.warm, point.warm,
            point.heat, self.heat_most - point.heat, point.given, self.given_most - point.given,
            point.unmet, balance,
        )  # fmt: skip

    def slack_steps(self, step: Point) -> Sides:
        """How a step changes them."""
        air = self.air(step.heat)
        balance = step.given.sum(axis=0) + step.unmet - self.together(step.heat)
        return Sides(air + step.cold, step.cold, step.warm - air, step.warm, step.heat, -step.heat,
                     step.given, -step.given, step.unmet, balance)  # fmt: skip

    def system(self, slack: Sides, dual: Sides) -> _System:
        """The Newton system at a point: its matrices do not depend on the aims."""
        weight = Sides(*(y / s for y, s in zip(dual, slack, strict=True)))
        rows = _both(weight.least, weight.cold) + _both(weight.most, weight.warm)
        matrix = self.gain.transpose(0, 2, 1) @ (rows[:, :, None] * self.gain)
        steps = self.loss.size
        matrix[:, np.arange(steps), np.arange(steps)] += weight.heat + weight.heat_most
        inverse = np.linalg.inv(matrix)
        joined = np.diag(
            (1 / (weight.given + weight.given_most)).sum(axis=0)
            + 1 / weight.unmet
            + 1 / weight.balance
        )
        for delay in np.unique(self.delay):
            left = max(steps - int(delay), 0)
            alike = inverse[self.delay == delay, steps - left :, steps - left :]
            joined[:left, :left] += alike.sum(axis=0)
        return _System(weight, np.asarray(inverse, float), joined)

    def newton(
        self, system: _System, slack: Sides, dual: Sides, aims: list[Floats]
    ) -> tuple[Point, Sides]:
        """The step after which slack times multiplier has changed by `aims`, to first order."""
        w = system.weight
        e = Sides(*(aim / s for aim, s in zip(aims, slack, strict=True)))
        cold, warm = w.least + w.cold, w.most + w.warm
        cold_aim, warm_aim = (e.least + e.cold) / cold, (e.most + e.warm) / warm
        right = self.pull(e.least - w.least * cold_aim - e.most + w.most * warm_aim)
        right += e.heat - e.heat_most
        alone = (system.stations @ right[:, :, None])[:, :, 0]
        given_aim, given = e.given - e.given_most, w.given + w.given_most
        price = np.linalg.solve(
            system.prices,
            e.balance / w.balance - (given_aim / given).sum(axis=0) - e.unmet / w.unmet
            + self.together(alone),
        )  # fmt: skip
        heat = alone - (system.stations @ self.apart(price)[:, :, None])[:, :, 0]
        air = self.air(heat)
        step = Point(
            heat, cold_aim - w.least / cold * air, warm_aim + w.most / warm * air,
            (given_aim + price) / given, (e.unmet + price) / w.unmet,
        )  # fmt: skip
        moved = self.slack_steps(step)
        change = Sides(*(each - by * go for each, by, go in zip(e, w, moved, strict=True)))
        return step, change

    def air(self, heat: Floats) -> Floats:
        """What heat does to the rooms."""
        return np.asarray((self.gain @ heat[:, :, None])[:, :, 0])

    def pull(self, rows: Floats) -> Floats:
        """What prices on the rooms say of the heat: `air` transposed."""
        return np.asarray((rows[:, None, :] @ self.gain)[:, 0, :])

    def together(self, heat: Floats) -> Floats:
        """The stations' heat by the step in which it is sent."""
        later = self.sent >= 0
        return np.asarray(np.bincount(self.sent[later], heat[later], self.loss.size), float)

    def apart(self, price: Floats) -> Floats:
        """The price that each station pays in each step: `together` transposed."""
        return np.where(self.sent >= 0, price[np.maximum(self.sent, 0)], 0.0)


def _both(one: Floats, other: Floats) -> Floats:
    """Two weights in series."""
    return one * other / (one + other)
