"""Scores put together by the published method: weights, a trimmed mean, ranks, outliers.

An expert's total for a bid is 100 × Σ weight × points / most. The score of a bid is the mean of
its totals without the `trim` highest and lowest. An expert who left out a criterion of a bid has
no total for it: never 0. A bid with fewer than `least` totals has no score and no rank.
Ties: the criteria decide in the order of their weight, by the mean points of every expert with a
total, trimmed or not; what is level then shares the rank.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, model_validator

from songhua.governance.reasons import Reason, because
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Criterion(BaseModel):
    """What experts give points for, from 0 to `most`; the weights of a method sum to 1."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: str
    most: int = Field(gt=0)
    weight: Decimal = Field(gt=0)
    zh: str
    en: str


class Method(BaseModel):
    """How points become a ranking, published with the challenge. 默认值(非文件规定)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    trim: int = Field(1, ge=0, description="去掉最高、最低分各几个 默认值(非文件规定)")
    least: int = Field(3, ge=1, description="有效评分人数下限 默认值(非文件规定)")
    pass_mark: Decimal = Field(Decimal(60), description="通过分数 默认值(非文件规定)")
    outlier_points: Decimal = Field(
        Decimal(20), gt=0, description="与中位数相差超过此分数即提示 默认值(非文件规定)"
    )

    @model_validator(mode="after")
    def _whole(self) -> Method:
        if sum(criterion.weight for criterion in self.criteria) != 1:
            raise ValueError("the weights must sum to 1")
        if len({criterion.code for criterion in self.criteria}) < len(self.criteria):
            raise ValueError("a criterion stands twice")
        if self.least <= 2 * self.trim:
            raise ValueError("trimming must leave a score")
        return self


@dataclass(frozen=True)
class Result:
    """A bid: its score (exact, None if too few scored it), its rank from 1, every total by expert
    (None where missing), whose total was trimmed, whose stands apart, and why."""

    bid: str
    score: Fraction | None
    rank: int | None
    totals: Mapping[str, Fraction | None]
    trimmed: tuple[str, ...]
    outliers: tuple[str, ...]
    reasons: tuple[Reason, ...]


def total(points: Mapping[str, Decimal | None], method: Method) -> Fraction | None:
    """One expert's total for one bid, out of 100; None where a criterion is missing.

    Raises `InputError` for points that are not between 0 and the most, or an unknown criterion.
    """
    known = {criterion.code: criterion for criterion in method.criteria}
    problems = [Problem("points", "unknown_key", code) for code in points if code not in known]
    found = Fraction(0)
    missing = False
    for code, criterion in known.items():
        given = points.get(code)
        if given is None:
            missing = True
        elif not given.is_finite() or not 0 <= given <= criterion.most:
            problems.append(Problem(f"points.{code}", "out_of_range", str(given)))
        else:
            found += 100 * Fraction(criterion.weight) * Fraction(given) / criterion.most
    if problems:
        raise InputError(problems)
    return None if missing else found


def rank(
    scores: Mapping[str, Mapping[str, Mapping[str, Decimal | None]]], method: Method
) -> tuple[Result, ...]:
    """Every bid with its score and rank, best first, those without a score at the end.

    `scores` holds, for each bid, the points of every expert who sits on its panel; an expert who
    has not scored it has an empty mapping.
    """
    results = [_result(bid, given, method) for bid, given in scores.items()]
    keys = {one.bid: _key(one, scores[one.bid], method) for one in results}
    results.sort(key=lambda one: (one.score is None, [-part for part in keys[one.bid]], one.bid))
    ranked: list[Result] = []
    for place, one in enumerate(results, 1):
        level = bool(ranked) and keys[ranked[-1].bid] == keys[one.bid]
        number = None if one.score is None else ranked[-1].rank if level else place
        ranked.append(replace(one, rank=number))
    ranks = [one.rank for one in ranked]
    return tuple(
        replace(one, reasons=(*one.reasons, because("score_tied", rank=one.rank)))
        if one.rank and ranks.count(one.rank) > 1 else one
        for one in ranked
    )  # fmt: skip


def _result(bid: str, given: Mapping[str, Mapping[str, Decimal | None]], method: Method) -> Result:
    totals = {expert: total(points, method) for expert, points in given.items()}
    known = sorted((value, expert) for expert, value in totals.items() if value is not None)
    missing = len(totals) - len(known)
    reasons = [because("score_missing", count=missing)] if missing else []
    if len(known) < method.least:
        few = because("score_too_few", count=len(known), least=method.least)
        return Result(bid, None, None, totals, (), (), (few, *reasons))
    counted = known[method.trim : len(known) - method.trim]
    trimmed = tuple(expert for pair in (known[: method.trim], known[len(known) - method.trim :])
                    for _, expert in pair)  # fmt: skip
    middle = median(value for value, _ in known)
    apart = tuple(e for v, e in known if abs(v - middle) > Fraction(method.outlier_points))
    reasons += [because("score_outliers", count=len(apart))] if apart else []
    score = sum((value for value, _ in counted), Fraction(0)) / len(counted)
    return Result(bid, score, None, totals, trimmed, apart, tuple(reasons))


def _key(
    one: Result, given: Mapping[str, Mapping[str, Decimal | None]], method: Method
) -> tuple[Fraction, ...]:
    """What bids are compared by: the score, then the criteria, the weightiest first."""
    if one.score is None:
        return ()
    counted = [expert for expert, value in one.totals.items() if value is not None]
    by_weight = sorted(method.criteria, key=lambda criterion: -criterion.weight)
    means = [
        sum((Fraction(given[e][criterion.code] or 0) for e in counted), Fraction(0)) / len(counted)
        for criterion in by_weight
    ]
    return (one.score, *means)


def matrix(results: Sequence[Result]) -> list[list[Fraction | None]]:
    """The totals as experts × bids, both sorted, for the measures of agreement."""
    experts = sorted({expert for one in results for expert in one.totals})
    bids = sorted(results, key=lambda one: one.bid)
    return [[one.totals.get(expert) for one in bids] for expert in experts]
