"""What if a pump trips, a pipe bursts, or the design day comes: hours of cold, and where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.control.strategies import Feedback, Outlook, rooms_of_stations
from songhua.kit.errors import require

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers
    from songhua.engines.plant.faults import Fault
    from songhua.engines.plant.plant import Plant


@dataclass(frozen=True)
class Event:
    """What is asked: faults that begin at once, or weather, for `hours`; without either, whether
    the plant bears the weather that there is."""

    outdoor_c: float
    hours: int
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Aftermath:
    """Hours in which a building's room is below the limit, summed over buildings and at each
    station (S,), its lowest mean room temperature (S,), the stations worst hit first, and the
    make-up water in tonnes."""

    cold_building_hours: float
    cold_hours: Floats
    lowest_c: Floats
    worst: Integers
    make_up_t: float


def what_if(
    plant: Plant, event: Event, *, limit_c: float = 18.0, step_s: float = 900.0, settle_h: int = 24
) -> Aftermath:
    """Run a plant through an event, under feedback from its rooms.

    The plant first runs `settle_h` hours in the event's weather without the faults; it is changed
    by it, so pass one made for the purpose. Raises `InputError` for an event without hours.
    """
    require(event.hours > 0, "hours", "out_of_range", event.hours)
    equipment, step_h = plant.equipment, step_s / 3600
    control = Feedback(equipment, 0.5, step_h)
    outlook = Outlook(np.array([event.outdoor_c]), np.zeros(1))
    last = None
    for _ in range(round(settle_h / step_h)):
        last = plant.step(step_s, event.outdoor_c, control.setpoints(outlook, last))
    plant.faults.extend(event.faults)
    cold, water_kg = np.zeros(equipment.count), 0.0
    lowest = np.full(equipment.stations, np.inf)
    for _ in range(round(event.hours / step_h)):
        last = plant.step(step_s, event.outdoor_c, control.setpoints(outlook, last))
        cold += step_h * (plant.room_c < limit_c)
        lowest = np.fmin(lowest, rooms_of_stations(equipment, plant.room_c))
        water_kg += last.make_up_kg_per_s * step_s
    hours = equipment.of_station(cold)
    return Aftermath(float(cold.sum()), hours, lowest, np.argsort(lowest, kind="stable"),
                     water_kg / 1000)  # fmt: skip
