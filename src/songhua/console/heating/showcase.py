"""What the demonstration shows of heating: a simulated plant with a recorded day behind it, and,
where Mosquitto is installed, the plant itself, alive. Everything is simulated."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from songhua.console.exchange.services import devices
from songhua.console.heating import simulation
from songhua.console.heating.models import Plant
from songhua.console.heating.services import advice, outcomes, registration
from songhua.console.people.models import Role, Unit, User
from songhua.exchange.telemetry import decoding
from songhua.exchange.telemetry.broker import Broker, program
from songhua.exchange.telemetry.rejections import Rejections
from songhua.exchange.telemetry.store import TelemetryStore

if TYPE_CHECKING:
    from pathlib import Path

UNIT = "housing_urban_rural_development_bureau"
CODE, STATIONS, SEED = "city", 60, 1
RECORDED = timedelta(hours=26)


def show() -> Plant:
    """Register the plant, record the hours up to now, compute the last day's indicators and
    propose a few setpoints. Takes a minute or less."""
    simulated = simulation.build(CODE, STATIONS, SEED)
    plant = registration.simulated(Unit.objects.get(code=UNIT), simulated, "演示供热系统（模拟）")
    now = datetime.now(UTC).replace(microsecond=0)
    simulation.break_some(simulated)
    simulated.warm_up(now - RECORDED)
    record(simulated, now - RECORDED, now)
    dispatcher = User.objects.filter(role=Role.STAFF, unit=plant.unit).order_by("pk").first()
    if dispatcher is not None:
        outcomes.compute(dispatcher, plant, now - timedelta(days=1), now)
    advice.propose(plant)
    return plant


def record(simulated: simulation.SimulatedPlant, begins: datetime, ends: datetime) -> int:
    """Store what the plant measures from `begins` to `ends`, as the intake would; how many."""
    steps = int((ends - begins) / simulation.STEP)
    stored = 0
    with TelemetryStore(devices.folder(), devices.registry()) as store:
        for first in range(1, steps + 1, 48):
            hours = range(first, min(first + 48, steps + 1))
            rows = [row for n in hours for row in simulated.step(begins + n * simulation.STEP)]
            dtype = decoding.READING["received_at"]
            arrived = pl.Series([datetime.now(UTC)] * len(rows), dtype=dtype)
            refused = Rejections()
            stored += store.write(decoding.frame(rows, arrived, refused), refused).stored
    return stored


def companions(folder: Path) -> list[subprocess.Popen[bytes]]:
    """Start a broker, the intake and the plant of `show`, as processes to be ended by the caller;
    none where Mosquitto is not installed, and the page then shows the recorded day."""
    if program() is None or not Plant.objects.filter(code=CODE).exists():
        return []
    broker = Broker(folder / "broker")
    address = f"mqtt://127.0.0.1:{broker.port}"
    songhua = [sys.executable, "-m", "songhua.cli"]
    simulate = ["heating", "simulate", "--code", CODE, "--unit", UNIT, "--stations", str(STATIONS),
                "--seed", str(SEED), "--faults", "--broker", address]  # fmt: skip
    commands = ([*songhua, "intake", "--broker", address], [*songhua, *simulate])
    return [
        broker.process,
        *(subprocess.Popen(command, start_new_session=True) for command in commands),
    ]
