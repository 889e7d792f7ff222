"""A question to be answered with noise, complete enough to know it when it comes again."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from songhua.kit.errors import InputError, Problem
from songhua.kit.params import Params

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = ""
"""The cell of a histogram that counts what is in none of its categories, empty cells too."""

_MOST_STEPS = 2**32  # sums over two thousand million rows still fit 64 bits


class Bounds(Params):
    """The range that figures are taken to have, known without looking: those outside are told as
    the nearer bound. `resolution` is the step in which they are counted."""

    low: Decimal
    high: Decimal
    resolution: Decimal = Field(default=Decimal(1), gt=0)


class Question(Params):
    """One statistic of one version of a dataset.

    `rows` names the selection of rows it is asked about (empty: all); `column` is needed but for
    a count of rows, `bounds` for a sum or a mean, `categories`, fixed beforehand and not read off
    the data, for a histogram. Protected is everything a person adds: the first `rows_per_person`
    rows of each value of the column `person`, or single rows where it is empty.
    """

    dataset: str = Field(min_length=1)
    version: str = Field(min_length=1)
    statistic: Literal["count", "sum", "mean", "histogram"]
    epsilon: Decimal = Field(gt=0, le=10)
    column: str = ""
    bounds: Bounds | None = None
    categories: tuple[str, ...] = ()
    rows: str = ""
    person: str = ""
    rows_per_person: int = Field(default=1, ge=1)

    def key(self) -> str:
        """The same for the same question, however its numbers and categories are written.

        >>> one, two = (
        ...     Question(dataset="homes", version="7", statistic="count", epsilon=epsilon)
        ...     for epsilon in ("0.5", "0.50")
        ... )
        >>> one.key() == two.key()
        True
        """
        same = self.model_copy(
            update={
                "epsilon": _shortest(self.epsilon),
                "categories": tuple(sorted(self.categories)),
                "bounds": self.bounds
                and Bounds(**{name: _shortest(each) for name, each in self.bounds}),
            }
        )
        return hashlib.sha256(same.model_dump_json().encode()).hexdigest()

    def check(self) -> None:
        """Raise `InputError` with everything that the statistic lacks."""
        problems = tuple(self._problems())
        if problems:
            raise InputError(problems)

    def _problems(self) -> Iterator[Problem]:
        figures = self.statistic in ("sum", "mean")
        if not self.column and self.statistic != "count":
            yield Problem("column", "noise_column_missing", self.statistic)
        if figures and self.bounds is None:
            yield Problem("bounds", "noise_bounds_missing", self.statistic)
        if figures and self.bounds and not _countable(self.bounds):
            yield Problem("bounds", "noise_bounds_unsound", f"{self.bounds.low}–{self.bounds.high}")
        if self.statistic == "histogram" and not self.categories:
            yield Problem("categories", "noise_categories_missing")
        if len({*self.categories, OTHER}) <= len(self.categories):
            yield Problem("categories", "noise_categories_twice")
        if not self.person and self.rows_per_person > 1:
            yield Problem("rows_per_person", "noise_person_missing")


def _countable(bounds: Bounds) -> bool:
    steps = [bound / bounds.resolution for bound in (bounds.low, bounds.high)]
    whole = all(abs(each) < _MOST_STEPS and each == each.to_integral_value() for each in steps)
    return bounds.low < bounds.high and whole


def _shortest(number: Decimal) -> Decimal:
    """The number without trailing zeros and without an exponent."""
    return Decimal(format(number.normalize(), "f"))
