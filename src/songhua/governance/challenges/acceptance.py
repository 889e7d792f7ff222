"""Acceptance: measured values against the technical targets that the challenge published.

不低于 and 不高于 include the bound, 高于 and 低于 do not (Civil Code art. 1259). A value that was
not measured is a state of its own: neither met nor failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from songhua.governance.reasons import Reason, because
from songhua.governance.targets import Comparator, TargetState, meets
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date
    from decimal import Decimal

Direction = Literal["at_least", "above", "at_most", "below"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
Verdict = Literal["passed", "failed", "incomplete"]
MilestoneState = Literal["pending", "overdue", "submitted", "returned", "accepted"]


@dataclass(frozen=True)
class TechnicalTarget:
    """A quantity by its name, its unit, the side on which it must lie, and the threshold."""

    name: str
    unit: str
    direction: Direction
    threshold: Decimal


@dataclass(frozen=True)
class Judgement:
    """What became of a target; `gap` is how far the value lies on the wrong side, None unknown."""

    target: TechnicalTarget
    state: TargetState
    gap: Decimal | None
    reason: Reason


def judge(target: TechnicalTarget, value: Decimal | None) -> Judgement:
    """Judge one measured value, in the unit of the target, exactly as measured.

    >>> from decimal import Decimal
    >>> latency = TechnicalTarget("latency", "ms", "below", Decimal(5))
    >>> judge(latency, Decimal(5)).reason.text("en")
    'latency: measured 5 ms, required: below 5 ms. Not met, by 0 ms.'
    """
    values = {"name": target.name, "unit": target.unit, "threshold": target.threshold,
              "direction": f"@acceptance_{target.direction}"}  # fmt: skip
    if value is None:
        return Judgement(target, "missing", None, because("acceptance_missing", **values))
    if not value.is_finite():
        raise InputError(Problem(target.name, "not_finite", str(value)))
    sign = 1 if target.direction in ("at_least", "above") else -1
    comparator: Comparator = ">=" if target.direction in ("at_least", "at_most") else ">"
    if meets(sign * value, comparator, sign * target.threshold):
        reason = because("acceptance_met", value=value, **values)
        return Judgement(target, "met", None, reason)
    gap = abs(target.threshold - value)
    reason = because("acceptance_not_met", value=value, gap=gap, **values)
    return Judgement(target, "not_met", gap, reason)


def judge_all(
    targets: Sequence[TechnicalTarget], measured: Mapping[str, Decimal | None]
) -> tuple[Judgement, ...]:
    """Every target with its value by name. Raises `InputError` for a value without a target."""
    names = {target.name for target in targets}
    wrong = [Problem("measured", "unknown_key", name) for name in measured if name not in names]
    if wrong:
        raise InputError(wrong)
    return tuple(judge(target, measured.get(target.name)) for target in targets)


def verdict(judgements: Iterable[Judgement]) -> Verdict:
    """Failed if any target is not met, incomplete if any is not measured (or there is none)."""
    states = {judgement.state for judgement in judgements}
    if "not_met" in states:
        return "failed"
    return "passed" if states == {"met"} else "incomplete"


def milestone_state(
    due: date, today: date, *, submitted: bool, accepted: bool | None
) -> MilestoneState:
    """Where a milestone stands; its last day still counts. `accepted` is of the newest report,
    None while nobody has decided. A returned one that is late is overdue.

    >>> from datetime import date
    >>> milestone_state(date(2023, 6, 30), date(2023, 7, 1), submitted=False, accepted=None)
    'overdue'
    """
    if accepted:
        return "accepted"
    if submitted and accepted is None:
        return "submitted"
    if today > due:
        return "overdue"
    return "returned" if submitted else "pending"
