"""What every function here asks of its numbers: finite, not negative, of one size."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike

Floats: TypeAlias = NDArray[np.float64]
Integers: TypeAlias = NDArray[np.int64]
Flags: TypeAlias = NDArray[np.bool_]


def amounts(**named: ArrayLike) -> list[Problem]:
    """A problem for each argument that holds NaN, an infinity or a negative number."""
    found = []
    for where, values in named.items():
        array = np.asarray(values, float)
        if not np.isfinite(array).all():
            found.append(Problem(where, "not_finite", _first(array, ~np.isfinite(array))))
        elif (array < 0).any():
            found.append(Problem(where, "negative", _first(array, array < 0)))
    return found


def positive(**named: ArrayLike) -> list[Problem]:
    """As `amounts`, and a problem for each argument that holds a zero."""
    found = amounts(**named)
    for where, values in named.items():
        array = np.asarray(values, float)
        if (array == 0).any():
            found.append(Problem(where, "queue_not_positive", "0"))
    return found


def counts(**named: ArrayLike) -> list[Problem]:
    """As `amounts`, and a problem for each argument that holds a fraction."""
    found = amounts(**named)
    for where, values in named.items():
        array = np.asarray(values, float)
        broken = np.isfinite(array) & (array != np.floor(array))
        if broken.any():
            found.append(Problem(where, "queue_not_whole", _first(array, broken)))
    return found


def chances(**named: float) -> list[Problem]:
    """A problem for each argument outside the open interval from 0 to 1."""
    return [
        Problem(where, "queue_not_between", str(value))
        for where, value in named.items()
        if not 0 < value < 1
    ]


def same_shape(**named: ArrayLike) -> list[Problem]:
    """One problem when the arguments differ in shape."""
    shapes = {where: np.shape(values) for where, values in named.items()}
    if len(set(shapes.values())) <= 1:
        return []
    seen = ", ".join(f"{where} {'×'.join(map(str, size))}" for where, size in shapes.items())
    return [Problem(", ".join(shapes), "queue_shapes_differ", seen)]


def refuse(problems: Iterable[Problem]) -> None:
    """Raise `InputError` with all the problems, if there are any."""
    if found := list(problems):
        raise InputError(found)


def _first(array: Floats, broken: Flags) -> str:
    return f"{array[broken].flat[0]:g}"
