"""What a network's shape allows: its trees peeled off, its core of meshes left, its islands.

In a tree a pipe's flow is the sum of the loads beyond it. So nodes with a single pipe are taken
off, leaf after leaf, until only meshes, sources and the ways between them remain: the core.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, HeatNetwork, Integers


class Topology(NamedTuple):
    """Forest and core of a network. Islands belong to neither.

    `leaf`, `parent` and `pipe`, shape (peeled nodes,), leaves first: the node taken off, the node
    it hung on and the pipe between. `core_node` and `core_pipe` are what is left. `reached`,
    shape (nodes,), is true where pipes lead to a source that holds its pressure; `reference`,
    shape (sources,), is true for the first such source of each connected part.
    """

    leaf: Integers
    parent: Integers
    pipe: Integers
    core_node: Integers
    core_pipe: Integers
    reached: Flags
    reference: Flags


def topology(network: HeatNetwork) -> Topology:
    """The network's split, found once and used for every load."""
    count = network.height_m.size
    first, around = incidence(count, network.pipe_start, network.pipe_end)
    part = _parts(first, around, network.pipe_start, network.pipe_end)
    holders = np.flatnonzero(network.source_holds_pressure)
    parts, earliest = np.unique(part[network.source_node[holders]], return_index=True)
    reached = np.isin(part, parts)
    reference = np.zeros(network.source_node.size, bool)
    reference[holders[earliest]] = True
    kept = ~reached
    kept[network.source_node] = True
    leaf, parent, pipe = _peel(first, around, network.pipe_start, network.pipe_end, kept)
    core = reached.copy()
    core[leaf] = False
    core_pipe = np.flatnonzero(core[network.pipe_start] & core[network.pipe_end])
    return Topology(leaf, parent, pipe, np.flatnonzero(core), core_pipe, reached, reference)


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def incidence(count, start, end):  # type: ignore[no-untyped-def]
    """The pipes around each node: node n has ``around[first[n]:first[n + 1]]``."""
    first = np.zeros(count + 1, np.int64)
    for pipe in range(start.size):
        first[start[pipe] + 1] += 1
        first[end[pipe] + 1] += 1
    first = np.cumsum(first)
    place = first[:-1].copy()
    around = np.empty(2 * start.size, np.int64)
    for pipe in range(start.size):
        for node in (start[pipe], end[pipe]):
            around[place[node]] = pipe
            place[node] += 1
    return first, around


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _parts(first, around, start, end):  # type: ignore[no-untyped-def]
    """The number of the connected part that each node belongs to."""
    part = np.full(first.size - 1, -1)
    stack = np.empty(first.size - 1, np.int64)
    for seed in range(part.size):
        if part[seed] >= 0:
            continue
        part[seed] = seed
        stack[0], height = seed, 1
        while height:
            height -= 1
            node = stack[height]
            for pipe in around[first[node] : first[node + 1]]:
                other = start[pipe] + end[pipe] - node
                if part[other] < 0:
                    part[other] = seed
                    stack[height] = other
                    height += 1
    return part


@njit(cache=True)  # type: ignore[untyped-decorator, unused-ignore]
def _peel(first, around, start, end, kept):  # type: ignore[no-untyped-def]
    """Nodes with one pipe, again and again, save those kept: (leaf, parent, pipe), in order."""
    count = first.size - 1
    degree = np.diff(first)
    gone = np.zeros(start.size, np.bool_)
    leaf = np.empty(count, np.int64)
    parent = np.empty(count, np.int64)
    link = np.empty(count, np.int64)
    size = 0
    for node in range(count):
        if degree[node] == 1 and not kept[node]:
            leaf[size] = node
            size += 1
    done = 0
    while done < size:
        node = leaf[done]
        for pipe in around[first[node] : first[node + 1]]:
            if not gone[pipe]:
                gone[pipe] = True
                other = start[pipe] + end[pipe] - node
                parent[done], link[done] = other, pipe
                degree[other] -= 1
                if degree[other] == 1 and not kept[other]:
                    leaf[size] = other
                    size += 1
        done += 1
    return leaf[:size].copy(), parent[:size].copy(), link[:size].copy()
