"""A network in the order it is solved in: its core of meshes first, then its trees, outward.

In a tree a pipe's flow is the sum of the loads beyond it. So nodes with a single pipe are taken
off, leaf after leaf, until only meshes, sources and the ways between them remain: the core.
Islands, without a source that holds its pressure, are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Flags, Floats, HeatNetwork, Integers


class Layout(NamedTuple):
    """Where the network's nodes and pipes stand when they are solved.

    `node` and `pipe`: the network's numbers, in this order; the first `cores` nodes and `meshes`
    pipes are the core. Tree pipe k hangs node ``cores + k`` on ``parent[k]``, which stands before
    it, and is pipe ``meshes + k``. `turn`: -1 for a tree pipe described from leaf to parent, else
    1. `start` and `end`, of core pipes; ``around[first[n]:first[n + 1]]``, those at core node n.
    `place`: the network's node's place here, -1 on an island. `reference`, shape (sources,): the
    first source of each connected part that holds its pressure.
    """

    node: Integers
    pipe: Integers
    turn: Floats
    cores: int
    meshes: int
    parent: Integers
    start: Integers
    end: Integers
    first: Integers
    around: Integers
    place: Integers
    reference: Flags


def layout(network: HeatNetwork) -> Layout:
    """The layout of a network, found once and used for every load."""
    count, start, end = network.height_m.size, network.pipe_start, network.pipe_end
    first, around = incidence(count, start, end)
    part = _parts(first, around, start, end)
    holders = np.flatnonzero(network.source_holds_pressure)
    parts, earliest = np.unique(part[network.source_node[holders]], return_index=True)
    reference = np.zeros(network.source_node.size, bool)
    reference[holders[earliest]] = True
    core = np.isin(part, parts)
    kept = ~core
    kept[network.source_node] = True
    leaf, parent, link = (found[::-1] for found in _peel(first, around, start, end, kept))
    core[leaf] = False
    nodes = np.concatenate((np.flatnonzero(core), leaf))
    place = np.full(count, -1)
    place[nodes] = np.arange(nodes.size)
    meshed = np.flatnonzero(core[start] & core[end])
    turn = np.concatenate((np.ones(meshed.size), np.where(start[link] == leaf, -1.0, 1.0)))
    cores = nodes.size - leaf.size
    start, end = place[start[meshed]], place[end[meshed]]
    pipes_at, pipes_around = incidence(cores, start, end)
    return Layout(
        nodes, np.concatenate((meshed, link)), turn, cores, meshed.size, place[parent], start, end,
        pipes_at, pipes_around, place, reference,
    )  # fmt: skip


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
