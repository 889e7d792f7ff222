"""What tests and numbers of the vocabulary come to on facts of their types. Pure and total."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, assert_never

from songhua.policy import vocabulary as v

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.policy.model import Rule
    from songhua.policy.vocabulary import Comparator, Number, Test


@dataclass(frozen=True)
class Scope:
    """What names mean here: facts and values of the rule, or, inside a list, an item's fields.

    `facts` are always those of the rule; `chosen` is the option taken of every reading.
    """

    names: Mapping[str, Any]
    facts: Mapping[str, Any]
    chosen: Mapping[str, str]

    def of(self, item: Mapping[str, Any]) -> Scope:
        """The scope inside one item of a list."""
        return Scope(item, self.facts, self.chosen)


def scope_of(rule: Rule, facts: Mapping[str, Any], chosen: Mapping[str, str]) -> Scope:
    """The facts with the rule's values worked out, each from those before it."""
    names = dict(facts)
    scope = Scope(names, facts, chosen)
    for name, value in rule.values.items():
        names[name] = number(value.of, scope)
    return scope


def compare(left: int, comparator: Comparator, bound: int) -> bool:
    """Whether a number satisfies its bound.

    >>> compare(10, "at_least", 10), compare(10, "above", 10)
    (True, False)
    """
    match comparator:
        case "at_least":
            return left >= bound
        case "above":
            return left > bound
        case "at_most":
            return left <= bound
        case "below":
            return left < bound
    assert_never(comparator)


def holds(test: Test, scope: Scope) -> bool:
    """Whether `test` is true."""
    names = scope.names
    match test:
        case v.Always():
            return True
        case v.IsTrue():
            return names[test.name] is True
        case v.IsFalse():
            return names[test.name] is False
        case v.OneOf():
            return names[test.name] in test.options
        case v.Same():
            return bool(names[test.field] == scope.facts[test.fact])
        case v.Compare():
            return compare(names[test.name], test.comparator, test.bound)
        case v.AllOf():
            return all(holds(part, scope) for part in test.tests)
        case v.AnyOf():
            return any(holds(part, scope) for part in test.tests)
        case v.TestByReading():
            return holds(test.options[scope.chosen[test.reading]], scope)
    assert_never(test)


def number(of: Number, scope: Scope) -> int:
    """The number, in fen or in things counted."""
    match of:
        case v.Named():
            return int(scope.names[of.name])
        case v.Sum():
            return sum(number(of.of, inside) for inside in _passing(of, scope))
        case v.CountOf():
            return sum(1 for _ in _passing(of, scope))
        case v.Minus():
            return number(of.left, scope) - number(of.right, scope)
        case v.AtLeastZero():
            return max(0, number(of.of, scope))
        case v.NumberByReading():
            return number(of.options[scope.chosen[of.reading]], scope)
    assert_never(of)


def compares(test: Test, scope: Scope) -> Iterator[v.Compare]:
    """The comparisons that a condition asks for under the chosen readings."""
    match test:
        case v.Compare():
            yield test
        case v.AllOf() | v.AnyOf():
            for part in test.tests:
                yield from compares(part, scope)
        case v.TestByReading():
            yield from compares(test.options[scope.chosen[test.reading]], scope)


def _passing(of: v.Sum | v.CountOf, scope: Scope) -> Iterator[Scope]:
    insides = (scope.of(item) for item in scope.names[of.list] or ())
    return (inside for inside in insides if holds(of.where, inside))
