"""Early warning: the firms that somebody should call on, and why."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

from songhua.governance.cultivation.ladder import growth
from songhua.governance.reasons import Reason, because
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.governance.cultivation.facts import FirmYear
    from songhua.governance.cultivation.ladder import Ladder

AlertKind = Literal["stalled", "research_falls", "long_stay", "unreported"]


@dataclass(frozen=True)
class Alert:
    """One thing amiss and its reason."""

    kind: AlertKind
    reason: Reason


def alerts(
    ladder: Ladder, years: Mapping[int, FirmYear], year: int, months_in_carrier: int | None
) -> tuple[Alert, ...]:
    """What is amiss with a firm by its figures up to `year` and its stay in a carrier.

    A figure that is missing is a warning of its own and never counts as a fall.

    >>> from songhua.governance.cultivation.facts import FirmYear
    >>> from songhua.governance.cultivation.ladder import default_ladder
    >>> figures = {y: FirmYear(revenue_fen=500) for y in (2020, 2021, 2022)}
    >>> [w.kind for w in alerts(default_ladder(), figures, 2022, None)]
    ['stalled']
    """
    found: list[Alert] = []
    span = range(year - ladder.stalled_years, year + 1)
    if growth(ladder, years, year) == "stalled":
        first, last = years[span[0]].revenue_fen, years[year].revenue_fen
        assert first is not None and last is not None
        found.append(
            Alert(
                "stalled",
                because(
                    "cultivation_stalled", since=span[0], year=year, first=yuan(first),
                    last=yuan(last),
                ),
            )
        )  # fmt: skip
    research = [years[y].research_fen if y in years else None for y in span]
    if all(a is not None and b is not None and b < a for a, b in pairwise(research)):
        found.append(Alert("research_falls", because("cultivation_research_falls", since=span[0])))
    if months_in_carrier is not None and months_in_carrier > ladder.stay_months:
        reason = because(
            "cultivation_long_stay", months=months_in_carrier, limit=ladder.stay_months
        )
        found.append(Alert("long_stay", reason))
    if year not in years or years[year].revenue_fen is None:
        found.append(Alert("unreported", because("cultivation_unreported", year=year)))
    return tuple(found)
