"""The vocabulary of conditions and sums on columns of whole numbers.

Every number knows the largest value it can take: it is reckoned in 64 bits where that is enough
and in Python's whole numbers where it is not, so that nothing overflows and nothing is a float.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import reduce
from typing import TYPE_CHECKING, Any, assert_never

import numpy as np

from songhua.policy import vocabulary as v
from songhua.policy.values import LARGEST_FEN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl
    from numpy.typing import NDArray

    from songhua.policy.batch.items import Items
    from songhua.policy.model import Value
    from songhua.policy.vocabulary import Number, Test

    Flags = NDArray[np.bool_]
    Whole = NDArray[Any]  # int64, or object where whole numbers may be larger

_COMPARE = {
    "at_least": np.greater_equal,
    "above": np.greater,
    "at_most": np.less_equal,
    "below": np.less,
}


def roomy(whole: Whole, largest: int) -> Whole:
    """The same numbers in a type that holds every number of up to `largest`, and twice as much."""
    return whole if largest < 2**62 else whole.astype(object)


def flags(series: pl.Series) -> Flags:
    """Yes or no; what is not known is no."""
    return (series.fill_null(value=False) if series.null_count() else series).to_numpy()


def known(series: pl.Series) -> Flags:
    """Whether each is known."""
    if series.null_count():
        return series.is_not_null().to_numpy()
    return np.ones(len(series), dtype=np.bool_)


def whole(series: pl.Series) -> Whole:
    """Whole numbers; what is not known is 0."""
    return (series.fill_null(0) if series.null_count() else series).to_numpy()


def among(texts: pl.Series, options: tuple[str, ...]) -> Flags:
    """Whether each text is one of the options; a text not given is none of them."""
    return reduce(np.logical_or, (flags(texts == option) for option in options))


@dataclass
class Sheet:
    """The facts of applicants as columns, and values of the rule, worked out when asked for.

    `longest` is how many items of a list one applicant has at most.
    """

    facts: pl.DataFrame
    items: Mapping[str, Items]
    longest: Mapping[str, int]
    values: Mapping[str, Value]
    chosen: Mapping[str, str]
    worked_out: dict[str, Whole] = field(default_factory=dict)

    def named(self, name: str, inside: Items | None = None) -> Whole:
        """A whole number by its name: of the applicants, or of the items that one is `inside`."""
        if inside is not None:
            return whole(inside.frame[name])
        if name not in self.values:
            return whole(self.facts[name])
        if name not in self.worked_out:
            self.worked_out[name] = self.number(self.values[name].of)
        return self.worked_out[name]

    def test(self, test: Test, inside: Items | None = None) -> Flags:
        """Whether a test holds for each applicant, or for each of the items."""
        frame = self.facts if inside is None else inside.frame
        match test:
            case v.Always():
                return np.ones(frame.height, dtype=np.bool_)
            case v.IsTrue():
                return flags(frame[test.name])
            case v.IsFalse():
                return flags(~frame[test.name])
            case v.OneOf():
                return among(frame[test.name], test.options)
            case v.Same():
                assert inside is not None
                same: Flags = self.named(test.field, inside) == inside.of_applicant(
                    self.named(test.fact)
                )
                return same
            case v.Compare():
                compared: Flags = _COMPARE[test.comparator](
                    self.named(test.name, inside), test.bound
                )
                return compared
            case v.AllOf():
                return reduce(np.logical_and, (self.test(part, inside) for part in test.tests))
            case v.AnyOf():
                return reduce(np.logical_or, (self.test(part, inside) for part in test.tests))
            case v.TestByReading():
                return self.test(test.options[self.chosen[test.reading]], inside)
        assert_never(test)

    def number(self, of: Number, inside: Items | None = None) -> Whole:
        """A number of each applicant, or of each of the items."""
        match of:
            case v.Named():
                return self.named(of.name, inside)
            case v.CountOf():
                items = self.items[of.list]
                return items.sums(self.test(of.where, items).astype(np.int64))
            case v.Sum():
                items = self.items[of.list]
                each = roomy(self.number(of.of, items), self.most(of))
                return items.sums(np.where(self.test(of.where, items), each, 0))
            case v.Minus():
                left = roomy(self.number(of.left, inside), self.most(of))
                return left - self.number(of.right, inside)
            case v.AtLeastZero():
                return np.maximum(self.number(of.of, inside), 0)
            case v.NumberByReading():
                return self.number(of.options[self.chosen[of.reading]], inside)
        assert_never(of)

    def most(self, of: Number) -> int:
        """The largest value, either side of 0, that a number can take."""
        match of:
            case v.Named():
                return self.most_of(of.name)
            case v.Sum():
                return self.most(of.of) * self.longest[of.list]
            case v.CountOf():
                return self.longest[of.list]
            case v.Minus():
                return self.most(of.left) + self.most(of.right)
            case v.AtLeastZero():
                return self.most(of.of)
            case v.NumberByReading():
                return self.most(of.options[self.chosen[of.reading]])
        assert_never(of)

    def most_of(self, name: str) -> int:
        """The largest value, either side of 0, of what a name leads to."""
        return self.most(self.values[name].of) if name in self.values else LARGEST_FEN
