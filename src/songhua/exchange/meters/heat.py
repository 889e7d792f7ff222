"""What a CJ/T 188 heat meter answers when it is read (identifier 901FH).

After identifier and serial come heat at settlement, heat, power, flow and volume (four bytes BCD,
low first, and a byte for the unit), supply and return temperature and hours (three bytes BCD), the
meter's clock (seven bytes) and two bytes of status. Figures are decimal: nothing is rounded. A
figure whose bytes are not digits is unknown, with the reason beside it.
Source: CJ/T 188 户用计量仪表数据传输技术条件, data of heat meters and table of units.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from songhua.exchange.meters.frames import Frame
from songhua.kit.errors import InputError, Problem, require

HEAT_METERS = (0x20, 0x21)
READ, ANSWERED, FAILED = 0x01, 0x81, 0xC1
_IDENTIFIER = bytes.fromhex("1F90")  # low byte first; some makers send it high first
_LENGTH = 46
_UNKNOWN = 0xFF
BEIJING = timezone(timedelta(hours=8))


class Unit(NamedTuple):
    """A unit of the standard: its name, what it measures, and how much of that one's SI unit."""

    name: str
    quantity: str
    si: Fraction


def _units() -> dict[int, Unit]:
    hour = 3600
    return {
        code: Unit(name, quantity, Fraction(si))
        for code, name, quantity, si in (
            (0x01, "J", "energy", 1),
            (0x02, "Wh", "energy", hour),
            (0x05, "kWh", "energy", 10**3 * hour),
            (0x08, "MWh", "energy", 10**6 * hour),
            (0x0A, "100 MWh", "energy", 10**8 * hour),
            (0x0B, "kJ", "energy", 10**3),
            (0x0E, "MJ", "energy", 10**6),
            (0x11, "GJ", "energy", 10**9),
            (0x13, "100 GJ", "energy", 10**11),
            (0x14, "W", "power", 1),
            (0x17, "kW", "power", 10**3),
            (0x1A, "MW", "power", 10**6),
            (0x29, "L", "volume", Fraction(1, 1000)),
            (0x2C, "m3", "volume", 1),
            (0x32, "L/h", "flow", Fraction(1, 1000 * hour)),
            (0x35, "m3/h", "flow", Fraction(1, hour)),
        )
    }


UNITS = _units()
_CODE = {unit.name: code for code, unit in UNITS.items()}
# Field, what it measures, decimal places.
_MEASURED = (("settled_heat", "energy", 2), ("heat", "energy", 2), ("power", "power", 2),
             ("flow", "flow", 4), ("volume", "volume", 2))  # fmt: skip
_PLAIN = (("supply_c", 2), ("return_c", 2), ("hours", 0))


@dataclass(frozen=True)
class Measured:
    """A figure in its unit.

    >>> Measured(Decimal("0.02"), "MWh").in_si()
    Fraction(72000000, 1)
    """

    value: Decimal
    unit: str

    def in_si(self) -> Fraction:
        """The figure in J, W, m³ or m³/s, exactly."""
        return Fraction(self.value) * UNITS[_CODE[self.unit]].si


@dataclass(frozen=True)
class HeatReading:
    """What a heat meter says; None where `unknown` says why. `clock` is the meter's own, an
    aware instant, read as Beijing time. `status`: two bytes; `battery_low` is one of its bits."""

    serial: int
    settled_heat: Measured | None
    heat: Measured | None
    power: Measured | None
    flow: Measured | None
    volume: Measured | None
    supply_c: Decimal | None
    return_c: Decimal | None
    hours: Decimal | None
    clock: datetime | None
    status: bytes
    unknown: tuple[Problem, ...] = ()

    @property
    def battery_low(self) -> bool:
        return bool(self.status[0] & 0x04)


def question(address: str, serial: int = 0, kind: int = 0x20) -> Frame:
    """The frame that asks a heat meter for its figures."""
    require(0 <= serial <= 0xFF, "serial", "meter_byte", serial)
    return Frame(kind, address, READ, _IDENTIFIER + bytes([serial]))


