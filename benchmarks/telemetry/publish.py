"""``publish.py <port> <case as JSON>``: a gateway that sends the readings of a case, then ends.

Writing the JSON is part of its work. Prints a line when it begins.
"""

from __future__ import annotations

import json
import sys
import time

import orjson
import paho.mqtt.client as mqtt
from draw import messages

IN_FLIGHT = 2000


def main(port: int, case: dict) -> None:
    """Send every message with QoS 1 and wait until the broker has them all."""
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.max_inflight_messages_set(IN_FLIGHT)
    drawn = messages(case)
    client.connect("127.0.0.1", port)
    client.loop_start()
    while not client.is_connected():
        time.sleep(0.01)
    sys.stdout.write(f"{time.time()}\n")
    sys.stdout.flush()
    sent = [client.publish("readings/bench", orjson.dumps(readings), 1) for readings in drawn]
    for message in sent:
        message.wait_for_publish()
    client.disconnect()


main(int(sys.argv[1]), json.loads(sys.argv[2]))
