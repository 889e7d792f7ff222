"""Our side: readings over a real Mosquitto into a store, and an hourly aggregate of a store."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from draw import BEGIN, METRICS, day, device
from hourly import aggregated

from songhua.exchange.telemetry import upkeep
from songhua.exchange.telemetry.broker import Broker, program
from songhua.exchange.telemetry.intake import MqttIntake
from songhua.exchange.telemetry.reading import TelemetryReader
from songhua.exchange.telemetry.registry import Channel, Registry
from songhua.exchange.telemetry.store import TelemetryStore

HERE = Path(__file__).parent
FOLDER = tempfile.TemporaryDirectory(prefix="songhua-bench-")


def solve(case: dict) -> dict:
    """The case of this kind."""
    return {"ingest": ingest, "hourly": hourly}[case["kind"]](case)


def registry(stations: int) -> Registry:
    """Every metric of every station."""
    names = [device(number) for number in range(stations)]
    return Registry(tuple(Channel(name, metric) for name in names for metric in METRICS))


def ingest(case: dict) -> dict:
    """Seconds from the publisher's first message to the last commit; the broker, the publisher and
    the store share this machine."""
    if program() is None:
        raise SystemExit("mosquitto is not on this machine")
    with tempfile.TemporaryDirectory(dir=FOLDER.name) as name:
        folder = Path(name)
        with (
            Broker(folder / "broker") as broker,
            TelemetryStore(folder / "store", registry(case["stations"])) as store,
        ):
            intake = MqttIntake(store, "127.0.0.1", broker.port, ["readings/#"])
            sent = round(case["readings"] * (1 + case["again"]))
            ended: list[float] = []
            watching = threading.Thread(target=stop_after, args=(intake, sent, ended))
            publisher = subprocess.Popen(
                [sys.executable, str(HERE / "publish.py"), str(broker.port), json.dumps(case)],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            watching.start()
            intake.run()
            begun = float(publisher.communicate()[0])
            watching.join()
        counts = TelemetryReader(folder / "store").counts()
        held = TelemetryReader(folder / "store").files()
    seconds, stats = ended[0] - begun, intake.stats
    note = f"{sent / seconds:,.0f} readings/s, {stats.commits} commits, {len(held)} files"
    answer = {name: counts[name] for name in ("stored", "duplicates")}
    return {"seconds": seconds, "answer": answer, "note": note}


def stop_after(intake: MqttIntake, readings: int, ended: list[float]) -> None:
    """Stop the intake when it has committed as many readings."""
    while intake.stats.received < readings:
        time.sleep(0.01)
    ended.append(time.time())
    intake.stop()


@cache
def filled(text: str) -> TelemetryReader:
    """A store with the days of a case, written batch by batch and merged; kept for all repeats."""
    case, folder = json.loads(text), Path(FOLDER.name) / "filled"
    with TelemetryStore(folder, registry(case["stations"])) as store:
        for number in range(case["days"]):
            for batch in day(case, number).iter_slices(1_000_000):
                store.write(batch)
        upkeep.compact(store, before=date.max)
    return TelemetryReader(folder)


def hourly(case: dict) -> dict:
    """Seconds of the aggregate over the files that the reader names, asking for them included."""
    reader = filled(json.dumps(case))
    begun = time.perf_counter()
    files = reader.files(start=BEGIN, end=BEGIN + timedelta(days=case["days"]))
    answer = aggregated(files)
    return {"seconds": time.perf_counter() - begun, "answer": answer}
