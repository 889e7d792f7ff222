"""From the staff each interval needs to the people each shift needs: exact covering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from songhua.engines.queueing.checks import counts, refuse, same_shape
from songhua.kit.errors import Infeasible, Problem, require

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from songhua.engines.queueing.checks import Integers


def shift_matrix(intervals: int, starts: ArrayLike, lengths: ArrayLike) -> Integers:
    """Which intervals (rows) each shift (columns) works, 1 or 0; past the end it wraps around.

    `starts` and `lengths`, shape (shifts,), are in intervals.

    >>> shift_matrix(4, [0, 3], [2, 2]).tolist()
    [[1, 1], [1, 0], [0, 0], [0, 1]]
    """
    begin, length = np.asarray(starts), np.asarray(lengths)
    refuse(counts(starts=begin, lengths=length) + same_shape(starts=begin, lengths=length))
    after_start = (np.arange(intervals)[:, None] - begin) % intervals
    return np.asarray(after_start < length, np.int64)


def least_staff(
    required: ArrayLike, shifts: ArrayLike, most_per_shift: ArrayLike | None = None
) -> Integers:
    """People on each shift, shape (shifts,), so that every interval has its `required` staff.

    The fewest people that do, and among those the fewest intervals worked: a proven optimum.
    `required` has shape (intervals,), `shifts` (intervals, shifts) holds 1 where a shift works
    and may have breaks, `most_per_shift` (shifts,) limits the people on each. Raises
    `Infeasible` with every interval that even full shifts leave short, and by how many.

    >>> least_staff([1, 2, 2, 1], shift_matrix(4, [0, 1, 2], [2, 2, 2])).tolist()
    [1, 1, 1]
    """
    need, works = np.asarray(required), np.asarray(shifts)
    most = np.full(works.shape[1:], need.max(initial=0))
    most = most if most_per_shift is None else np.asarray(most_per_shift)
    refuse(
        counts(required=need, shifts=works, most_per_shift=most)
        + same_shape(required=need, intervals=works[:, :1].squeeze(1))
        + same_shape(most_per_shift=most, shifts=works[:1].squeeze(0))
    )
    require(bool(np.isin(works, (0, 1)).all()), "shifts", "out_of_range", works.max())
    short = need - works @ most
    if (short > 0).any():
        raise Infeasible(
            [
                Problem(f"interval-{index + 1}", "queue_not_covered", str(short[index]))
                for index in np.flatnonzero(short > 0)
            ]
        )
    return _cover(need.astype(np.int64), works.astype(np.int64), most.astype(np.int64))


def _cover(need: Integers, works: Integers, most: Integers) -> Integers:
    """The optimum, by constraint programming."""
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    people = [model.new_int_var(0, int(limit), "") for limit in most]
    for row, staff in zip(works, need, strict=True):
        model.add(sum(person for person, on in zip(people, row, strict=True) if on) >= int(staff))
    # One person more always weighs more than all the intervals anybody could work.
    person_weight = int(need.sum()) * len(need) + 1
    weights = person_weight + works.sum(axis=0)
    model.minimize(sum(int(w) * person for w, person in zip(weights, people, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise RuntimeError("the covering has a solution but no optimum was proven")
    return np.array([solver.value(person) for person in people], np.int64)
