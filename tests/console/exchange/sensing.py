"""A gauge of the weather bureau with one datastream in the dataset harbour-ice."""

from __future__ import annotations

import json
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from songhua.console.exchange import models
from songhua.console.exchange.services import devices, entries

if TYPE_CHECKING:
    from collections.abc import Iterator


def dataset(actor: Any, name: str = "harbour-levels", **given: Any) -> models.Entry:
    """A published dataset of the actor's department, shared on conditions."""
    return entries.create(
        actor,
        {"name": name, "title": "港口水位", "unit": actor.unit, "tier": "conditional",
         "state": "active", **given},
    )  # fmt: skip


def stream(
    actor: Any, entry: models.Entry, device: str = "gauge-1", metric: str = "level_m"
) -> Any:
    """A datastream with all that it needs."""
    made = [
        models.Thing(name=f"水尺 {device}"),
        models.Sensor(name="压力式水位计"),
        models.ObservedProperty(name=metric, definition="https://example.org/level"),
    ]
    for row in made:
        devices.save(actor, row)
    row = models.Datastream(
        name=f"{device} {metric}", unit=actor.unit, thing=made[0], sensor=made[1],
        observed_property=made[2], table=devices.telemetry_table(actor, entry), device_id=device,
        metric=metric, observation_type="OM_Measurement", low=-5, high=20,
        unit_of_measurement={"name": "metre", "symbol": "m", "definition": "unit:M"},
    )  # fmt: skip
    devices.save(actor, row)
    return row


def reading(device: str, metric: str, value: object, seconds: int = 60) -> dict[str, object]:
    """A reading of some seconds ago, as devices send it."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    return {"device_id": device, "metric": metric, "value": value,
            "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}  # fmt: skip


@contextmanager
def publisher(port: int) -> Iterator[Any]:
    """Publishes readings as a device does."""
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion

    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield lambda *rows: client.publish(
            "songhua/readings", json.dumps(rows), qos=1
        ).wait_for_publish(10)
    finally:
        client.disconnect()
        client.loop_stop()


def wait(holds: Any, seconds: float = 20) -> Any:
    """Wait for something true; fail after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
    return found