def read_heat(frame: Frame) -> HeatReading:
    """The reading in a meter's answer. Raises `InputError` for a frame that is no such answer."""
    where, data = frame.address, frame.data
    require(frame.kind in HEAT_METERS, where, "meter_kind", f"{frame.kind:02X}")
    require(frame.control != FAILED, where, "meter_failed", data.hex(" ").upper())
    require(frame.control == ANSWERED, where, "meter_control", f"{frame.control:02X}")
    require(len(data) == _LENGTH, where, "meter_data_length", len(data))
    named = data[:2] in (_IDENTIFIER, _IDENTIFIER[::-1])
    require(named, where, "meter_identifier", data[:2].hex().upper())
    found: dict[str, object] = {}
    unknown: list[Problem] = []
    at = 3
    for name, quantity, places in _MEASURED:
        number, unit = _number(data[at : at + 4], places), UNITS.get(data[at + 4])
        found[name] = None
        if number is None:
            unknown.append(Problem(name, "meter_no_figure", data[at : at + 4].hex().upper()))
        elif unit is None or unit.quantity != quantity:
            unknown.append(Problem(name, "meter_unit", f"{data[at + 4]:02X}"))
        else:
            found[name] = Measured(number, unit.name)
        at += 5
    for name, places in _PLAIN:
        found[name] = _number(data[at : at + 3], places)
        if found[name] is None:
            unknown.append(Problem(name, "meter_no_figure", data[at : at + 3].hex().upper()))
        at += 3
    found["clock"] = _clock(data[at : at + 7])
    if found["clock"] is None:
        unknown.append(Problem("clock", "meter_no_figure", data[at : at + 7].hex().upper()))
    return HeatReading(data[2], **found, status=data[at + 7 :], unknown=tuple(unknown))  # type: ignore[arg-type]


def answer(address: str, reading: HeatReading, kind: int = 0x20) -> Frame:
    """The frame in which a meter gives this reading; what is unknown is FFH throughout.

    Raises `InputError` with every figure that the standard's digits cannot hold.
    """
    problems: list[Problem] = []
    data = _IDENTIFIER + bytes([reading.serial])
    for name, quantity, places in _MEASURED:
        measured: Measured | None = getattr(reading, name)
        if measured is None:
            data += bytes([_UNKNOWN] * 5)
            continue
        code = _CODE.get(measured.unit)
        if code is None or UNITS[code].quantity != quantity:
            problems.append(Problem(name, "meter_unit", measured.unit))
            continue
        data += _bytes(name, measured.value, places, 4, problems) + bytes([code])
    for name, places in _PLAIN:
        data += _bytes(name, getattr(reading, name), places, 3, problems)
    if reading.clock is None:
        data += bytes([_UNKNOWN] * 7)
    else:
        shown = reading.clock.astimezone(BEIJING)
        data += bytes.fromhex(f"{shown.year:04d}{shown:%m%d%H%M%S}")[::-1]
    if len(reading.status) != 2:
        problems.append(Problem("status", "meter_data_length", f"{len(reading.status)}"))
    if problems:
        raise InputError(problems)
    return Frame(kind, address, ANSWERED, data + reading.status)


def _number(low_first: bytes, places: int) -> Decimal | None:
    digits = low_first[::-1].hex()
    return Decimal(digits).scaleb(-places) if digits.isdigit() else None


def _clock(low_first: bytes) -> datetime | None:
    try:
        shown = datetime.strptime(low_first[::-1].hex(), "%Y%m%d%H%M%S")  # noqa: DTZ007
    except ValueError:
        return None
    return shown.replace(tzinfo=BEIJING)


def _bytes(
    name: str, value: Decimal | None, places: int, count: int, problems: list[Problem]
) -> bytes:
    """BCD, low first; a problem for a figure that is negative, too large or too fine."""
    if value is None:
        return bytes([_UNKNOWN] * count)
    scaled = value.scaleb(places)
    if not (0 <= scaled < 100**count and scaled == int(scaled)):
        problems.append(Problem(name, "meter_figure", f"{value}"))
        return b""
    return bytes.fromhex(f"{int(scaled):0{2 * count}d}")[::-1]
