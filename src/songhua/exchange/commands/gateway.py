"""A plant on MQTT: its readings are sent until they are stored, its orders are answered.

Readings wait here until the receipt of their message has come and are sent again without one, so
neither broker nor intake loses any by dying; the store keeps each once. The session outlives the
connection: orders wait at the broker until they expire.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from songhua.exchange.commands.addresses import connect
from songhua.exchange.commands.by_mqtt import ANSWERS, ORDERS
from songhua.exchange.commands.executing import Executor
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import paho.mqtt.client as mqtt

    from songhua.exchange.commands.orders import Order

READINGS = "songhua/plant"
RECEIPTS = "songhua-receipts"
AGAIN_S = 5.0
SESSION_S = 24 * 3600
LARGEST = 2000
"""Readings of a message."""


class Gateway:
    """Speaks for the plant `name` at `broker`; `act` carries out an order (see `Executor`)."""

    def __init__(self, broker: str, name: str, act: Callable[[Order], str]) -> None:
        import paho.mqtt.client as mqtt
        from paho.mqtt.enums import CallbackAPIVersion
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        self._name, self._executor = name, Executor(act)
        self._waiting: dict[bytes, tuple[float, bytes]] = {}
        self._lock = threading.Lock()
        self._receipts = f"{RECEIPTS}/{name}-{uuid.uuid4().hex}"
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, f"songhua-plant-{name}",
                                   protocol=mqtt.MQTTv5)  # fmt: skip
        self._client.reconnect_delay_set(1, 2)
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        wishes = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        wishes.SessionExpiryInterval = SESSION_S
        connect(self._client, broker, clean_start=False, properties=wishes)
        self._client.loop_start()

    @property
    def waiting(self) -> int:
        """Messages of readings without a receipt."""
        return len(self._waiting)

    def send(self, readings: Sequence[dict[str, Any]]) -> None:
        """Send readings (see `telemetry.decoding`), and again what has no receipt yet."""
        for first in range(0, len(readings), LARGEST):
            payload = json.dumps(readings[first : first + LARGEST]).encode()
            self._publish(uuid.uuid4().bytes, payload)
        self.repeat()

    def repeat(self) -> None:
        """Send again what has had no receipt for `AGAIN_S`."""
        late = time.monotonic() - AGAIN_S
        with self._lock:
            old = [(key, held[1]) for key, held in self._waiting.items() if held[0] < late]
        for key, payload in old:
            self._publish(key, payload)

    def settle(self, limit_s: float) -> bool:
        """Wait until everything has its receipt; False where that took longer."""
        end = time.monotonic() + limit_s
        while self._waiting and time.monotonic() < end:
            time.sleep(0.05)
            self.repeat()
        return not self._waiting

    def close(self) -> None:
        """Leave the broker; what has no receipt is not sent again."""
        self._client.disconnect()
        self._client.loop_stop()

    def _publish(self, key: bytes, payload: bytes) -> None:
        from paho.mqtt.packettypes import PacketTypes
        from paho.mqtt.properties import Properties

        with self._lock:
            self._waiting[key] = time.monotonic(), payload
        asked = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        asked.ResponseTopic, asked.CorrelationData = self._receipts, key
        self._client.publish(f"{READINGS}/{self._name}", payload, 1, properties=asked)

    def _connected(self, client: mqtt.Client, *_: object) -> None:
        client.subscribe([(self._receipts, 1), (f"{ORDERS}/{self._name}/#", 1)])

    def _heard(self, client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        if message.topic == self._receipts:
            with self._lock:
                self._waiting.pop(getattr(message.properties, "CorrelationData", b""), None)
            return
        try:
            given = self._executor.answer(bytes(message.payload), datetime.now(UTC))
            client.publish(f"{ANSWERS}/{given.uid}", given.encoded(), 1)
        except (InputError, ValueError):  # or an uid that makes no topic
            return  # whoever sent it gets no answer, and says so
