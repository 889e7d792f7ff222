"""The units a heading may end in, what each is in SI, and which figures are plausible."""

from __future__ import annotations

from typing import NamedTuple


class Unit(NamedTuple):
    """A figure x in this unit is ``x * factor + offset`` in the first unit of its kind."""

    factor: float
    offset: float = 0.0


class Kind(NamedTuple):
    """Units by their suffix, and the least and greatest size a figure may have; 0 may be too."""

    units: dict[str, Unit]
    least: float
    most: float
    signed: bool = False
    zero: bool = True

    def plausible(self, value: float) -> bool:
        """Whether a figure in the kind's first unit can be meant."""
        size = abs(value) if self.signed else value
        return (self.zero and size == 0) or self.least <= size <= self.most


_METRES = {"m": Unit(1), "mm": Unit(1e-3), "km": Unit(1e3)}
_PASCALS = {"pa": Unit(1), "kpa": Unit(1e3), "bar": Unit(1e5), "mpa": Unit(1e6)}
_WATTS = {"w": Unit(1), "kw": Unit(1e3), "mw": Unit(1e6)}
_CELSIUS = {"c": Unit(1), "k": Unit(1, -273.15)}

KINDS = {
    "height": Kind({"m": Unit(1)}, 0, 9000, signed=True),
    "length": Kind(_METRES, 0.01, 2e5, zero=False),
    "diameter": Kind(_METRES, 0.005, 3, zero=False),
    "roughness": Kind(_METRES, 1e-7, 0.02),
    "loss": Kind({"w_per_m_k": Unit(1)}, 1e-4, 20),
    "supply": Kind(_CELSIUS, 0, 180),
    "return": Kind(_CELSIUS, 0, 180),
    "pressure": Kind(_PASCALS, 1e4, 4e6),
    "heat": Kind(_WATTS, 100, 2e9, signed=True),
    "flow": Kind({"kg_per_s": Unit(1), "t_per_h": Unit(1 / 3.6)}, 0, 2e4, signed=True),
    "x": Kind({"": Unit(1)}, 0, 1e9, signed=True),
    "y": Kind({"": Unit(1)}, 0, 1e9, signed=True),
}


def parted(heading: str) -> tuple[str, str]:
    """The field and the unit of a heading.

    >>> parted("pressure_mpa"), parted("x"), parted("loss_w_per_m_k"), parted("colour")
    (('pressure', 'mpa'), ('x', ''), ('loss', 'w_per_m_k'), ('colour', ''))
    """
    field, _, unit = heading.partition("_")
    return (field, unit) if field in KINDS and unit in KINDS[field].units else (heading, "")


def likelier(field: str, figure: float, unit: str) -> list[str]:
    """The units in which a figure that is not plausible in `unit` would be.

    >>> likelier("pressure", 0.6, "pa"), likelier("supply", 363.15, "c")
    (['bar', 'mpa'], ['k'])
    """
    kind = KINDS[field]
    return [name for name, (factor, offset) in kind.units.items()
            if name != unit and kind.plausible(figure * factor + offset)]  # fmt: skip
