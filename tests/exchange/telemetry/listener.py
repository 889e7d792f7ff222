"""``listener.py <folder> <port>``: an intake in a process of its own, until SIGTERM."""

from __future__ import annotations

import signal
import sys
from datetime import timedelta
from pathlib import Path

from songhua.exchange.telemetry.intake import MqttIntake
from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.exchange.telemetry.store import TelemetryStore

DEVICES = [f"D{number}" for number in range(50)]


def main(folder: Path, port: int) -> None:
    """Take in what comes."""
    registry = Registry(tuple(Channel(device, "supply_c") for device in DEVICES))
    with TelemetryStore(folder, registry) as store:
        delay = timedelta(seconds=0.2)
        intake = MqttIntake(store, "127.0.0.1", port, ["readings/#"], delay=delay)
        signal.signal(signal.SIGTERM, lambda *_: intake.stop())
        intake.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
