"""A sparse symmetric positive matrix, factored: ordering once, numbers as often as needed.

The matrix is that of a network of conductances: node by node the sum of those around it, and
minus each between two nodes. Eliminating the node with fewest neighbours first (minimum degree)
leaves few new entries; the neighbours met on the way are the columns of L in L D Lᵀ. Source:
A. George, J. Liu, The Evolution of the Minimum Degree Ordering Algorithm, SIAM Review 31 (1989).
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Integers


class Pattern(NamedTuple):
    """Where the numbers go. Unknowns are numbered in the order of elimination.

    `place`, shape (nodes,): a node's unknown, -1 where its value is given. Column k of L has the
    rows ``row[first[k]:first[k + 1]]``, rising. `slot`, shape (pipes,): the entry of a pipe
    between two unknowns, else -1. `target`: for each pair of entries in a column, column after
    column, the entry it changes.
    """

    place: Integers
    first: Integers
    row: Integers
    slot: Integers
    target: Integers


def pattern(start: Integers, end: Integers, unknown: Integers, nodes: int) -> Pattern:
    """The pattern for pipes from `start` to `end` among `nodes` nodes, `unknown` of them free."""
    neighbours: dict[int, set[int]] = {node: set() for node in unknown.tolist()}
    for one, other in zip(start.tolist(), end.tolist(), strict=True):
        if one in neighbours and other in neighbours:
            neighbours[one].add(other)
            neighbours[other].add(one)
    order, columns = _eliminate(neighbours)
    place = np.full(nodes, -1)
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
    slot = np.full(start.size, -1)
    for pipe in range(start.size):
        if start[pipe] >= 0 and end[pipe] >= 0:
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


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def solve(pattern, diagonal, below, right):  # type: ignore[no-untyped-def]
    """Solve in place: `right` becomes the answer; `diagonal` and `below` become D and L D."""
    count = 0
    for column in range(diagonal.size):
        last = pattern.first[column + 1]
        for one in range(pattern.first[column], last):
            share = below[one] / diagonal[column]
            diagonal[pattern.row[one]] -= share * below[one]
            right[pattern.row[one]] -= share * right[column]
            for other in range(one + 1, last):
                below[pattern.target[count]] -= share * below[other]
                count += 1
    for column in range(diagonal.size - 1, -1, -1):
        for one in range(pattern.first[column], pattern.first[column + 1]):
            right[column] -= below[one] * right[pattern.row[one]]
        right[column] /= diagonal[column]
