"""Who gets too much and who too little: each station's flow beside what it was designed for.

The hydraulic imbalance degree of a station is its actual flow over its required flow; here the
required flow follows the load of the moment, so each is divided by that of all stations together:
1 is balanced, 0.8 gets a fifth too little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.console.heating.models import Element


@dataclass(frozen=True)
class Balance:
    """A station's degree now and before; None where a flow is unknown."""

    station: Element
    now: float | None
    before: float | None


def degrees(flows: Mapping[str, float], designs: Mapping[str, float]) -> dict[str, float]:
    """Imbalance degree of each station whose flow and design flow are known.

    >>> degrees({"a": 9.0, "b": 3.0}, {"a": 10.0, "b": 5.0})
    {'a': 1.125, 'b': 0.75}
    """
    both = [d for d, flow in designs.items() if d in flows and flow > 0]
    wanted, got = sum(designs[d] for d in both), sum(flows[d] for d in both)
    return {d: flows[d] / designs[d] * wanted / got for d in both} if got > 0 else {}


def ranking(
    stations: Sequence[Element], now: Mapping[str, float], before: Mapping[str, float]
) -> list[Balance]:
    """Stations with known flows, the farthest from 1 first."""
    designs = {s.device_id: s.design_flow_kg_per_s or 0.0 for s in stations}
    present, past = degrees(now, designs), degrees(before, designs)
    rows = [Balance(s, present.get(s.device_id), past.get(s.device_id)) for s in stations]
    known = [row for row in rows if row.now is not None]
    return sorted(known, key=lambda row: -abs((row.now or 1.0) - 1.0))


def spread(rows: Sequence[Balance], before: bool = False) -> float | None:
    """The mean distance from 1, a figure for the whole network."""
    values = [row.before if before else row.now for row in rows]
    far = [abs(value - 1.0) for value in values if value is not None]
    return sum(far) / len(far) if far else None
