"""Against real servers of this machine: MQTT, Modbus TCP, OPC UA. Silence is told from refusal."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from songhua.exchange.commands.delivery import deliver
from songhua.exchange.commands.gateway import Gateway
from songhua.exchange.commands.orders import Order
from songhua.exchange.telemetry.broker import Broker, program
from songhua.kit.errors import Conflict, InputError

PATIENCE_S = 10.0
needs_broker = pytest.mark.skipif(
    program() is None, reason="mosquitto is not on this machine: MQTT is not tried"
)


def an_order(value: float = 48.5, uid: str = "u1", device: str = "S001") -> Order:
    now = datetime.now(UTC)
    return Order(uid, device, "secondary_supply_c", value, now, now + timedelta(minutes=5))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def refusal(kind, *given, **more):
    with pytest.raises(kind) as caught:
        deliver(*given, **more)
    return caught.value.problems[0].code


@contextmanager
def running(starting):
    """Run the coroutine `starting(ready, stop)` in a thread of its own, until the block ends."""
    ready, loop, stop = threading.Event(), asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=(starting(ready, stop),), daemon=True
    )
    thread.start()
    assert ready.wait(20)
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()


@pytest.fixture
def registers():
    """A Modbus server with ten holding registers from 100 on; its port."""
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    port = free_port()

    async def serving(ready, stop):
        held = SimDevice(1, simdata=[SimData(100, values=[0] * 10, datatype=DataType.REGISTERS)])
        server = ModbusTcpServer(held, address=("127.0.0.1", port))
        await server.serve_forever(background=True)
        ready.set()
        await stop.wait()
        await server.shutdown()

    with running(serving):
        yield port


def modbus(port, **more):
    return {"host": "127.0.0.1", "port": port, "register": 100, **more}


@pytest.mark.parametrize(
    ("value", "more"),
    [(48.5, {"scale": 10}), (-12.34, {"kind": "int16", "scale": 100}), (48.5, {"kind": "float32"}),
     (-100_000, {"kind": "int32"}), (65535, {})],
)  # fmt: skip
def test_a_modbus_register_holds_what_was_ordered(registers, value, more):
    from pymodbus.client import ModbusTcpClient

    answer = deliver(an_order(value), "modbus", modbus(registers, **more), PATIENCE_S)
    assert (answer.uid, answer.accepted, answer.reason) == ("u1", True, "")
    client = ModbusTcpClient("127.0.0.1", port=registers)
    client.connect()
    kind = client.DATATYPE[more.get("kind", "uint16").upper()]
    held = client.read_holding_registers(100, count=kind.value[1]).registers
    client.close()
    wanted = pytest.approx(value * more.get("scale", 1), rel=1e-6)
    assert client.convert_from_registers(held, kind) == wanted


def test_a_value_that_does_not_fit_the_register_is_refused_and_nothing_sent(registers):
    for value, more in ((70_000, {}), (-1, {}), (400, {"kind": "int16", "scale": 100})):
        answer = deliver(an_order(value), "modbus", modbus(registers, **more), PATIENCE_S)
        assert not answer.accepted and answer.reason


def test_a_register_that_the_device_does_not_have_is_refused_by_it(registers):
    answer = deliver(an_order(), "modbus", modbus(registers, register=900), PATIENCE_S)
    assert not answer.accepted and "exception" in answer.reason


@pytest.fixture
def variables():
    """An OPC UA server with writable variables of three types and one that cannot be written."""
    from asyncua import Server, ua

    port = free_port()
    made = {"url": f"opc.tcp://127.0.0.1:{port}/plant"}

    async def serving(ready, stop):
        server = Server()
        await server.init()
        server.set_endpoint(made["url"])
        for name, kind in (("double", "Double"), ("float", "Float"), ("whole", "Int32")):
            place = ua.NodeId(name, 2)
            variable = await server.nodes.objects.add_variable(
                place, f"2:{name}", 0, getattr(ua.VariantType, kind)
            )
            await variable.set_writable()
        await server.nodes.objects.add_variable(ua.NodeId("fixed", 2), "2:fixed", 1.0)
        async with server:
            ready.set()
            await stop.wait()

    with running(serving):
        yield made["url"]


def test_an_opcua_variable_holds_what_was_ordered_in_its_own_type(variables):
    for name, value in (("double", 48.123456789), ("float", 48.1), ("whole", 61.0)):
        address = {"url": variables, "node": f"ns=2;s={name}"}
        assert deliver(an_order(value), "opcua", address, PATIENCE_S).accepted
    for node, reason in (("fixed", "BadUserAccessDenied"), ("none", "BadNodeIdUnknown")):
        address = {"url": variables, "node": f"ns=2;s={node}"}
        answer = deliver(an_order(), "opcua", address, PATIENCE_S)
        assert not answer.accepted and reason in answer.reason


def test_nobody_there_is_silence(tmp_path):
    port = free_port()
    for protocol, address in (
        ("modbus", modbus(port)),
        ("opcua", {"url": f"opc.tcp://127.0.0.1:{port}/x", "node": "i=1"}),
        ("mqtt", {"broker": f"mqtt://127.0.0.1:{port}", "plant": "p"}),
    ):
        assert refusal(Conflict, an_order(), protocol, address, 1) == "order_no_answer"


@pytest.mark.parametrize(
    ("protocol", "address", "code"),
    [("modbus", {"register": 1}, "order_address"),
     ("modbus", {"host": "x", "register": "a"}, "order_address"),
     ("modbus", {"host": "x", "register": 1, "kind": "bits"}, "order_address"),
     ("opcua", {"url": "opc.tcp://x"}, "order_address"),
     ("mqtt", {}, "order_address"), ("mqtt", {"broker": "http://me:secret@x", "plant": "p"},
                                     "order_address"),
     ("telnet", {}, "order_protocol")],
)  # fmt: skip
def test_an_address_that_says_too_little_is_the_registrar_s_to_mend(protocol, address, code):
    assert refusal(InputError, an_order(), protocol, address, 1) == code


@pytest.fixture
def broker(tmp_path):
    with Broker(tmp_path / "broker") as made:
        yield made


def at(broker):
    return f"mqtt://127.0.0.1:{broker.port}"


@needs_broker
def test_over_mqtt_a_plant_answers_once_for_each_order(broker):
    done = []
    plant = Gateway(at(broker), "north", lambda order: done.append(order.value) or "")
    stranger = Gateway(at(broker), "south", lambda _: "not mine")
    address = {"broker": at(broker), "plant": "north"}
    try:
        for _ in range(3):
            assert deliver(an_order(), "mqtt", address, PATIENCE_S).accepted
        assert deliver(an_order(50, "u2"), "mqtt", address, PATIENCE_S).uid == "u2"
    finally:
        plant.close()
        stranger.close()
    assert done == [48.5, 50]


@needs_broker
def test_a_plant_that_is_away_carries_out_what_it_missed_and_nothing_expired(broker):
    done = []

    def act(order):
        done.append(order.uid)
        return ""

    Gateway(at(broker), "north", act).close()  # its session begins
    address = {"broker": at(broker), "plant": "north"}
    order = an_order()
    expired = replace(an_order(uid="u2"), expires_at=order.issued_at + timedelta(seconds=1))
    for one in (order, expired):
        assert refusal(Conflict, one, "mqtt", address, 0.5) == "order_no_answer"
    time.sleep(1)
    plant = Gateway(at(broker), "north", act)
    try:
        assert deliver(order, "mqtt", address, PATIENCE_S).accepted
    finally:
        plant.close()
    assert done == ["u1"]
