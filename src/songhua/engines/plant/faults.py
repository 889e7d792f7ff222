"""What breaks in a plant: pumps, pipes, valves and sensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["pump_trip", "burst", "stuck_valve", "drifted_sensor"]


@dataclass(frozen=True)
class Fault:
    """One fault, from when it is put into `Plant.faults` until it is taken out.

    `pump_trip`: nothing flows through source `place`. `burst`: at network node `place`, `amount`
    kg/s leave the supply. `stuck_valve`: that of station `place` stays at opening `amount`.
    `drifted_sensor`: the reading `sensor` (a name in `Readings`) at `place` is `amount` too high;
    so is what the plant's own control goes by, where it goes by that sensor.
    """

    kind: Kind
    place: int
    amount: float = 0.0
    sensor: str = ""
