"""The intake on duty: one process listens to the broker and writes the telemetry store.

It goes by the registry of devices in the database, and begins anew with the broker, whose session
goes on, when that has changed. What others must know to send it readings is in `DUTY`, for our own
account alone.
"""

from __future__ import annotations

import json
import math
import signal
import threading
import time
import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from django.db import close_old_connections

from songhua.console.exchange.services import devices
from songhua.exchange.telemetry.intake import MqttIntake
from songhua.exchange.telemetry.store import TelemetryStore
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from urllib.parse import SplitResult

    import paho.mqtt.client as mqtt

    from songhua.console.exchange.models import Datastream

TOPICS = ("songhua/#",)
OURS = "songhua/console"  # where the console itself sends readings
ANSWERS = "songhua-receipts"
DUTY = "duty.json"
LOOK_SECONDS = 0.5
PATIENCE_SECONDS = 10.0
PORT = 1883


def listen(broker: str, topics: Sequence[str] | None = None) -> None:
    """Take in readings until SIGTERM or SIGINT.

    Raises `InputError` ``exchange_broker``, `Conflict` ``telemetry_in_use``.
    """
    address, ended = address_of(broker), threading.Event()
    heard = [*topics, OURS] if topics else list(TOPICS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    duty = devices.folder() / DUTY
    with TelemetryStore(devices.folder(), devices.registry()) as store:
        try:
            while not ended.is_set():
                state = devices.state()
                store.use(devices.registry())
                _say(broker, state)
                _until_changed(store, address, heard, state, ended)
        finally:
            duty.unlink(missing_ok=True)


def _until_changed(
    store: TelemetryStore, address: SplitResult, topics: list[str], state: str,
    ended: threading.Event,
) -> None:  # fmt: skip
    """Take in by one registry, until that has changed or the work is ended."""
    intake = MqttIntake(store, address.hostname or "", address.port or PORT, topics)
    identify(intake.client, address)
    left = threading.Event()
    watch = threading.Thread(target=_watch, args=(intake, state, ended, left), daemon=True)
    watch.start()
    try:
        intake.run()
    finally:
        left.set()
        watch.join()


def _watch(intake: MqttIntake, state: str, ended: threading.Event, left: threading.Event) -> None:
    while not left.is_set():
        close_old_connections()
        try:
            changed = devices.state() != state
        except Exception:
            changed = False
        if ended.wait(LOOK_SECONDS) or changed:
            intake.stop()
            break
    close_old_connections()


def _say(broker: str, state: str) -> None:
    duty = devices.folder() / DUTY
    partial = duty.with_suffix(".partial")
    partial.touch(mode=0o600)
    said = {"broker": broker, "registry": state}
    partial.write_text(json.dumps(said), encoding="utf-8")
    partial.replace(duty)


def address_of(broker: str) -> SplitResult:
    """A broker's address in its parts. Raises `InputError` ``exchange_broker``."""
    try:
        address = urlsplit(broker)
        sound = address.scheme == "mqtt" and address.hostname and address.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise InputError(Problem("broker", "exchange_broker", broker.rpartition("@")[2]))
    return address


def identify(client: mqtt.Client, address: SplitResult) -> None:
    """Sign in at the broker as its address says."""
    if address.username:
        client.username_pw_set(unquote(address.username), unquote(address.password or ""))


def send(readings: Sequence[tuple[Datastream, datetime, float]]) -> None:
    """Have readings stored by the intake; they are durable when this returns.

    Raises `Conflict` ``exchange_no_intake`` where none runs or it gives no receipt in time, and
    `InputError` ``exchange_reading_refused`` with each reading that it refused; the others are
    stored.
    """
    if wrong := [value for _, _, value in readings if not math.isfinite(value)]:
        raise InputError([Problem("result", "exchange_reading_refused", str(v)) for v in wrong])
    payload = json.dumps([
        {"device_id": row.device_id, "metric": row.metric, "value": value,
         "ts_utc": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
        for row, at, value in readings
    ])  # fmt: skip
    _publish(address_of(_on_duty()["broker"]), payload)
    refused = [
        Problem("result", "exchange_reading_refused", f"{at.isoformat()} {value}")
        for row, at, value in readings
        if stored(row, at) != value
    ]
    if refused:
        raise InputError(refused)


def stored(row: Datastream, at: datetime) -> float | None:
    """The value that the store has for an instant: for whoever has just sent it."""
    held = devices.reader()
    if held is None:
        return None
    end = at + timedelta(microseconds=1)
    found = held.scan(row.metric, at, end, [row.device_id]).select("value").collect()
    return float(found["value"][0]) if found.height else None


def _on_duty() -> dict[str, Any]:
    """What the intake says of itself, once it goes by the present registry."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            said = json.loads((devices.folder() / DUTY).read_text(encoding="utf-8"))
        except OSError:
            break
        if said["registry"] == devices.state():
            return dict(said)
        time.sleep(LOOK_SECONDS / 5)
    raise Conflict(Problem("intake", "exchange_no_intake"))


def _publish(address: SplitResult, payload: str) -> None:
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    answer, ready, answered = f"{ANSWERS}/{uuid.uuid4().hex}", threading.Event(), threading.Event()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    identify(client, address)
    client.on_connect = lambda *_: client.subscribe(answer, 1)
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = lambda *_: answered.set()
    wishes = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    wishes.ResponseTopic = answer
    wishes.MessageExpiryInterval = int(PATIENCE_SECONDS)  # what we gave up comes to nobody later
    try:
        client.connect(address.hostname or "", address.port or PORT)
        client.loop_start()
        if ready.wait(PATIENCE_SECONDS):
            client.publish(OURS, payload, qos=1, properties=wishes)
            answered.wait(PATIENCE_SECONDS)
    except OSError:
        pass
    finally:
        client.disconnect()
        client.loop_stop()
    if not answered.is_set():
        raise Conflict(Problem("intake", "exchange_no_intake"))
