"""Conflicts of interest: which experts may not judge, and for which reason.

An expert is tied to a party (who asks, or who bids) by working in the same unit, by a common
publication or contract within so many years, by kinship, or because they said so themselves. A
publication or contract without a date counts: unknown is not old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

TieKind = Literal["same_unit", "co_authorship", "contract", "kinship", "recusal"]
TIE_KINDS: tuple[TieKind, ...] = get_args(TieKind)


class TieRules(BaseModel):
    """For how long a publication or a contract ties. 默认值(非文件规定)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    co_authorship_years: int = Field(3, ge=0, description="合著回避年限 默认值(非文件规定)")
    contract_years: int = Field(3, ge=0, description="合作合同回避年限 默认值(非文件规定)")


@dataclass(frozen=True)
class Expert:
    """Somebody of the registry: their unit, whether it lies outside the city, their fields."""

    id: str
    unit: str
    outside: bool
    fields: frozenset[str]


@dataclass(frozen=True)
class Party:
    """An organisation with a stake: its unit, and the people who stand in its bid."""

    unit: str
    people: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Tie:
    """An expert and a person or a unit. `on` is the last day of it, None if unknown."""

    kind: TieKind
    expert: str
    other: str
    on: date | None = None


def tied(
    experts: Iterable[Expert],
    parties: Iterable[Party],
    ties: Iterable[Tie],
    on: date,
    rules: TieRules | None = None,
) -> dict[str, tuple[TieKind, ...]]:
    """The experts who may not judge on the day `on`, each with every kind of tie that binds them.

    A tie exactly so many years old still binds. Same unit is seen from the registry and may also
    be declared as a tie (a former post, a second one).

    >>> from datetime import date
    >>> li = Expert("li", "harbin_institute", False, frozenset({"AI"}))
    >>> wrote = Tie("co_authorship", "li", "Wang", date(2020, 3, 1))
    >>> bidder = Party("ice_robotics", frozenset({"Wang"}))
    >>> tied([li], [bidder], [wrote], date(2023, 3, 1))
    {'li': ('co_authorship',)}
    >>> tied([li], [bidder], [wrote], date(2023, 3, 2))
    {}
    """
    parties = list(parties)
    units = {party.unit for party in parties}
    names = units.union(*(party.people for party in parties))
    found = {expert.id: {"same_unit"} if expert.unit in units else set() for expert in experts}
    since = _first_days(on, rules or TieRules())
    for tie in ties:
        old = tie.on is not None and tie.kind in since and tie.on < since[tie.kind]
        if tie.expert in found and tie.other in names and not old:
            found[tie.expert].add(tie.kind)
    return {
        expert: tuple(kind for kind in TIE_KINDS if kind in kinds)
        for expert, kinds in found.items()
        if kinds
    }


def _first_days(on: date, rules: TieRules) -> Mapping[str, date]:
    """The first day that still counts, for the kinds that grow old."""
    years = {"co_authorship": rules.co_authorship_years, "contract": rules.contract_years}
    return {kind: _years_before(on, count) for kind, count in years.items()}


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
