"""The vocabulary of conditions and sums as polars expressions on whole numbers.

Every number carries the largest value it can take, and is reckoned in 64 bits where that is
enough and in 128 where it is not, so that nothing overflows and nothing is a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING, assert_never

import polars as pl

from songhua.policy import vocabulary as v
from songhua.policy.values import LARGEST_FEN

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.policy.batch.items import Items
    from songhua.policy.model import Value
    from songhua.policy.vocabulary import Number, Test

_COMPARE = {"at_least": "ge", "above": "gt", "at_most": "le", "below": "lt"}


def kind(largest: int) -> type[pl.Int64 | pl.Int128]:
    """The integers that hold every number of up to `largest`, and twice as much."""
    return pl.Int64 if largest < 2**62 else pl.Int128


@dataclass
class Sheet:
    """The facts of a rule as columns, and its values, worked out where something turns on them.

    `frame` grows as expressions are asked for, and then holds every column that they name.
    """

    frame: pl.DataFrame
    items: Mapping[str, Items]
    values: Mapping[str, Value]
    chosen: Mapping[str, str]
    largest: dict[str, int] = field(default_factory=dict)

    def named(self, name: str) -> pl.Expr:
        """A fact, an item's field, or a value, worked out the first time."""
        if name in self.values and name not in self.largest:
            of = self.values[name].of
            self.largest[name] = self.most(of)
            column = self.number(of, kind(self.largest[name])).alias(name)
            self.frame = self.frame.with_columns(column)
        return pl.col(name)

    def test(self, test: Test) -> pl.Expr:
        """A test on the columns at hand: of the applicants, or, inside a list, of its items."""
        match test:
            case v.Always():
                return pl.lit(value=True)
            case v.IsTrue():
                return pl.col(test.name)
            case v.IsFalse():
                return ~pl.col(test.name)
            case v.OneOf():
                return reduce(or_, (pl.col(test.name).eq_missing(o) for o in test.options))
            case v.Same():
                return pl.col(test.field) == pl.col(f"@{test.fact}")
            case v.Compare():
                compare = getattr(self.named(test.name), _COMPARE[test.comparator])
                compared: pl.Expr = compare(test.bound)
                return compared
            case v.AllOf():
                return reduce(and_, map(self.test, test.tests))
            case v.AnyOf():
                return reduce(or_, map(self.test, test.tests))
            case v.TestByReading():
                return self.test(test.options[self.chosen[test.reading]])
        assert_never(test)

    def number(self, of: Number, dtype: type[pl.DataType]) -> pl.Expr:
        """A number; what is summed over a list is summed at once."""
        match of:
            case v.Named():
                return self.named(of.name).cast(dtype)
            case v.Sum() | v.CountOf():
                return self._summed(of, dtype)
            case v.Minus():
                return self.number(of.left, dtype) - self.number(of.right, dtype)
            case v.AtLeastZero():
                return self.number(of.of, dtype).clip(lower_bound=0)
            case v.NumberByReading():
                return self.number(of.options[self.chosen[of.reading]], dtype)
        assert_never(of)

    def most(self, of: Number) -> int:
        """The largest value, either side of 0, that a number can take."""
        match of:
            case v.Named():
                return self.most_of(of.name)
            case v.Sum():
                return self.most(of.of) * self.items[of.list].longest
            case v.CountOf():
                return self.items[of.list].longest
            case v.Minus():
                return self.most(of.left) + self.most(of.right)
            case v.AtLeastZero():
                return self.most(of.of)
            case v.NumberByReading():
                return self.most(of.options[self.chosen[of.reading]])
        assert_never(of)

    def most_of(self, name: str) -> int:
        """The largest value, either side of 0, of what a name leads to."""
        self.named(name)
        return self.largest.get(name, LARGEST_FEN)

    def _summed(self, of: v.Sum | v.CountOf, dtype: type[pl.DataType]) -> pl.Expr:
        items = self.items[of.list]
        facts = set(_same(of.where, self.chosen))
        beside = [items.of_applicant(self.frame[fact]).alias(f"@{fact}") for fact in facts]
        one = self.number(of.of, dtype) if isinstance(of, v.Sum) else pl.lit(1, dtype)
        passing = pl.when(self.test(of.where)).then(one).otherwise(pl.lit(0, dtype))
        name = f"@{self.frame.width}"
        self.frame = self.frame.with_columns(items.sums(passing, beside).alias(name))
        return pl.col(name).cast(dtype)


def _same(test: Test, chosen: Mapping[str, str]) -> Iterator[str]:
    """The facts of the application that a test on an item asks for."""
    match test:
        case v.Same():
            yield test.fact
        case v.AllOf() | v.AnyOf():
            for part in test.tests:
                yield from _same(part, chosen)
        case v.TestByReading():
            yield from _same(test.options[chosen[test.reading]], chosen)
