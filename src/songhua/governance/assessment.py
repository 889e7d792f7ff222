"""The score of a unit, with its formula and numbers shown.

score = 100 × (w1 · reports on time / reports due + w2 · mean of min(1, actual / planned)
        + w3 · cases answered in time / cases due) / (sum of the weights that apply)

A part with nothing due does not apply: it neither gives nor takes. A task without a figure is left
out of the mean and counted aloud; its missing report already weighs in the first part.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.reasons import Reason, because
from songhua.kit.errors import require
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from songhua.kit.messages import Language

PartName = Literal["on_time", "progress", "answered"]


class Weights(BaseModel):
    """Shares of the three parts, summing to 1. 默认值(非文件规定): the plan sets none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_time: Decimal = Field(Decimal("0.4"), ge=0, description="按时填报 默认值(非文件规定)")
    progress: Decimal = Field(Decimal("0.4"), ge=0, description="进度完成 默认值(非文件规定)")
    answered: Decimal = Field(Decimal("0.2"), ge=0, description="按时答复 默认值(非文件规定)")

    @model_validator(mode="after")
    def _whole(self) -> Weights:
        if self.on_time + self.progress + self.answered != 1:
            raise ValueError("the weights must sum to 1")
        return self


@dataclass(frozen=True)
class UnitFacts:
    """A unit in a period: counts, and (planned, actual) percents of its tasks, None if missing."""

    reports_due: int
    reports_on_time: int
    progress: tuple[tuple[Decimal, Decimal | None], ...] = ()
    cases_due: int = 0
    cases_answered_in_time: int = 0


@dataclass(frozen=True)
class Part:
    """One part: its weight, its value between 0 and 1 (None if nothing was due), its figures."""

    name: PartName
    weight: Decimal
    value: Fraction | None
    shown: str


@dataclass(frozen=True)
class Assessment:
    """The score (0–100, one place, None if nothing was due), how it came about, and why."""

    score: Decimal | None
    parts: tuple[Part, ...]
    reasons: tuple[Reason, ...]

    def formula(self, language: Language = "zh") -> str:
        """The formula with its numbers put in; progress is shown to four places."""
        used = [part for part in self.parts if part.value is not None and part.weight]
        if self.score is None:
            return self.reasons[0].text(language)
        words = [(sentence(f"assess_part_{p.name}", language), p.weight, p.shown) for p in used]
        top = " + ".join(f"{word} {weight}×{shown}" for word, weight, shown in words)
        below = "+".join(str(part.weight) for part in used)
        divided = f" ÷ ({below})" if len(used) < len(self.parts) else ""
        values = {"terms": top, "divided": divided, "score": self.score}
        return sentence("assess_formula", language, **values)


def assess(facts: UnitFacts, weights: Weights | None = None) -> Assessment:
    """Score one unit, exactly, rounded half up once to one place.

    Raises `InputError` for a count above what was due or a percent outside 0–100.
    """
    weights = weights or Weights()
    on_time = _share(facts.reports_on_time, facts.reports_due, "reports_on_time")
    answered = _share(facts.cases_answered_in_time, facts.cases_due, "cases_answered_in_time")
    progress, missing = _progress(facts)
    shown = "" if progress is None else f"{half_up(progress, 4)}"
    parts = (
        Part("on_time", weights.on_time, on_time, f"{facts.reports_on_time}/{facts.reports_due}"),
        Part("progress", weights.progress, progress, shown),
        Part(
            "answered",
            weights.answered,
            answered,
            f"{facts.cases_answered_in_time}/{facts.cases_due}",
        ),
    )
    terms = [(Fraction(part.weight), part.value) for part in parts if part.value is not None]
    total = sum((weight for weight, _ in terms), Fraction(0))
    if not total:
        return Assessment(None, parts, (because("assess_nothing_due"),))
    score = half_up(100 * sum((w * value for w, value in terms), Fraction(0)) / total, 1)
    notes = [because("assess_missing_excluded", count=missing)] if missing else []
    unused = [part for part in parts if part.value is None]
    notes += [because("assess_part_unused", part=f"@assess_part_{part.name}") for part in unused]
    return Assessment(score, parts, tuple(notes))


def half_up(value: Fraction, places: int) -> Decimal:
    """A non-negative exact value rounded half up to `places` decimals.

    >>> half_up(Fraction(1, 8), 2)
    Decimal('0.13')
    """
    return Decimal(floor(value * 10**places + Fraction(1, 2))).scaleb(-places)


def _share(done: int, due: int, where: str) -> Fraction | None:
    require(0 <= done <= due, where, "assess_more_than_due", f"{done}/{due}")
    return Fraction(done, due) if due else None


def _progress(facts: UnitFacts) -> tuple[Fraction | None, int]:
    ratios, missing = [], 0
    for planned, actual in facts.progress:
        for percent in (planned, actual):
            holds = percent is None or (percent.is_finite() and 0 <= percent <= 100)
            require(holds, "progress", "out_of_range", percent)
        if actual is None:
            missing += planned > 0
        elif planned > 0:
            ratios.append(min(Fraction(1), Fraction(actual) / Fraction(planned)))
    return (sum(ratios, Fraction(0)) / len(ratios) if ratios else None), missing
