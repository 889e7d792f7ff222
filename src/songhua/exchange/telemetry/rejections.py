"""What was refused: counted by reason, with a few examples of each."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

EXAMPLES = 5
"""Examples kept of each reason."""


@dataclass
class Rejections:
    """A count for each reason (a code of ``messages.csv``), and the first examples of it."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[Problem] = field(default_factory=list)

    def add(self, code: str, where: str, value: str) -> None:
        """Refuse one thing."""
        if self.counts[code] < EXAMPLES:
            self.examples.append(Problem(where, code, value[:80]))
        self.counts[code] += 1

    def add_rows(self, code: str, readings: pl.DataFrame, shown: str) -> None:
        """Refuse every row of `readings`; an example's value is what column `shown` holds."""
        known = max(0, EXAMPLES - self.counts[code])
        some = readings.head(known)
        for where, value in zip(_places(some), some[shown].cast(pl.String), strict=True):
            self.examples.append(Problem(where, code, str(value)[:80]))
        if readings.height:
            self.counts[code] += readings.height


def _places(readings: pl.DataFrame) -> Iterable[str]:
    columns = readings.select(pl.col("device_id", "metric").fill_null("?")).rows()
    return [f"{device} {metric}"[:80] for device, metric in columns]
