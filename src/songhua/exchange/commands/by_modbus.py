"""Orders over Modbus TCP: written to holding registers and read back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from songhua.exchange.commands.addresses import no_answer, part
from songhua.exchange.commands.orders import Acknowledgement
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.exchange.commands.orders import Order

PORT = 502
KINDS = ("int16", "uint16", "int32", "uint32", "float32")


def deliver(order: Order, address: Mapping[str, Any], timeout_s: float) -> Acknowledgement:
    """Write ``value · scale`` to the `register` of `unit` at `host`:`port` as a `kind` of number,
    and read it back: the device has it where the same stands there.

    Raises `Conflict` ``order_no_answer``, `InputError` ``order_address``.
    """
    from pymodbus.client import ModbusTcpClient
    from pymodbus.exceptions import ModbusException

    full = {"port": PORT, "unit": 1, "kind": "uint16", "scale": 1.0, **address}
    host, register = part(full, "host", str), part(full, "register", int)
    unit, kind, scale = part(full, "unit", int), part(full, "kind", str), part(full, "scale", float)
    if kind not in KINDS:
        raise InputError(Problem("kind", "order_address", kind))
    client: Any = ModbusTcpClient(host, port=part(full, "port", int), timeout=timeout_s, retries=0)
    registers = _registers(client, order.value * scale, kind)
    if registers is None:
        return _said(order, f"{order.value:g} × {scale:g}: {kind}")
    try:
        if not client.connect():
            raise no_answer(order, f"{host} TCP")
        written = client.write_registers(register, registers, device_id=unit)
        if written.isError():
            return _said(order, f"Modbus exception {getattr(written, 'exception_code', written)}")
        held = client.read_holding_registers(register, count=len(registers), device_id=unit)
        if held.isError():
            raise no_answer(order, "read back")
        same = list(held.registers) == registers
        return _said(order, "" if same else f"register {register}: {held.registers}")
    except (ModbusException, OSError) as error:
        raise no_answer(order, error) from error
    finally:
        client.close()


def _registers(client: Any, value: float, kind: str) -> list[int] | None:
    """The number as registers; None where it does not fit."""
    import struct

    number = value if kind.startswith("float") else round(value)
    try:
        made = client.convert_to_registers(number, client.DATATYPE[kind.upper()])
    except (struct.error, OverflowError):
        return None
    return [int(each) for each in made]


def _said(order: Order, reason: str) -> Acknowledgement:
    return Acknowledgement(order.uid, not reason, reason, datetime.now(UTC))
