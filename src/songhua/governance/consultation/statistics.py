"""How many spoke, on what, by which way, and what became of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Value = TypeVar("Value")


@dataclass(frozen=True)
class Heard:
    """What is counted of one opinion: `clause` is the id of a clause, None for the whole draft;
    `outcome` is "" while nobody has decided."""

    clause: int | None
    channel: str
    sender: str
    outcome: str


@dataclass(frozen=True)
class Statistics:
    """Counts of opinions; each of the four splits adds up to `total`."""

    total: int
    by_clause: Mapping[int | None, int]
    by_channel: Mapping[str, int]
    by_sender: Mapping[str, int]
    by_outcome: Mapping[str, int]


def statistics(opinions: Iterable[Heard]) -> Statistics:
    """The counts over all opinions, most frequent first.

    >>> statistics([Heard(3, "web", "person", "adopted"), Heard(3, "post", "person", "")]).by_clause
    {3: 2}
    """
    found = list(opinions)
    return Statistics(
        total=len(found),
        by_clause=_split(one.clause for one in found),
        by_channel=_split(one.channel for one in found),
        by_sender=_split(one.sender for one in found),
        by_outcome=_split(one.outcome for one in found),
    )


def _split(values: Iterable[Value]) -> dict[Value, int]:
    return dict(Counter(values).most_common())
