"""CJ/T 188 frames: what stands between the wire and the figures.

A frame is 68H, the meter's kind, seven bytes of address (low byte first, BCD), a control code, the
length of its data, the data, a checksum and 16H; any number of FEH may wake the meter before it.
The checksum is the sum of all from 68H to the last of the data, without carry.
Source: CJ/T 188 户用计量仪表数据传输技术条件, frame format.
"""

from __future__ import annotations

from dataclasses import dataclass

from songhua.kit.errors import InputError, Problem, require

WAKE, BEGIN, END = 0xFE, 0x68, 0x16
EVERYONE = "A" * 14  # any meter on the line answers
_HEAD = 11  # bytes before the data
_LONGEST = 255


@dataclass(frozen=True)
class Frame:
    """A frame's contents. `kind`: 10H cold water, 20H heat, 21H cold, 30H gas; `address`: fourteen
    digits as printed on the meter, highest first."""

    kind: int
    address: str
    control: int
    data: bytes = b""

    def __post_init__(self) -> None:
        problems = [
            Problem(name, "meter_byte", f"{value}")
            for name, value in (("kind", self.kind), ("control", self.control))
            if not 0 <= value <= 0xFF
        ]
        if self.address != EVERYONE and not _digits(self.address, 14):
            problems.append(Problem("address", "meter_address", self.address))
        if len(self.data) > _LONGEST:
            problems.append(Problem("data", "meter_too_long", f"{len(self.data)}"))
        if problems:
            raise InputError(problems)


def encode(frame: Frame) -> bytes:
    """The bytes of a frame, without waking bytes.

    >>> encode(Frame(0x20, "00000040314132", 0x01, bytes.fromhex("901F01"))).hex(" ")
    '68 20 32 41 31 40 00 00 00 01 03 90 1f 01 20 16'
    """
    address = bytes.fromhex(frame.address)[::-1]
    body = bytes([BEGIN, frame.kind, *address, frame.control, len(frame.data)]) + frame.data
    return body + bytes([checksum(body), END])


def decode(wire: bytes) -> Frame:
    """The frame in `wire`, which holds it and nothing else but waking bytes before it.

    Raises `InputError` that names what is wrong: beginning, length, checksum, end or address.
    """
    body = wire.lstrip(bytes([WAKE]))
    require(body[:1] == bytes([BEGIN]), "frame", "meter_begin", body[:1].hex().upper())
    require(len(body) >= _HEAD + 2, "frame", "meter_cut", len(body))
    end = _HEAD + body[10]
    require(len(body) == end + 2, "frame", "meter_length", f"{len(body) - _HEAD - 2} ≠ {body[10]}")
    require(body[-1] == END, "frame", "meter_end", f"{body[-1]:02X}")
    right = checksum(body[:end])
    require(body[end] == right, "frame", "meter_checksum", f"{body[end]:02X} ≠ {right:02X}")
    return Frame(body[1], body[8:1:-1].hex().upper(), body[9], body[_HEAD:end])


def checksum(body: bytes) -> int:
    """The sum of all bytes, without carry."""
    return sum(body) % 256


def _digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()
