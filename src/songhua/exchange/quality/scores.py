"""Points for quality: by dimension, by table, by department.

The score of a rule is the share of its rows without an error; that of a dimension is the mean of
its rules, that of a table the weighted mean of the dimensions that have rules, that of a department
the mean of its tables. Warnings cost nothing. All are exact, from 0 to 100.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from songhua.exchange.quality.report import Report
    from songhua.exchange.quality.rules import Dimension

DEFAULT_WEIGHTS: Mapping[Dimension, int] = {
    "completeness": 30, "validity": 30, "uniqueness": 15, "consistency": 15, "timeliness": 10,
}  # fmt: skip
"""默认值: no office has set these; whoever publishes scores gives weights of its own."""


@dataclass(frozen=True)
class Score:
    """`total` and each dimension from 0 to 100; None where nothing was checked."""

    table: str
    department: str
    total: Fraction | None
    dimensions: Mapping[Dimension, Fraction | None]


def score(report: Report, weights: Mapping[Dimension, int] = DEFAULT_WEIGHTS) -> Score:
    """The points of a table. A dimension without a weight counts nothing; one in which nothing
    was checked is None, and the others share its weight."""
    require(all(weight >= 0 for weight in weights.values()), "weights", "negative", weights)
    dimensions: dict[Dimension, Fraction | None] = {
        name: _mean(
            1 - Fraction(min(result.count(), result.checked), result.checked)
            for result in report.results
            if result.dimension == name and result.checked
        )
        for name in DEFAULT_WEIGHTS
    }
    known = {name: part for name, part in dimensions.items() if part is not None}
    weight = sum(weights.get(name, 0) for name in known)
    total = sum(weights.get(name, 0) * part for name, part in known.items())
    return Score(
        report.table,
        report.department,
        Fraction(total, weight) * 100 if weight else None,
        {name: None if part is None else part * 100 for name, part in dimensions.items()},
    )


def department_scores(scores: Iterable[Score]) -> dict[str, Fraction | None]:
    """The mean of each department's tables, large and small alike; None where none has points."""
    tables: dict[str, list[Fraction]] = {}
    for found in scores:
        listed = tables.setdefault(found.department, [])
        if found.total is not None:
            listed.append(found.total)
    return {department: _mean(points) for department, points in tables.items()}


def _mean(parts: Iterable[Fraction]) -> Fraction | None:
    listed = list(parts)
    return sum(listed, Fraction()) / len(listed) if listed else None
