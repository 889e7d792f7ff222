"""Orders over MQTT 5: published to the device's topic, answered on a topic of their own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from songhua.exchange.commands.addresses import connect, no_answer, part
from songhua.exchange.commands.orders import Acknowledgement
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.exchange.commands.orders import Order

ORDERS = "songhua-commands"
"""Orders for a device of a plant are published to this, the plant's name and the device's id, with
strokes between. It lies outside the topics of readings, so that no intake takes them for such."""
ANSWERS = "songhua-acknowledgements"


def deliver(order: Order, address: Mapping[str, Any], timeout_s: float) -> Acknowledgement:
    """Publish `order` for a device of ``address["plant"]`` at ``address["broker"]`` and wait for
    its acknowledgement.

    The broker keeps the message for a device that is away until the order has expired. Raises
    `Conflict` ``order_no_answer``, `InputError` ``order_address``.
    """
    import paho.mqtt.client as mqtt
    from paho.mqtt.enums import CallbackAPIVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    broker, answers = part(address, "broker", str), f"{ANSWERS}/{order.uid}"
    topic = f"{ORDERS}/{part(address, 'plant', str)}/{order.device_id}"
    ready, answered = threading.Event(), threading.Event()
    found: list[Acknowledgement] = []

    def subscribe(client: mqtt.Client, *_: object) -> None:
        client.subscribe(answers, 1)

    def hear(_client: object, _data: object, message: mqtt.MQTTMessage) -> None:
        try:
            given = Acknowledgement.decoded(bytes(message.payload))
        except InputError:
            return
        if given.uid == order.uid:
            found.append(given)
            answered.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.on_connect = subscribe
    client.on_subscribe = lambda *_: ready.set()
    client.on_message = hear
    wishes = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    wishes.ResponseTopic = answers
    left = (order.expires_at - order.issued_at).total_seconds()
    wishes.MessageExpiryInterval = max(1, int(left))
    try:
        connect(client, broker)
        client.loop_start()
        if not ready.wait(timeout_s):
            raise no_answer(order, "broker")
        client.publish(topic, order.encoded(), 1, properties=wishes)
        if not answered.wait(timeout_s):
            raise no_answer(order, f"{timeout_s:g} s")
        return found[0]
    except OSError as error:
        raise no_answer(order, error) from error
    finally:
        client.disconnect()
        client.loop_stop()
