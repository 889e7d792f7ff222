"""A network's equations, two unknowns to a node, solved: ordering once, numbers at every step.

Each node's two equations hold its own unknowns and those of the nodes beside it: a sparse matrix
of 2×2 blocks, as many above the diagonal as below. Eliminating the node with fewest neighbours
first (minimum degree) leaves few new blocks; the neighbours met on the way are the columns. Source:
A. George, J. Liu, The Evolution of the Minimum Degree Ordering Algorithm, SIAM Review 31 (1989).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.lean import lean

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Integers


class Pattern(NamedTuple):
    """Where the blocks go.

    `place`, shape (nodes,): a node's place in the order of elimination. Below the diagonal, column
    k has the rows ``row[first[k]:first[k + 1]]``, rising. `slot`, shape (pipes,): the block of a
    pipe's two nodes. `target`: for each pair of blocks in a column, column after column, the block
    that it changes.
    """

    place: Integers
    first: Integers
    row: Integers
    slot: Integers
    target: Integers


def pattern(start: Integers, end: Integers, nodes: int) -> Pattern:
    """The pattern for pipes from `start` to `end` among `nodes` nodes."""
    neighbours: dict[int, set[int]] = {node: set() for node in range(nodes)}
    for one, other in zip(start.tolist(), end.tolist(), strict=True):
        neighbours[one].add(other)
        neighbours[other].add(one)
    order, columns = _eliminate(neighbours)
    place = np.empty(nodes, np.int64)
    place[order] = np.arange(len(order))
    first = np.zeros(len(order) + 1, np.int64)
    first[1:] = np.cumsum([len(column) for column in columns])
    row = np.array([node for column in columns for node in column], np.int64)
    row = place[row]
    _sort(first, row)
    slot = _slots(first, row, place[start], place[end])
    return Pattern(place, first, row, slot, _targets(first, row))


def _eliminate(neighbours: dict[int, set[int]]) -> tuple[list[int], list[list[int]]]:
    """The nodes by minimum degree, and each one's neighbours when its turn comes."""
    queue = [(len(around), node) for node, around in neighbours.items()]
    heapify(queue)
    order, columns = [], []
    while queue:
        degree, node = heappop(queue)
        if node not in neighbours or len(neighbours[node]) != degree:
            continue  # an entry from before its degree changed
        around = neighbours.pop(node)
        order.append(node)
        columns.append(list(around))
        for other in around:
            theirs = neighbours[other]
            theirs |= around
            theirs -= {node, other}
            heappush(queue, (len(theirs), other))
    return order, columns


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _sort(first, row):  # type: ignore[no-untyped-def]
    for column in range(first.size - 1):
        row[first[column] : first[column + 1]].sort()


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _entry(first, row, one, other):  # type: ignore[no-untyped-def]
    low = min(one, other)
    column = row[first[low] : first[low + 1]]
    return first[low] + np.searchsorted(column, max(one, other))


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _slots(first, row, start, end):  # type: ignore[no-untyped-def]
    slot = np.empty(start.size, np.int64)
    for pipe in range(start.size):
        slot[pipe] = _entry(first, row, start[pipe], end[pipe])
    return slot


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _targets(first, row):  # type: ignore[no-untyped-def]
    sizes = np.diff(first)
    target = np.empty((sizes * (sizes - 1) // 2).sum(), np.int64)
    count = 0
    for column in range(sizes.size):
        for one in range(first[column], first[column + 1]):
            for other in range(one + 1, first[column + 1]):
                target[count] = _entry(first, row, row[one], row[other])
                count += 1
    return target


@lean  # type: ignore[untyped-decorator, unused-ignore]
def solve(pattern, diagonal, below, above, right):  # type: ignore[no-untyped-def]
    """Solve in place: `right`, shape (nodes, 2), becomes the answer; the others are used up.

    Blocks are rows of four, (0, 0), (0, 1), (1, 0), (1, 1): `diagonal`, shape (nodes, 4); `below`
    and `above`, shape (blocks, 4), that of a later node's equations and an earlier one's unknowns,
    and the reverse. False where a block cannot be divided by.
    """
    count = 0
    for column in range(right.shape[0]):
        a, b, c, d = _block(diagonal, column)
        whole = a * d - b * c
        if not abs(whole) > 0:
            return False
        first, last = pattern.first[column], pattern.first[column + 1]
        x, y = right[column, 0], right[column, 1]
        for one in range(first, last):
            e, f, g, h = _block(below, one)
            row = pattern.row[one]
            e, f = (e * d - f * c) / whole, (f * a - e * b) / whole
            g, h = (g * d - h * c) / whole, (h * a - g * b) / whole
            right[row, 0] -= e * x + f * y
            right[row, 1] -= g * x + h * y
            below[one, 0], below[one, 1], below[one, 2], below[one, 3] = e, f, g, h
            _subtract(diagonal, row, below, one, above, one)
        for one in range(first, last):
            for other in range(one + 1, last):
                target = pattern.target[count]
                _subtract(below, target, below, other, above, one)
                _subtract(above, target, below, one, above, other)
                count += 1
    for column in range(right.shape[0] - 1, -1, -1):
        x, y = right[column, 0], right[column, 1]
        for one in range(pattern.first[column], pattern.first[column + 1]):
            row = pattern.row[one]
            x -= above[one, 0] * right[row, 0] + above[one, 1] * right[row, 1]
            y -= above[one, 2] * right[row, 0] + above[one, 3] * right[row, 1]
        a, b, c, d = _block(diagonal, column)
        whole = a * d - b * c
        right[column, 0] = (d * x - b * y) / whole
        right[column, 1] = (a * y - c * x) / whole
    return True


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _block(blocks, number):  # type: ignore[no-untyped-def]
    return blocks[number, 0], blocks[number, 1], blocks[number, 2], blocks[number, 3]


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _subtract(blocks, number, left, one, right, other):  # type: ignore[no-untyped-def]
    """Take the product of two blocks from a block."""
    a, b, c, d = _block(left, one)
    e, f, g, h = _block(right, other)
    blocks[number, 0] -= a * e + b * g
    blocks[number, 1] -= a * f + b * h
    blocks[number, 2] -= c * e + d * g
    blocks[number, 3] -= c * f + d * h
