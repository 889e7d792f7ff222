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
    from songhua.policy.model import Rule
    from songhua.policy.vocabulary import Number, Test

_COMPARE = {"at_least": "ge", "above": "gt", "at_most": "le", "below": "lt"}


def kind(largest: int) -> type[pl.Int64 | pl.Int128]:
    """The integers that hold every number of up to `largest`, and twice as much."""
    return pl.Int64 if largest < 2**62 else pl.Int128


@dataclass
class Sheet:
    """The facts of a rule as columns, and its values, each worked out from those before it."""

    frame: pl.DataFrame
    items: Mapping[str, Items]
    chosen: Mapping[str, str]
    largest: dict[str, int] = field(default_factory=dict)

    def work_out(self, rule: Rule) -> None:
        """Add a column for every value of `rule`."""
        for name, value in rule.values.items():
            self.largest[name] = self.most(value.of)
            column = self.number(value.of, kind(self.largest[name]))
            self.frame = self.frame.with_columns(column.alias(name))

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
                comparison: pl.Expr = getattr(pl.col(test.name), _COMPARE[test.comparator])(
                    test.bound
                )
                return comparison
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
                return pl.col(of.name).cast(dtype)
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
                return self.largest.get(of.name, LARGEST_FEN)
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
