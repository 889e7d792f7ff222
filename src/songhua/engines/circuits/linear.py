"""One unknown to a node: the symmetric equations of a circuit, factorised as L D Lᵀ in place."""

from __future__ import annotations

from numba import njit


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def solve_symmetric(pattern, diagonal, lower, right):  # type: ignore[no-untyped-def]
    """`right`, shape (nodes,) in the order of elimination, becomes the answer; False if singular.

    `diagonal`, shape (nodes,), and `lower`, shape (entries of the pattern,), are used up.
    """
    count = 0
    first, row = pattern.first, pattern.row
    for column in range(right.size):
        pivot = diagonal[column]
        if not pivot > 0:
            return False
        for one in range(first[column], first[column + 1]):
            share = lower[one] / pivot
            diagonal[row[one]] -= share * lower[one]
            right[row[one]] -= share * right[column]
            for other in range(one + 1, first[column + 1]):
                lower[pattern.target[count]] -= share * lower[other]
                count += 1
    for column in range(right.size - 1, -1, -1):
        value = right[column]
        for one in range(first[column], first[column + 1]):
            value -= lower[one] * right[row[one]]
        right[column] = value / diagonal[column]
    return True
