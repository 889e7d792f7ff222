"""The parts of an address of a control channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    import paho.mqtt.client as mqtt

    from songhua.exchange.commands.orders import Order


def part(address: Mapping[str, Any], name: str, kind: type) -> Any:
    """`address[name]` as a `kind`. Raises `InputError` ``order_address``."""
    try:
        return kind(address[name])
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(Problem(name, "order_address", str(address.get(name, "")))) from error


def no_answer(order: Order, why: object) -> Conflict:
    """The device was silent, or could not be reached."""
    return Conflict(Problem(order.device_id, "order_no_answer", str(why)[:120]))


def connect(client: mqtt.Client, broker: str, **more: Any) -> None:
    """Connect to ``mqtt://[USER:PASSWORD@]HOST[:PORT]``. Raises `OSError`, and `InputError`
    ``order_address`` without the password."""
    try:
        address = urlsplit(broker)
        if address.scheme != "mqtt" or not address.hostname:
            raise ValueError(broker)
        port = address.port or 1883
    except ValueError:
        raise InputError(Problem("broker", "order_address", broker.rpartition("@")[2])) from None
    if address.username:
        client.username_pw_set(unquote(address.username), unquote(address.password or ""))
    client.connect(address.hostname, port, **more)
