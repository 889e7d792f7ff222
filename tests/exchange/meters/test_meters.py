"""CJ/T 188: what is sent is what is read; what was changed on the way is noticed and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.exchange.meters.frames import EVERYONE, Frame, decode, encode
from songhua.exchange.meters.heat import HeatReading, Measured, answer, question, read_heat
from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue

addresses = st.one_of(st.text("0123456789", min_size=14, max_size=14), st.just(EVERYONE))
frames = st.builds(Frame, st.integers(0, 255), addresses, st.integers(0, 255),
                   st.binary(max_size=255))  # fmt: skip


def figures(units, digits, places):
    numbers = st.integers(0, 10**digits - 1).map(lambda n: Decimal(n).scaleb(-places))
    known = numbers if units is None else st.builds(Measured, numbers, st.sampled_from(units))
    return st.none() | known


instants = st.integers(-60_000_000_000, 250_000_000_000).map(
    lambda s: datetime.fromtimestamp(s, UTC)
)
HEAT_UNITS = ("J", "Wh", "kWh", "MWh", "100 MWh", "kJ", "MJ", "GJ", "100 GJ")
readings = st.builds(
    HeatReading,
    serial=st.integers(0, 255),
    settled_heat=figures(HEAT_UNITS, 8, 2), heat=figures(HEAT_UNITS, 8, 2),
    power=figures(("W", "kW", "MW"), 8, 2), flow=figures(("L/h", "m3/h"), 8, 4),
    volume=figures(("L", "m3"), 8, 2), supply_c=figures(None, 6, 2), return_c=figures(None, 6, 2),
    hours=figures(None, 6, 0),
    clock=st.none() | instants,
    status=st.binary(min_size=2, max_size=2),
)  # fmt: skip


@given(frame=frames, waking=st.integers(0, 6))
def test_a_frame_comes_back_as_it_was_sent(frame, waking):
    assert decode(b"\xfe" * waking + encode(frame)) == frame


@given(address=st.text("0123456789", min_size=14, max_size=14), reading=readings)
def test_a_reading_comes_back_as_it_was_sent(address, reading):
    found = read_heat(decode(encode(answer(address, reading))))
    names = [problem.where for problem in found.unknown]
    assert sorted(names) == sorted(n for n, v in vars(reading).items() if v is None)
    assert replace(found, unknown=()) == reading


@given(frame=frames, place=st.integers(0), flip=st.integers(1, 255))
def test_one_changed_byte_is_never_taken_for_the_frame(frame, place, flip):
    wire = bytearray(encode(frame))
    wire[place % len(wire)] ^= flip
    with pytest.raises(InputError) as caught:
        decode(bytes(wire))
    assert all(problem.code in catalogue() for problem in caught.value.problems)


@given(wire=st.binary(max_size=80))
def test_noise_is_refused_by_name_or_is_a_frame(wire):
    try:
        frame = decode(wire)
    except InputError:
        return
    assert encode(frame) == wire.lstrip(b"\xfe")


@given(data=st.binary(min_size=46, max_size=46))
def test_any_figures_give_a_reading_that_says_what_it_does_not_know(data):
    body = bytes.fromhex("1F90") + data[2:]
    found = read_heat(Frame(0x20, "0" * 14, 0x81, body))
    missing = {name for name, value in vars(found).items() if value is None}
    assert missing == {problem.where for problem in found.unknown}


WATER = "FEFE 68 10 44 33 22 11 00 33 78 81 16 1F 90 00 00 77 66 55 2C 00 77 66 55 2C \
31 01 22 11 05 15 20 21 84"


def test_a_known_frame_of_a_water_meter():
    body = bytes.fromhex(WATER)
    frame = decode(body + bytes([sum(body[2:]) % 256, 0x16]))
    assert (frame.kind, frame.address, frame.control) == (0x10, "78330011223344", 0x81)
    assert len(frame.data) == 0x16


def test_a_known_answer_of_a_heat_meter():
    data = bytes.fromhex(
        "901F01 80020000 05 80020000 08 17000000 17 35000000 35 34100000 2C 352500 662500 000000"
        "53001210071520 0400"
    )
    found = read_heat(Frame(0x20, "00000040314132", 0x81, data))
    assert found.heat == Measured(Decimal("2.80"), "MWh")
    assert found.heat.in_si() == Fraction(28, 10) * 3_600_000_000
    assert found.flow == Measured(Decimal("0.0035"), "m3/h")
    assert (found.supply_c, found.return_c) == (Decimal("25.35"), Decimal("25.66"))
    assert found.clock == datetime(2015, 7, 10, 4, 0, 53, tzinfo=UTC)
    assert found.battery_low
    assert not found.unknown


def test_a_question_is_the_known_one():
    sent = encode(question("78330011223344", kind=0x10))
    assert sent.hex(" ").upper() == "68 10 44 33 22 11 00 33 78 01 03 1F 90 00 80 16"


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        ("", "meter_begin"),
        ("FEFE69", "meter_begin"),
        ("68 20 32", "meter_cut"),
        ("68 20 32 41 31 40 00 00 00 01 04 90 1F 01 20 16", "meter_length"),
        ("68 20 32 41 31 40 00 00 00 01 03 90 1F 01 21 16", "meter_checksum"),
        ("68 20 32 41 31 40 00 00 00 01 03 90 1F 01 20 17", "meter_end"),
        ("68 20 3F 41 31 40 00 00 00 01 03 90 1F 01 2D 16", "meter_address"),
    ],
)
def test_what_is_wrong_with_a_frame_has_its_name(wire, code):
    with pytest.raises(InputError, match=code):
        decode(bytes.fromhex(wire))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kind": 0x10}, "meter_kind"),
        ({"control": 0xC1}, "meter_failed"),
        ({"control": 0x01}, "meter_control"),
        ({"data": b"\x1f\x90\x00"}, "meter_data_length"),
        ({"data": bytes(46)}, "meter_identifier"),
    ],
)
def test_what_is_no_reading_is_refused_by_name(change, code):
    right = Frame(0x20, "0" * 14, 0x81, bytes.fromhex("1F90") + bytes(44))
    with pytest.raises(InputError, match=code):
        read_heat(replace(right, **change))


def test_figures_that_do_not_fit_are_named_together():
    given_ = HeatReading(0, None, Measured(Decimal(1), "kW"), None, None, None, Decimal("-1"),
                         Decimal("0.001"), Decimal(1_000_000), None, b"\0\0")  # fmt: skip
    with pytest.raises(InputError) as caught:
        answer("0" * 14, given_)
    assert [p.where for p in caught.value.problems] == ["heat", "supply_c", "return_c", "hours"]
