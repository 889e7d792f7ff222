"""Remembers the keys of all rows seen, in some forty bytes a row however long a key is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FIRST_SIZE = 2**16


class Repeats:
    """A set of keys by two hashes, 95 bits in all: two different keys among a hundred million are
    taken for one with a chance of about 10^-13."""

    def __init__(self) -> None:
        self._slots = _empty(_FIRST_SIZE)
        self._kept = 0

    def again(self, first: NDArray[np.uint64], second: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """For each key, by its two hashes, whether it was met before."""
        while (self._kept + first.size) * 5 > self._slots[0].size * 3:
            larger = _empty(self._slots[0].size * 2)
            keys, checks = self._slots
            _insert(keys[checks != 0], checks[checks != 0], *larger)
            self._slots = larger
        again = _insert(first, second.astype(np.uint32) | np.uint32(1), *self._slots)
        self._kept += int(again.size - again.sum())
        return again


def _empty(size: int) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    return np.zeros(size, np.uint64), np.zeros(size, np.uint32)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _insert(
    first: np.ndarray, second: np.ndarray, keys: np.ndarray, checks: np.ndarray
) -> np.ndarray:
    """Put keys into the slots (a check of 0 means free), telling of each whether it stood there."""
    again = np.zeros(first.size, np.bool_)
    last = keys.size - 1
    for i in range(first.size):
        at = np.int64(first[i] & np.uint64(last))
        while checks[at] and (keys[at] != first[i] or checks[at] != second[i]):
            at = (at + 1) & last
        again[i] = checks[at] != 0
        keys[at], checks[at] = first[i], second[i]
    return again
