"""The words in which conditions and sums are written: a closed set, without functions or names of
Python.

A `Test` is true or false, a `Number` is a whole number of fen or of things counted. Inside a list
(``where``, ``of``) a name is a field of the item; outside it is a fact or a value of the rule.
Everything is total: no word can fail on facts that have their declared types.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from songhua.policy.values import Count, Money, Word
from songhua.programmes.values import Code, Text  # noqa: TC001 (pydantic reads these)

Comparator = Literal["at_least", "above", "at_most", "below"]
"""以上、不低于、达到 at_least; 超过、突破 above; 以下、以内 at_most; 不满 below."""


class Always(Word):
    """True: what a reading says when it asks for nothing."""

    test: Literal["always"]


class IsTrue(Word):
    """A yes-or-no fact is yes."""

    test: Literal["is_true"]
    name: Code


class IsFalse(Word):
    """A yes-or-no fact is no."""

    test: Literal["is_false"]
    name: Code


class OneOf(Word):
    """A text is one of these, letter for letter; a text not given is none of them."""

    test: Literal["one_of"]
    name: Code
    options: Annotated[tuple[Text, ...], Field(min_length=1)]


class Same(Word):
    """An item's whole number equals a fact of the application: of the same year."""

    test: Literal["same"]
    field: Code
    fact: Code


class Compare(Word):
    """A number against a bound: an amount (``5亿元``) or a plain count (``10``)."""

    test: Literal["compare"]
    name: Code
    comparator: Comparator
    amount: Money | None = None
    count: Count | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Compare:
        if (self.amount is None) == (self.count is None):
            raise PydanticCustomError("policy_one_bound", "amount")
        return self

    @property
    def bound(self) -> int:
        """The bound in fen or in things counted."""
        return self.amount if self.amount is not None else self.count or 0


class AllOf(Word):
    """Every one of the tests holds."""

    test: Literal["all_of"]
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]


class AnyOf(Word):
    """At least one of the tests holds."""

    test: Literal["any_of"]
    tests: Annotated[tuple[Test, ...], Field(min_length=1)]


class TestByReading(Word):
    """The test that the chosen option of a reading names."""

    __test__ = False  # not a test of the test suite
    test: Literal["by_reading"]
    reading: Code
    options: dict[Code, Test]


Test = Annotated[
    Always | IsTrue | IsFalse | OneOf | Same | Compare | AllOf | AnyOf | TestByReading,
    Field(discriminator="test"),
]


class Named(Word):
    """A number by its name."""

    number: Literal["named"]
    name: Code


class Sum(Word):
    """Sum of `of` over the items of a list that pass `where`; 0 when there is none."""

    number: Literal["sum"]
    list: Code
    of: Number
    where: Test = Always(test="always")


class CountOf(Word):
    """How many items of a list pass `where`."""

    number: Literal["count"]
    list: Code
    where: Test = Always(test="always")


class Minus(Word):
    """`left` less `right`; may be negative."""

    number: Literal["minus"]
    left: Number
    right: Number


class AtLeastZero(Word):
    """`of`, or 0 where it is negative."""

    number: Literal["at_least_zero"]
    of: Number


class NumberByReading(Word):
    """The number that the chosen option of a reading names."""

    number: Literal["by_reading"]
    reading: Code
    options: dict[Code, Number]


Number = Annotated[
    Named | Sum | CountOf | Minus | AtLeastZero | NumberByReading, Field(discriminator="number")
]

for _model in (AllOf, AnyOf, TestByReading, Sum, CountOf, Minus, AtLeastZero, NumberByReading):
    _model.model_rebuild()
