"""Can these experts fill these seats? Exactly, as a flow of one unit through every seat.

source → seat → expert of its field → unit (at most so many) → [inside the city: all seats less
those kept for outside] → sink. The capacities are whole numbers, so a panel is lawful exactly
where a flow fills every seat (Ford and Fulkerson 1956); who must sit is a lower bound of 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, model_validator

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from songhua.governance.challenges.ties import Expert

ANY = ""  # a seat for an expert of any field


class PanelRules(BaseModel):
    """The seats, each by the field it asks for ("" for any); most of one unit; least from outside.

    默认值(非文件规定): the plan sets none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seats: tuple[str, ...] = Field(min_length=1)
    per_unit: int = Field(1, ge=1, description="同一单位专家人数上限 默认值(非文件规定)")
    outside: int = Field(0, ge=0, description="市外专家人数下限 默认值(非文件规定)")

    @model_validator(mode="after")
    def _possible(self) -> PanelRules:
        if self.outside > len(self.seats):
            raise ValueError("no more experts from outside than seats")
        return self


@dataclass(frozen=True)
class _Node:
    kind: str
    name: str | int = ""


_SOURCE, _SINK, _INSIDE = _Node("source"), _Node("sink"), _Node("inside")
_Residual = dict[_Node, dict[_Node, int]]


def seatable(pool: Sequence[Expert], rules: PanelRules, must: Collection[str] = ()) -> bool:
    """Whether some panel from `pool`, with everybody in `must` (ids of `pool`), is lawful.

    >>> from songhua.governance.challenges.ties import Expert
    >>> pool = [Expert("a", "u", False, frozenset({"AI"})), Expert("b", "u", False, frozenset())]
    >>> [seatable(pool, PanelRules(seats=("", "AI"), per_unit=most)) for most in (1, 2)]
    [False, True]
    """
    residual: _Residual = {_SOURCE: {}, _SINK: {}, _INSIDE: {}}
    _edge(residual, _INSIDE, _SINK, len(rules.seats) - rules.outside)
    for seat in range(len(rules.seats)):
        _edge(residual, _SOURCE, _Node("seat", seat), 1)
    for expert in (e for e in pool if e.id in must):
        _add(residual, expert, rules)
    if _fill(residual) < len(must):
        return False
    for expert in pool:
        if expert.id in must:  # from here on nobody may push them off the panel
            residual[_Node("unit", expert.unit)][_Node("expert", expert.id)] = 0
        else:
            _add(residual, expert, rules)
    return len(must) + _fill(residual) == len(rules.seats)


def _add(residual: _Residual, expert: Expert, rules: PanelRules) -> None:
    node, unit = _Node("expert", expert.id), _Node("unit", expert.unit)
    for seat, field in enumerate(rules.seats):
        if field == ANY or field in expert.fields:
            _edge(residual, _Node("seat", seat), node, 1)
    _edge(residual, node, unit, 1)
    gate = _SINK if expert.outside else _INSIDE
    if gate not in residual[unit]:
        _edge(residual, unit, gate, rules.per_unit)


def _edge(residual: _Residual, start: _Node, end: _Node, capacity: int) -> None:
    residual.setdefault(start, {})[end] = capacity
    residual.setdefault(end, {}).setdefault(start, 0)


def _fill(residual: _Residual) -> int:
    """Push as much as goes through; how much was added. Breadth first, in the order of insertion,
    so the same question is always answered alike."""
    added = 0
    while path := _path(residual):
        for start, end in path:
            residual[start][end] -= 1
            residual[end][start] += 1
        added += 1
    return added


def _path(residual: _Residual) -> list[tuple[_Node, _Node]]:
    came: dict[_Node, _Node] = {_SOURCE: _SOURCE}
    queue = [_SOURCE]
    for node in queue:
        for end, left in residual[node].items():
            if left and end not in came:
                came[end] = node
                queue.append(end)
    path, node = [], _SINK
    while node in came and node != _SOURCE:
        path.append((came[node], node))
        node = came[node]
    return path
