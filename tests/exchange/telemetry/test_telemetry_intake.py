"""Over a real Mosquitto: acknowledged after the commit, exactly once through every kill."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from songhua.exchange.telemetry.broker import Broker, program
from songhua.exchange.telemetry.intake import MqttIntake
from songhua.exchange.telemetry.reading import TelemetryReader

pytestmark = pytest.mark.skipif(
    program() is None, reason="mosquitto is not on this machine: MQTT is not tried"
)
HERE = Path(__file__).parent


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path / "broker") as running:
        yield running


class Gateway:
    """A publisher that asks for receipts, and sends again what has none after a second or two."""

    def __init__(self, port):
        self.unconfirmed, self.sent = {}, 0
        self.client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        self.client.reconnect_delay_set(1, 1)
        self.client.on_connect = lambda client, *_: client.subscribe("receipts/x", 1)
        self.client.on_message = lambda _c, _u, m: self._confirm(m.properties.CorrelationData)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()

    def send(self, payload, receipts="receipts/x"):
        self.sent += 1
        key = str(self.sent).encode()
        self.unconfirmed[key] = payload
        self._publish(key, payload, receipts)

    def settle(self, again_s=2, limit_s=60):
        """Send what is unconfirmed again and again, until all is confirmed."""
        deadline = again = time.monotonic()
        while self.unconfirmed and time.monotonic() < deadline + limit_s:
            time.sleep(0.05)
            if time.monotonic() > again + again_s:
                again = time.monotonic()
                for key, payload in list(self.unconfirmed.items()):
                    self._publish(key, payload)
        assert not self.unconfirmed

    def close(self):
        self.client.disconnect()
        self.client.loop_stop()

    def _publish(self, key, payload, receipts="receipts/x"):
        asked = Properties(PacketTypes.PUBLISH)
        asked.ResponseTopic, asked.CorrelationData = receipts, key
        self.client.publish("readings/x", payload, 1, properties=asked)

    def _confirm(self, key):
        self.unconfirmed.pop(key, None)


@pytest.fixture
def gateway(broker):
    sending = Gateway(broker.port)
    yield sending
    sending.close()


@pytest.fixture
def listen(broker):
    """Starts an intake in a process of its own."""
    started = []

    def listening(folder):
        command = [sys.executable, str(HERE / "listener.py"), str(folder), str(broker.port)]
        started.append(subprocess.Popen(command))
        return started[-1]

    yield listening
    for process in started:
        process.kill()
        process.wait()


def _intake(store, broker, **settings):
    settings = {"delay": timedelta(seconds=0.05)} | settings
    return MqttIntake(store, "127.0.0.1", broker.port, ["readings/#"], **settings)


def _run_until(intake, holds):
    """Run until something `holds` of the intake, 20 s at most; its figures then."""
    held = []

    def watch():
        deadline = time.monotonic() + 20
        while not holds(intake) and time.monotonic() < deadline:
            time.sleep(0.01)
        held.append(holds(intake))
        intake.stop()

    watching = threading.Thread(target=watch)
    watching.start()
    intake.run()
    watching.join()
    assert held == [True], intake.stats
    return intake.stats


def _reading(device="甲", hours=1.0, value=1.0, now=None):
    at = (now - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"device_id": device, "metric": "supply_c", "ts_utc": at, "value": value}


def test_arrays_and_single_readings_are_stored_and_counted(town, broker, gateway):
    with town.open() as store:
        _run_until(_intake(store, broker), lambda intake: intake.listening)  # the session begins
        gateway.send(json.dumps([_reading(hours=h / 10, now=town.now) for h in range(20)]))
        gateway.send(json.dumps(_reading("乙", 30, now=town.now)))
        gateway.send(json.dumps([_reading(hours=0, now=town.now), _reading("丁", now=town.now)]))
        stats = _run_until(_intake(store, broker), lambda intake: intake.stats.messages == 3)
    assert (stats.received, stats.stored, stats.duplicates) == (23, 21, 1)
    assert stats.rejected == {"reading_device_unknown": 1}
    assert stats.late == 10  # nine of the first array, and the one of yesterday
    assert len(town.stored()) == 21


def test_a_message_that_cannot_be_read_is_counted_and_never_comes_again(town, broker, gateway):
    payloads = [b"", b"{", b"\xff", b"[[[", b"12", b'[{"value": NaN}, 7, null]']
    with town.open() as store:
        _run_until(_intake(store, broker), lambda intake: intake.listening)
        for payload in payloads:
            gateway.send(payload)
        stats = _run_until(_intake(store, broker), lambda intake: intake.stats.messages == 6)
        assert stats.rejected == {"reading_not_json": 5, "reading_malformed": 3}
        gateway.send(json.dumps(_reading(now=town.now)))
        stats = _run_until(_intake(store, broker), lambda intake: intake.stats.stored == 1)
        assert stats.messages == 1


def test_a_receipt_is_given_where_one_can_be(town, broker, gateway):
    with town.open() as store:
        _run_until(_intake(store, broker), lambda intake: intake.listening)
        gateway.send(json.dumps(_reading(now=town.now)))
        gateway.send(b"no reading at all")
        gateway.send(json.dumps(_reading(hours=2, now=town.now)), receipts="to/all/#")
        intake = _intake(store, broker)
        _run_until(intake, lambda _: (intake.stats.messages, len(gateway.unconfirmed)) == (3, 1))
    assert len(town.stored()) == 2


def test_nothing_is_acknowledged_before_it_is_stored(town, broker, gateway, monkeypatch):
    with town.open() as store:
        _run_until(_intake(store, broker), lambda intake: intake.listening)
        for hours in range(30):
            gateway.send(json.dumps(_reading(hours=hours, now=town.now)))
        with monkeypatch.context() as broken:
            full = OSError("no space left on device")
            broken.setattr(store.manifest, "publish", lambda *_: (_ for _ in ()).throw(full))
            with pytest.raises(OSError, match="no space"):
                _intake(store, broker).run()
        stats = _run_until(_intake(store, broker), lambda intake: intake.stats.messages == 30)
        assert stats.stored == 30


def test_a_clean_stop_stores_what_it_has_taken_in(town, broker, gateway):
    with town.open() as store:
        _run_until(_intake(store, broker), lambda intake: intake.listening)
        patient = _intake(store, broker, delay=timedelta(hours=1))
        gateway.send(json.dumps(_reading(now=town.now)))
        _run_until(patient, lambda intake: intake.waiting == 1)
        assert patient.stats.stored == len(town.stored()) == 1


@pytest.mark.slow
def test_exactly_once_through_kills_of_broker_and_intake(tmp_path, town, broker, gateway, listen):
    """20,000 readings in messages of 50, one in twenty sent twice, some of them days late; both are
    killed again and again at random moments. What a gateway has a receipt for is stored."""
    rng, folder, now = random.Random(3), tmp_path / "killed", town.now
    expected, messages = {}, []
    for number in range(400):
        hours = number / 60 + rng.choice([0, 0, 0, 0, 50, 200])
        rows = [_reading(f"D{n}", hours, float(number), now=now) for n in range(50)]
        expected |= {(row["device_id"], row["ts_utc"]): row["value"] for row in rows}
        messages += [json.dumps(rows)] * (1 + (rng.random() < 0.05))
    listener = listen(folder)
    places = rng.sample(range(40, len(messages)), 8)
    events = {place: rng.choice(["broker", "intake"]) for place in places}
    events |= {60: "broker", 100: "intake", 101: "broker"}
    for place, message in enumerate(messages):
        if events.get(place) == "broker":
            broker.kill()
            broker.start()
        elif events.get(place) == "intake":
            listener.kill()
            listener.wait()
            listener = listen(folder)
        gateway.send(message)
        time.sleep(0.01)
    gateway.settle()
    reader = TelemetryReader(folder)
    listener.terminate()
    assert listener.wait(30) == 0
    held = reader.scan("supply_c", now - timedelta(days=30), now + timedelta(days=1)).collect()
    found = held.select("device_id", held["ts_utc"].dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"), "value")
    assert held.height == len(expected)
    assert {row[:2]: row[2] for row in found.rows()} == expected
    assert reader.counts()["duplicates"] > 0
