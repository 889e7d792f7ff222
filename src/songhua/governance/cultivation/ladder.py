"""雏鹰, 展翅, 瞪羚, 独角兽: the rung a firm holds, when it climbs or drops, if it stalls.

A missing figure leaves a rung unknown: nobody is promoted on it and nobody drops for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.cultivation.facts import Fact, facts
from songhua.governance.reasons import Reason, because

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from songhua.governance.cultivation.facts import FirmYear

State = Literal["met", "not_met", "missing"]
Kind = Literal["promotion", "drop", "kept", "unknown"]
Growth = Literal["growing", "stalled", "unknown"]


class Criterion(BaseModel):
    """A bound on a fact, in force from `since` on, up to but without `until`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rung: str
    fact: Fact
    at_least: Decimal | None = None
    at_most: Decimal | None = None
    since: date = Field(alias="from")
    until: date | None = None
    basis: str

    def holds_on(self, day: date) -> bool:
        """Whether the criterion is in force on `day`."""
        return self.since <= day and (self.until is None or day < self.until)

    def state(self, value: Fraction | None) -> State:
        """Judge a value exactly; both bounds are included."""
        if value is None:
            return "missing"
        low = self.at_least is None or value >= Fraction(self.at_least)
        high = self.at_most is None or value <= Fraction(self.at_most)
        return "met" if low and high else "not_met"


class Ladder(BaseModel):
    """The rungs from the lowest to the highest, their criteria, and when a firm is stalled."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rungs: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    stalled_years: int = Field(ge=1)
    stay_months: int = Field(ge=1)

    @model_validator(mode="after")
    def _rungs_known(self) -> Ladder:
        strange = {criterion.rung for criterion in self.criteria} - set(self.rungs)
        if strange:
            raise ValueError(f"criteria of unknown rungs: {sorted(strange)}")
        return self


@dataclass(frozen=True)
class Movement:
    """What becomes of a firm in a year: from one rung to another (None: on none), and why."""

    year: int
    kind: Kind
    before: str | None
    after: str | None
    reasons: tuple[Reason, ...]


def default_ladder() -> Ladder:
    """The ladder of ``ladder.yaml``, whose every number is a default of ours."""
    text = files(__package__).joinpath("ladder.yaml").read_text(encoding="utf-8")
    return Ladder.model_validate(yaml.safe_load(text))


def rung_state(
    ladder: Ladder, rung: str, known: Mapping[Fact, Fraction | None], day: date
) -> tuple[State, tuple[Reason, ...]]:
    """Whether `rung` is met on `day`, and every criterion of it that is not met or not known.

    A rung without criteria in force is ``missing``: nothing says who belongs on it.
    """
    asked = [c for c in ladder.criteria if c.rung == rung and c.holds_on(day)]
    states = [criterion.state(known[criterion.fact]) for criterion in asked]
    reasons = tuple(
        because(f"cultivation_{state}", rung=f"@cultivation_{rung}", fact=f"@fact_{c.fact}")
        for c, state in zip(asked, states, strict=True)
        if state != "met"
    )
    if "not_met" in states:
        return "not_met", reasons
    return ("met" if set(states) == {"met"} else "missing"), reasons


def movement(
    ladder: Ladder, held: str | None, known: Mapping[Fact, Fraction | None], year: int
) -> Movement:
    """Where a firm that holds `held` stands by the criteria in force at the end of `year`.

    It climbs to the highest rung that it meets, and drops only where the rung it holds is not
    met, to the highest one below that it does meet.
    """
    judged = {rung: rung_state(ladder, rung, known, date(year, 12, 31)) for rung in ladder.rungs}
    place = ladder.rungs.index(held) if held is not None else -1
    met = [i for i, rung in enumerate(ladder.rungs) if judged[rung][0] == "met"]
    best = ladder.rungs[met[-1]] if met else None
    if met and met[-1] > place:
        return Movement(year, "promotion", held, best, ())
    if held is None:
        return Movement(year, "kept", None, None, ())
    state, reasons = judged[held]
    if state == "not_met":
        return Movement(year, "drop", held, best, reasons)
    return Movement(year, "kept" if state == "met" else "unknown", held, held, reasons)


def history(
    ladder: Ladder, founded: int, years: Mapping[int, FirmYear], through: Sequence[int]
) -> tuple[Movement, ...]:
    """A firm's movements in each of the ascending years `through`, beginning on no rung."""
    moves: list[Movement] = []
    for year in through:
        held = moves[-1].after if moves else None
        moves.append(movement(ladder, held, facts(founded, years, year), year))
    return tuple(moves)


def growth(ladder: Ladder, years: Mapping[int, FirmYear], year: int) -> Growth:
    """Early warning: ``stalled`` where revenue did not rise in any of the last years.

    One rise that is known makes a firm growing; without one, a missing figure makes it unknown.
    """
    span = range(year - ladder.stalled_years, year + 1)
    revenue = [years[y].revenue_fen if y in years else None for y in span]
    steps = list(pairwise(revenue))
    if any(a is not None and b is not None and b > a for a, b in steps):
        return "growing"
    return "unknown" if None in revenue else "stalled"
