"""Running a plant by a plan for the days ahead, made anew as the rooms tell what is true (D)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.buildings.model import Buildings, transition
from songhua.engines.control.delay import travel_s
from songhua.engines.control.horizon import horizon
from songhua.engines.control.planning import plan
from songhua.engines.control.strategies import (
    first_lacks_w,
    hot_enough_c,
    rooms_of_stations,
)
from songhua.engines.plant.flows import Hydraulics
from songhua.engines.plant.operation import Setpoints
from songhua.engines.plant.rooms import CAPACITY_J_PER_KG_K, radiators_w_per_k

if TYPE_CHECKING:
    from songhua.engines.control.planning import Plan
    from songhua.engines.control.strategies import Outlook
    from songhua.engines.hydraulics.network import Floats
    from songhua.engines.plant.equipment import Equipment
    from songhua.engines.plant.operation import Readings

_BAND_K = 1.5  # between the coldest and the warmest that is planned
_TRUST_MASS, _TRUST_LOSS = 0.5, 0.15  # in what one step's surprise says of the walls, of the losses
_TRUST_YIELD = 0.3  # in what one step says of the heat that a setpoint brings
_KEPT, _ANSWERED = 0.5, 0.5  # of what others give beyond the plan; of what the first lacked
_HEAT_TIMES, _HEAT_MORE = 1.2, 0.1  # times the need and of the design: the most that is planned


class Predictive:
    """Heat where and when it is cheapest within the comfort band; see `planning`.

    Rooms' and heat meters' readings correct what the plan starts from: the walls' temperature, a
    steady loss that the description does not know of, and the heat that a setpoint brings. `last`
    is the latest plan.
    """

    def __init__(
        self, equipment: Equipment, shift_k: float, price_per_mwh: Floats, step_h: float = 1.0
    ) -> None:
        self.equipment, self.shift_k, self.price, self.step_h = (
            equipment, shift_k, np.asarray(price_per_mwh, float), step_h,
        )  # fmt: skip
        self.last: Plan | None = None
        self._homes = of_stations(equipment)
        self._moves = transition(self._homes, 3600 * step_h)
        self._gains = equipment.of_station(equipment.gains_w)
        inside, outside = self._homes.inside_k_per_w, self._homes.outside_k_per_w
        self._loss_w_per_k = 1 / (inside + outside)
        curve = equipment.curve
        self._design_w = (curve.room_c - curve.outdoor_c) * self._loss_w_per_k
        self._state: Floats | None = None
        self._unknown_w = np.zeros(equipment.stations)
        self._yield = np.ones(equipment.stations)
        self._asked_w: Floats | None = None
        self._extra_w = 0.0
        self._sunk = (0.0, 0.0)  # outdoor temperature and sun of the step before
        net = equipment.network
        flow, _ = Hydraulics(net).solve(
            0.5 * equipment.exchangers.primary_kg_per_s, equipment.source_head_pa,
            np.full(equipment.sources, np.nan), {},
        )  # fmt: skip
        hours = travel_s(net, flow[: net.length_m.size]) / 3600
        self._delay = np.rint(np.where(np.isfinite(hours), hours, 0) / step_h).astype(np.int64)

    def setpoints(self, outlook: Outlook, last: Readings | None) -> Setpoints:
        """The first step of a new plan."""
        plant, steps = self.equipment, outlook.outdoor_c.size
        self._learn(outlook, last)
        assert self._state is not None
        free = self._gains[:, None] + np.outer(self._homes.aperture_m2, outlook.solar_w_per_m2)
        ground = plant.network.loss_w_per_m_k @ plant.network.length_m * 110.0
        need_w = np.maximum(
            np.outer(self._loss_w_per_k, plant.curve.room_c - outlook.outdoor_c)
            - (free + self._unknown_w[:, None]), 0,
        )  # fmt: skip
        most_w = _HEAT_TIMES * need_w + _HEAT_MORE * self._design_w[:, None]
        early = float(self.price.mean() if self.last is None else self.last.price_per_mwh[0])
        problem = horizon(
            self._homes, self._state, free + self._unknown_w[:, None], outlook.outdoor_c,
            least_c=plant.curve.room_c + self.shift_k,
            most_c=plant.curve.room_c + self.shift_k + _BAND_K,
            most_w=most_w, delay=np.minimum(self._delay, steps),
            on_the_way_w=most_w,
            source_most_w=plant.source_capacity_w, price_per_mwh=self.price,
            loss_w=np.full(steps, ground),
            early_per_mwh=early,
            step_s=3600 * self.step_h,
        )  # fmt: skip
        self.last = plan(problem)
        self._asked_w = 1e6 * self.last.heat_mw[:, 0]
        self._sunk = float(outlook.outdoor_c[0]), float(outlook.solar_w_per_m2[0])
        told_c = self._supply_c(self._asked_w / self._yield)
        source_w = 1e6 * self.last.source_mw[:, 0]
        source_w[0] = np.nan
        if last is not None:
            self._extra_w = _KEPT * self._extra_w + _ANSWERED * first_lacks_w(last)
        left_w = self._extra_w
        for source in range(1, plant.sources):
            more_w = min(left_w, plant.source_capacity_w[source] - source_w[source])
            source_w[source] += more_w
            left_w -= more_w
        hot_c = hot_enough_c(plant, float(outlook.outdoor_c[0]), told_c)
        return Setpoints(np.full(plant.sources, hot_c), plant.source_head_pa, source_w, told_c,
                         np.ones(plant.stations))  # fmt: skip

    def _learn(self, outlook: Outlook, last: Readings | None) -> None:
        """Bring the state forward by the measured heat, and correct it by the rooms."""
        curve = self.equipment.curve
        if last is None or self._state is None or self._asked_w is None:
            room = np.full(self.equipment.stations, curve.room_c)
            if last is not None:
                known = rooms_of_stations(self.equipment, last.room_c)
                room = np.where(np.isfinite(known), known, room)
            outdoor_c = float(outlook.outdoor_c[0])
            inside, outside = self._homes.inside_k_per_w, self._homes.outside_k_per_w
            mass = outdoor_c + (room - outdoor_c) * outside / (inside + outside)
            self._state = np.column_stack((room, mass))
            return
        after, gain = self._moves
        outdoor_c, sun = last.outdoor_c, self._sunk[1]
        heat = last.station_heat_w + self._gains + self._homes.aperture_m2 * sun + self._unknown_w
        drive = np.column_stack((np.full(heat.size, outdoor_c), heat))
        state = (after @ self._state[:, :, None] + gain @ drive[:, :, None])[:, :, 0]
        room = rooms_of_stations(self.equipment, last.room_c)
        surprise = np.where(np.isfinite(room), room - state[:, 0], 0.0)
        state[:, 0] += surprise
        state[:, 1] += _TRUST_MASS * surprise
        self._unknown_w = self._unknown_w + _TRUST_LOSS * surprise / gain[:, 0, 1]
        self._state = state
        asked = (self._asked_w > 0.05 * self._design_w) & (last.limited == 0)
        found = np.divide(last.station_heat_w, self._asked_w, out=np.ones(asked.size), where=asked)
        moved = np.clip(found, 0.5, 2.0) ** _TRUST_YIELD
        self._yield = np.clip(np.where(asked, self._yield * moved, self._yield), 0.5, 2.0)

    def _supply_c(self, heat_w: Floats) -> Floats:
        """The secondary supply at which the described radiators give this heat."""
        plant = self.equipment
        assert self._state is not None
        rooms = self._state[:, 0]
        rate = CAPACITY_J_PER_KG_K * np.maximum(plant.of_station(plant.radiator_kg_per_s), 1e-9)
        excess = np.full(plant.stations, 25.0)
        for _ in range(8):
            each = radiators_w_per_k(plant, excess[plant.building_station])
            above = heat_w / np.maximum(plant.of_station(each), 1e-9)
            excess = (excess + above - heat_w / rate / 2) / 2
        return np.asarray(rooms + above)


def of_stations(equipment: Equipment) -> Buildings:
    """One building for all that a station serves: capacities, conductances and apertures added."""
    homes, add = equipment.buildings, equipment.of_station
    return Buildings(
        add(homes.air_j_per_k), add(homes.mass_j_per_k), 1 / add(1 / homes.inside_k_per_w),
        1 / add(1 / homes.outside_k_per_w), add(homes.aperture_m2),
    )  # fmt: skip
