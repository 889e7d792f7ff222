"""One way for each protocol, chosen by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from songhua.exchange.commands import by_modbus, by_mqtt, by_opcua
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.exchange.commands.orders import Acknowledgement, Order

WAYS = {"mqtt": by_mqtt.deliver, "modbus": by_modbus.deliver, "opcua": by_opcua.deliver}


def deliver(
    order: Order, protocol: str, address: Mapping[str, Any], timeout_s: float
) -> Acknowledgement:
    """Bring `order` to its device and return what that says.

    Raises `Conflict` ``order_no_answer`` where it may be sent again, `InputError`
    ``order_protocol`` and ``order_address`` where that is of no use.
    """
    if protocol not in WAYS:
        raise InputError(Problem("protocol", "order_protocol", protocol))
    return WAYS[protocol](order, address, timeout_s)
