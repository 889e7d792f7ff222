"""Orders over OPC UA: written to a variable and read back."""

from __future__ import annotations

import asyncio
import logging
import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from songhua.exchange.commands.addresses import no_answer, part
from songhua.exchange.commands.orders import Acknowledgement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.exchange.commands.orders import Order

CLOSE = 1e-6
"""How far the value read back may be off, of its size: a variable may be single precision."""


def deliver(order: Order, address: Mapping[str, Any], timeout_s: float) -> Acknowledgement:
    """Write the value to the variable `node` (``ns=2;s=…``) of the server at `url`
    (``opc.tcp://[USER:PASSWORD@]HOST:PORT/…``) in the variable's own type, and read it back.

    Raises `Conflict` ``order_no_answer``, `InputError` ``order_address``.
    """
    from asyncua.ua.uaerrors import UaError, UaStatusCodeError

    url, node = part(address, "url", str), part(address, "node", str)
    logging.getLogger("asyncua").setLevel(logging.ERROR)
    try:
        reason = asyncio.run(_write(url, node, order.value, timeout_s))
    except UaStatusCodeError as error:
        reason = type(error).__name__  # the server has understood, and says no
    except (OSError, TimeoutError, UaError) as error:
        raise no_answer(order, error or type(error).__name__) from error
    return Acknowledgement(order.uid, not reason, reason, datetime.now(UTC))


async def _write(url: str, node: str, value: float, timeout_s: float) -> str:
    from asyncua import ua
    from asyncua.client.client import Client

    async with asyncio.timeout(timeout_s), Client(url, timeout=timeout_s) as client:
        variable = client.get_node(node)
        kind = await variable.read_data_type_as_variant_type()
        whole = kind not in {ua.VariantType.Float, ua.VariantType.Double}
        await variable.write_value(ua.Variant(round(value) if whole else value, kind))
        held = float(await variable.read_value())
        wanted = round(value) if whole else value
        return (
            "" if math.isclose(held, wanted, rel_tol=CLOSE, abs_tol=CLOSE) else f"{node}: {held:g}"
        )
