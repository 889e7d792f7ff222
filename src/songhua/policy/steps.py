"""The way to an amount, step by step, and how far it is to the next threshold."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from songhua.policy.award import Step, in_yuan, wording
from songhua.policy.evaluate import compare, compares
from songhua.policy.grants import base_of, formula, left_of, paid_before
from songhua.policy.model import NoMoney, Review, Routes, Share, Stairs
from songhua.policy.values import Words, percent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from songhua.policy.evaluate import Scope
    from songhua.policy.model import Rule
    from songhua.policy.vocabulary import Compare


def steps_of(rule: Rule, scope: Scope) -> tuple[Step, ...]:
    """Every step on these facts: values, thresholds, the formula, earlier payments, the cap."""
    return tuple(_steps(rule, scope))


def _steps(rule: Rule, scope: Scope) -> Iterator[Step]:
    for name in rule.values:
        yield _value(rule, name, scope)
    for condition in rule.conditions:
        if not isinstance(condition, Review):
            for test in compares(condition.require, scope):
                yield _threshold(rule, test, scope)
    if isinstance(rule.grant, NoMoney | Routes):
        return
    base = base_of(rule.grant, scope)
    if base is not None and base > 0:
        yield from _formula(rule, base, scope)
    yield from _cap(rule, base, scope)


def _value(rule: Rule, name: str, scope: Scope) -> Step:
    value = {"label": _label(rule, name), "figure": _figure(rule, name, scope.names[name])}
    return Step("policy_step_value", value)


def _threshold(rule: Rule, test: Compare, scope: Scope) -> Step:
    """A threshold met, or missed and by how much; a missed strict bound lacks one more."""
    left = int(scope.names[test.name])
    values = {
        "label": _label(rule, test.name),
        "figure": _figure(rule, test.name, left),
        "comparator": wording(f"policy_word_{test.comparator}"),
        "bound": _figure(rule, test.name, test.bound),
    }
    if compare(left, test.comparator, test.bound):
        return Step("policy_step_met", values)
    lacking = abs(test.bound - left) + (test.comparator in ("above", "below"))
    code = "policy_step_short" if left <= test.bound else "policy_step_over"
    return Step(code, values | {"gap": _figure(rule, test.name, lacking)})


def _formula(rule: Rule, base: int, scope: Scope) -> Iterator[Step]:
    grant, rounding = rule.grant, scope.chosen["rounding"]
    assert not isinstance(grant, NoMoney | Routes)
    figure = in_yuan(formula(grant, base, rounding))
    match grant:
        case Share():
            values = {
                "label": _label(rule, grant.base),
                "base": in_yuan(base),
                "rate": _same(percent(grant.rate)),
                "rounding": wording(f"policy_word_{rounding}"),
            }
            yield Step("policy_step_share", values | {"figure": figure})
        case Stairs():
            full = max(0, base - grant.start) // grant.each
            values = {
                "label": _label(rule, grant.base),
                "base": in_yuan(base),
                "start": in_yuan(grant.start),
                "first": in_yuan(grant.first),
                "each": in_yuan(grant.each),
                "further": in_yuan(grant.further),
                "count": _same(str(full)),
            }
            yield Step("policy_step_stairs", values | {"figure": figure})
            above = base >= grant.start
            gap = grant.start + (full + above) * grant.each - base
            more = grant.further if above else grant.first
            yield Step("policy_step_next", {"gap": in_yuan(gap), "more": in_yuan(more)})
        case _:
            yield Step(f"policy_step_{grant.kind}", {"figure": figure})


def _cap(rule: Rule, base: int | None, scope: Scope) -> Iterator[Step]:
    cap = rule.cap
    if cap is None:
        return
    before = paid_before(cap, scope)
    left = 0 if cap.kind == "one_off" and before else left_of(cap, scope)
    kind = wording(f"policy_word_{cap.kind}")
    yield Step("policy_step_cap", {"cap": in_yuan(cap.amount), "kind": kind})
    if before:
        yield Step("policy_step_prior", {"prior": in_yuan(before), "left": in_yuan(left)})
    if isinstance(rule.grant, Share) and base is not None and left:
        gap = _reaching(left, rule.grant.rate, scope.chosen["rounding"]) - base
        if gap > 0:
            yield Step("policy_step_to_cap", {"gap": in_yuan(gap), "left": in_yuan(left)})


def _reaching(fen: int, rate: Fraction, rounding: str) -> int:
    """The smallest base whose share comes to `fen`.

    >>> _reaching(50_000_000, Fraction(3, 10), "half_up")
    166666665
    """
    wanted = fen if rounding == "down" else fen - Fraction(1, 2)
    return (wanted / rate).__ceil__()


def _label(rule: Rule, name: str) -> Words:
    named: Words = rule.values[name] if name in rule.values else rule.facts[name]
    return Words(zh=named.zh, en=named.en)


def _figure(rule: Rule, name: str, number: int) -> Words:
    """A number with what it counts."""
    unit = rule.values[name].unit if name in rule.values else None
    fact = rule.facts.get(name)
    if unit is None and not (fact is not None and fact.type == "integer"):
        return in_yuan(number)
    return Words(
        zh=f"{number}{unit.zh if unit else ''}", en=f"{number} {unit.en if unit else ''}".strip()
    )


def _same(text: str) -> Words:
    return Words(zh=text, en=text)
