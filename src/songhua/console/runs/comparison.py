"""Two runs beside each other: what was asked alike and otherwise, and how the answers differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from songhua.console.runs.models import Run


@dataclass(frozen=True)
class Line:
    """One name with its value in each run; None is not known, or not there."""

    name: str
    first: Any
    second: Any

    @property
    def same(self) -> bool:
        """Whether both runs have the same value."""
        return bool(self.first == self.second)

    @property
    def difference(self) -> float | None:
        """The second less the first."""
        if self.first is None or self.second is None:
            return None
        return float(self.second) - float(self.first)

    @property
    def percent(self) -> float | None:
        """The difference as a percentage of the first; None where that is 0."""
        gap = self.difference
        return None if gap is None or not self.first else gap / abs(self.first) * 100


def _lines(first: dict[str, Any], second: dict[str, Any]) -> list[Line]:
    return [Line(n, first.get(n), second.get(n)) for n in dict.fromkeys([*first, *second])]


def parameters(first: Run, second: Run) -> list[Line]:
    """Every parameter of either."""
    return _lines(first.params, second.params)


def indicators(first: Run, second: Run) -> list[Line]:
    """Every indicator of either."""
    return _lines(first.kpis, second.kpis)


def inputs(first: Run, second: Run) -> list[tuple[Line, Any, Any]]:
    """Every input table of either, by the digest of its rows, with the tables: 2 queries."""
    pair = [
        {i.name: i.table for i in run.inputs.select_related("table")} for run in (first, second)
    ]
    digests = [{name: table.digest for name, table in each.items()} for each in pair]
    return [(line, pair[0].get(line.name), pair[1].get(line.name)) for line in _lines(*digests)]
