"""A circuit's description and its checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.hydraulics.factorisation import Pattern, pattern
from songhua.engines.hydraulics.network import not_finite, same_length
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TypeAlias

    from numpy.typing import NDArray

    from songhua.engines.hydraulics.network import Floats, Integers

    Flags: TypeAlias = NDArray[np.bool_]

_ELEMENTS = (
    "start", "end", "length_m", "diameter_m", "roughness_m", "resistance", "boost_pa", "one_way",
    "closed",
)  # fmt: skip


@dataclass(frozen=True)
class Circuit:
    """Nodes and elements; raises `InputError` with every problem found.

    `height_m`, shape (nodes,). The others, shape (elements,): `start` and `end` are nodes;
    `length_m` is 0 for what is no pipe; `resistance` r in Pa·s²/kg² and `boost_pa` as in `laws`;
    `one_way` elements let nothing flow from end to start, `closed` ones nothing at all.
    """

    height_m: Floats
    start: Integers
    end: Integers
    length_m: Floats
    diameter_m: Floats
    roughness_m: Floats
    resistance: Floats
    boost_pa: Floats
    one_way: Flags
    closed: Flags

    def __post_init__(self) -> None:
        problems = same_length(self, *_ELEMENTS)
        problems += not_finite(
            height_m=self.height_m, length_m=self.length_m, diameter_m=self.diameter_m,
            roughness_m=self.roughness_m, resistance=self.resistance, boost_pa=self.boost_pa,
        )  # fmt: skip
        if not problems:
            problems += self._problems()
        if problems:
            raise InputError(problems)

    def _problems(self) -> Iterable[Problem]:
        nodes = self.height_m.size
        for name in ("start", "end"):
            ends = getattr(self, name)
            for node in np.unique(ends[(ends < 0) | (ends >= nodes)]):
                yield Problem(name, "network_no_such_node", str(node))
        for element in np.flatnonzero(self.start == self.end):
            yield Problem("end", "network_pipe_to_itself", str(element))
        for name, low in (
            ("diameter_m", self.diameter_m <= 0),
            ("roughness_m", self.roughness_m < 0),
            ("length_m", self.length_m < 0),
            ("resistance", (self.resistance < 0) | ((self.length_m == 0) & (self.resistance == 0))),
        ):
            for element in np.flatnonzero(low):
                yield Problem(
                    f"{name}[{element}]",
                    "network_not_positive",
                    f"{getattr(self, name)[element]:g}",
                )

    @cached_property
    def pattern(self) -> Pattern:
        """The order of elimination, found once."""
        return pattern(self.start, self.end, self.height_m.size)

    def with_valves(self, resistance: Floats, closed: Flags) -> Circuit:
        """The same circuit with other resistances and other elements closed."""
        other = replace(self, resistance=resistance, closed=closed)
        other.__dict__["pattern"] = self.pattern  # the nodes have the same neighbours
        return other
