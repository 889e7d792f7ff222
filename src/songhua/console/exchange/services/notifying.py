"""Notices to programs by MQTT: a short message at our own broker, on a topic of the subscription's
own that nobody guesses, received by the broker when `publish` returns."""

from __future__ import annotations

import threading
import uuid
from typing import TYPE_CHECKING

from django.conf import settings

from songhua.console.exchange.services.intake_mqtt import PORT, address_of, identify
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    import paho.mqtt.client as mqtt

SECONDS = 5.0
TOPICS = "songhua-notices"


def topic() -> str:
    """A topic for a new subscription."""
    if not settings.BROKER:
        raise InputError(Problem("url", "exchange_no_broker"))
    return f"{TOPICS}/{uuid.uuid4().hex}"


def publish(to: str, body: bytes) -> None:
    """Have the broker keep `body` for whoever listens to the topic `to`. Raises `OSError` where it
    does not take it in time, `InputError` where no broker is set."""
    import paho.mqtt.client as paho
    from paho.mqtt.enums import CallbackAPIVersion

    if not settings.BROKER:
        raise InputError(Problem("url", "exchange_no_broker"))
    address, taken = address_of(settings.BROKER), threading.Event()

    def connected(client: mqtt.Client, *_: object) -> None:
        client.publish(to, body, qos=1)

    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect_timeout = SECONDS
    identify(client, address)
    client.on_connect = connected
    client.on_publish = lambda *_: taken.set()
    client.connect(address.hostname or "", address.port or PORT)
    client.loop_start()
    try:
        if not taken.wait(SECONDS):
            raise TimeoutError(f"the broker did not take it within {SECONDS:g} s")
    finally:
        client.disconnect()
        client.loop_stop()
