"""Differentially private releases: the true figure and noise that hides any single person.

Figures are counted in whole steps of their resolution before anything is added up.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from songhua.exchange.privacy.laplace import Noise
from songhua.exchange.privacy.questions import OTHER
from songhua.kit.errors import InputError, Problem, require

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from songhua.exchange.privacy.budget import Budget
    from songhua.exchange.privacy.questions import Bounds, Question

MECHANISM = "discrete Laplace"
_DOUBT = 0.05
_MEAN_PARTS = 100  # a mean is told to this part of the resolution


@dataclass(frozen=True)
class Release:
    """A noisy answer and how far to trust it.

    `figures` has one entry, named after the statistic, or one for each category. With 95 %
    confidence all of them are within `accuracy` of the truth about the figures as bounded; None
    where the noise is too large to say. The noise may make a count negative: it is left so, for a
    cut would bias what is added up.
    """

    key: str
    epsilon: Decimal
    mechanism: str
    figures: Mapping[str, Decimal]
    accuracy: Decimal | None


def release(
    question: Question,
    frame: pl.DataFrame,
    budget: Budget,
    remembered: Mapping[str, Release],
) -> tuple[Release, Budget]:
    """The answer over the rows of `frame` (those that `question.rows` selects), and the budget
    after it. One that is `remembered` is given again and costs nothing.

    Raises `InputError` for an incomplete question or a column that does not hold figures,
    `Conflict` where the budget does not suffice. The caller keeps both results in one transaction.
    """
    question.check()
    require(budget.dataset == question.dataset, "dataset", "budget_of_another", budget.dataset)
    key = question.key()
    if key in remembered:
        return remembered[key], budget
    after = budget.spend(key, question.epsilon)
    rows = _bounded(question, frame)
    if question.statistic == "mean":
        figures, accuracy = _mean(question, rows)
    else:
        figures, accuracy = _additive(question, rows)
    return Release(key, question.epsilon, MECHANISM, figures, accuracy), after


def _bounded(question: Question, frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that count: no more than the agreed number of each person, filled cells only. Rows
    of nobody known count as one person's."""
    import polars as pl

    for name in filter(None, (question.column, question.person)):
        require(name in frame.columns, name, "privacy_column_unknown")
    if question.person:
        nth = pl.int_range(pl.len()).over(question.person)
        frame = frame.filter(nth < question.rows_per_person)
    if question.column and question.statistic != "histogram":
        frame = frame.fill_nan(None).filter(pl.col(question.column).is_not_null())
    return frame


def _additive(question: Question, rows: pl.DataFrame) -> tuple[dict[str, Decimal], Decimal]:
    """Count, sum or histogram: a row moves the totals by a bounded number of steps of `unit`."""
    names: list[str] = [question.statistic]
    unit, per_row = Decimal(1), 1
    if question.statistic == "histogram":
        names, totals = [*question.categories, OTHER], _by_category(question, rows)
    elif question.bounds is not None and question.statistic == "sum":
        unit, per_row = question.bounds.resolution, max(map(abs, _ends(question.bounds)))
        totals = [int(_steps(rows[question.column], question.bounds).sum())]
    else:
        totals = [rows.height]
    noise = Noise.hiding(per_row * question.rows_per_person, question.epsilon)
    drawn = noise.added_to(totals)
    figures = {name: unit * total for name, total in zip(names, drawn, strict=True)}
    return figures, unit * noise.within(_DOUBT / len(names))


def _by_category(question: Question, rows: pl.DataFrame) -> list[int]:
    import polars as pl

    found = dict(rows[question.column].cast(pl.String).value_counts(name="rows").iter_rows())
    totals = [int(found.get(each, 0)) for each in question.categories]
    return [*totals, rows.height - sum(totals)]


def _mean(question: Question, rows: pl.DataFrame) -> tuple[dict[str, Decimal], Decimal | None]:
    """Half of epsilon counts, half adds up the distances from the middle of the range, which is
    less to hide than the figures; the quotient costs nothing more."""
    assert question.bounds is not None
    bounds = question.bounds
    low, high = _ends(bounds)
    middle = (low + high) // 2
    half, per_person = question.epsilon / 2, question.rows_per_person
    counting = Noise.hiding(per_person, half)
    adding = Noise.hiding(max(high - middle, middle - low) * per_person, half)
    distances = _steps(rows[question.column], bounds) - middle
    [count], [total] = counting.added_to([rows.height]), adding.added_to([int(distances.sum())])

    def mean(total: int, count: int) -> Decimal:
        exact = middle + Fraction(total, max(count, 1))
        held = min(max(exact, Fraction(low)), Fraction(high))
        return bounds.resolution * round(held * _MEAN_PARTS) / _MEAN_PARTS

    answer = mean(total, count)
    doubt, off = counting.within(_DOUBT / 2), adding.within(_DOUBT / 2)
    if count - doubt < 1:
        return {"mean": answer}, None
    corners = [mean(total + t, count + c) for t in (-off, off) for c in (-doubt, doubt)]
    return {"mean": answer}, max(abs(corner - answer) for corner in corners)


def _ends(bounds: Bounds) -> tuple[int, int]:
    return int(bounds.low / bounds.resolution), int(bounds.high / bounds.resolution)


def _steps(column: pl.Series, bounds: Bounds) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Each figure in steps of the resolution, held within the bounds, (rows,)."""
    import polars as pl

    if not column.dtype.is_numeric():
        raise InputError(Problem(column.name, "noise_not_figures"))
    figures = column.cast(pl.Float64).to_numpy() / float(bounds.resolution)
    low, high = _ends(bounds)
    return np.rint(np.clip(figures, low, high)).astype(np.int64)
