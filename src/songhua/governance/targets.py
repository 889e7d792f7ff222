"""Is a figure up to its target, and do the parts add up?

达到, 不低于 and 以上 include the bound; 超过 and 突破 do not (Civil Code art. 1259 for 以上 and
超过; 突破 by analogy). A missing figure is a state of its own and never 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeVar

from songhua.governance.reasons import Reason, because
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Sequence

Comparator = Literal[">=", ">"]
TargetState = Literal["met", "not_met", "missing"]
Number = TypeVar("Number", Decimal, Fraction)
Sum = Literal["consistent", "inconsistent", "missing"]

WORDS: dict[str, Comparator] = {
    "达到": ">=",
    "不低于": ">=",
    "以上": ">=",
    "超过": ">",
    "突破": ">",
}


@dataclass(frozen=True)
class Judgement:
    """The state of an indicator, what it still lacks (its own unit; None if unknown), and why."""

    state: TargetState
    gap: Decimal | None
    reason: Reason


def meets(actual: Number, comparator: Comparator, target: Number) -> bool:
    """Whether `actual` satisfies the comparator, bound included for ``>=`` only."""
    return actual >= target if comparator == ">=" else actual > target


def judge(
    actual: Decimal | None, comparator: Comparator, target: Decimal, places: int
) -> Judgement:
    """Judge one figure; `places` is the number of decimals the indicator is counted in.

    The figure is compared exactly as reported, never rounded first. The gap is the least
    addition that would meet the target, rounded up to `places`, so a lack is not shown smaller
    than it is. One case is a convention: with ``>`` a whole-number indicator standing on its bound
    lacks 1 (2000 firms against 突破 2000), whereas a measured one (places > 0) lacks "anything at
    all", written 0.00 and still ``not_met``, because no smallest addition exists.

    Raises `InputError` for NaN or an infinity.

    >>> [str(judge(Decimal(600), ">", Decimal(600), places).gap) for places in (2, 0)]
    ['0.00', '1']
    """
    if actual is None:
        return Judgement("missing", None, because("target_missing"))
    require(actual.is_finite() and target.is_finite(), "actual", "not_finite", actual)
    step = Decimal(1).scaleb(-places)
    values = {"actual": actual, "target": target}
    if meets(actual, comparator, target):
        return Judgement("met", Decimal(0).quantize(step), because("target_met", **values))
    least = target
    if comparator == ">" and places == 0:
        least = target.to_integral_value(rounding=ROUND_FLOOR) + 1
    gap = (least - actual).quantize(step, rounding=ROUND_CEILING)
    code = "target_at_strict_bound" if actual == target else "target_not_met"
    return Judgement("not_met", gap, because(code, gap=gap, **values))


def crosscheck(total: Decimal | None, parts: Sequence[Decimal | None]) -> Sum:
    """勾稽: do the parts sum exactly to the total? ``missing`` if any figure, or every part, is.

    >>> crosscheck(Decimal(800), [Decimal(500), Decimal(200), Decimal(99)])
    'inconsistent'
    """
    known = [part for part in parts if part is not None]
    if total is None or not known or len(known) < len(parts):
        return "missing"
    return "consistent" if sum(known) == total else "inconsistent"


def crosscheck_reason(total: Decimal | None, parts: Sequence[Decimal | None]) -> Reason:
    """The result of `crosscheck` with its figures, for people."""
    state = crosscheck(total, parts)
    known = [part for part in parts if part is not None]
    return because(
        f"target_sum_{state}", total=total, parts="+".join(map(str, known)), sum=sum(known)
    )
