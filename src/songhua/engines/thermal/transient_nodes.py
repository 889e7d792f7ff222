"""Water at nodes during a step: what arrives mixes, in pieces that follow each other in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.lean import lean
from songhua.engines.thermal.transient_slugs import (
    FRONT,
    SLOPE,
    UNTIL,
    mean,
    pop,
    push,
    turn,
)

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers

_MOST = 4  # pieces of a node's water in a step: three fronts may pass in one
STILL = 1e-12  # kg/s: less is nothing


class Nodes(NamedTuple):
    """A step at every node: `flow`, arrived in kg/s; ``piece[n, :pieces[n]]``, how warm and until
    when, in the columns of `transient_slugs`; and room to work in."""

    piece: Floats
    pieces: Integers
    flow: Floats
    room: Floats
    arriving: Floats


class Graph(NamedTuple):
    """The pipes as `sweep.downstream` reads them: all nodes are `cores`, all pipes `meshes`."""

    cores: int
    meshes: int
    start: Integers
    end: Integers
    first: Integers
    around: Integers


def empty_nodes(nodes: int, slugs: int) -> Nodes:
    """Nodes to which nothing has come, beside pipes of at most so many slugs."""
    return Nodes(
        np.zeros((nodes, _MOST, 3)), np.zeros(nodes, np.int64), np.zeros(nodes),
        np.zeros((2 * _MOST, 3)), np.zeros((slugs + _MOST, 3)),
    )  # fmt: skip


@lean  # type: ignore[untyped-decorator, unused-ignore]
def follow(graph, order, slugs, flow, now, step_s, nodes):  # type: ignore[no-untyped-def]
    """Move every pipe's water for a step, nodes in the `order` of the flow; the kg·K lost."""
    starts, ends, around, first = graph.start, graph.end, graph.around, graph.first
    counts, facing, lost = nodes.pieces, slugs.facing, 0.0
    for node in order:
        if counts[node] == 0:
            continue
        for place in range(first[node], first[node + 1]):
            pipe = around[place]
            here = flow[pipe] if starts[pipe] == node else -flow[pipe]
            if here <= STILL:
                continue
            if flow[pipe] * facing[pipe] < 0:
                turn(slugs, pipe)
            lost += push(slugs, pipe, here, now, nodes.piece, node, counts[node])
            count, more = pop(slugs, pipe, here, now, step_s, nodes.arriving)
            lost += more
            other = starts[pipe] + ends[pipe] - node
            arrive(nodes, other, here, step_s, nodes.arriving, count)
    return lost


@lean  # type: ignore[untyped-decorator, unused-ignore]
def arrive_even(nodes, node, flow, step_s, above_k):  # type: ignore[no-untyped-def]
    """Let `flow` kg/s of one temperature come to a node for the whole step."""
    piece = nodes.arriving
    piece[0, UNTIL], piece[0, FRONT], piece[0, SLOPE] = step_s, above_k, 0.0
    arrive(nodes, node, flow, step_s, piece, 1)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def arrive(nodes, node, flow, step_s, pieces, count):  # type: ignore[no-untyped-def]
    """Let `flow` kg/s in pieces come to a node and mix there with what has come already."""
    count = _fewer(pieces, count)
    if nodes.pieces[node] > 0:
        count = _blend(nodes.piece, node, nodes.flow[node], pieces, flow, step_s, nodes.room)
        count = _fewer(nodes.room, count)
        _keep(nodes, node, nodes.room, count)
    else:
        _keep(nodes, node, pieces, count)
    nodes.piece[node, count - 1, UNTIL] = step_s
    nodes.flow[node] += flow


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _keep(nodes, node, pieces, count):  # type: ignore[no-untyped-def]
    kept = nodes.piece
    for number in range(count):
        for column in range(3):
            kept[node, number, column] = pieces[number, column]
    nodes.pieces[node] = count


@lean  # type: ignore[untyped-decorator, unused-ignore]
def average(nodes, node, step_s):  # type: ignore[no-untyped-def]
    """The mean of what came to a node in the step, in kelvin above the ground; 0 if nothing did."""
    piece, total, start = nodes.piece, 0.0, 0.0
    for number in range(nodes.pieces[node]):
        until = piece[node, number, UNTIL]
        total += (until - start) * piece[node, number, FRONT] * mean(piece[node, number, SLOPE])
        start = until
    return total / step_s


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _blend(piece, node, our_flow, theirs, their_flow, step_s, room):  # type: ignore[no-untyped-def]
    """Two waters mixed in `room`, level between any two changes of either: how many pieces."""
    one = other = count = 0
    start = one_from = other_from = 0.0
    one_until, other_until = piece[node, 0, UNTIL], theirs[0, UNTIL]
    while start < step_s:
        while one_until <= start:
            one_from, one = one_until, one + 1
            one_until = piece[node, one, UNTIL]
        while other_until <= start:
            other_from, other = other_until, other + 1
            other_until = theirs[other, UNTIL]
        until = min(one_until, other_until)
        ours_k = _between(piece[node, one, FRONT], piece[node, one, SLOPE], one_until - one_from,
                          start - one_from, until - start)  # fmt: skip
        theirs_k = _between(theirs[other, FRONT], theirs[other, SLOPE], other_until - other_from,
                            start - other_from, until - start)  # fmt: skip
        mixed_k = (our_flow * ours_k + their_flow * theirs_k) / (our_flow + their_flow)
        room[count, UNTIL], room[count, FRONT], room[count, SLOPE] = until, mixed_k, 0.0
        count, start = count + 1, until
    return count


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _between(front, slope, whole, skipped, part):  # type: ignore[no-untyped-def]
    """The mean temperature of a `part` of a piece, after what is `skipped`, all in seconds."""
    if slope == 0:
        return front
    return front * np.exp(slope * skipped / whole) * mean(slope * part / whole)


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _fewer(pieces, count):  # type: ignore[no-untyped-def]
    """Join neighbours that differ least, their heat kept, until a node can hold them."""
    while count > _MOST:
        best, least, start = 0, np.inf, 0.0
        for one in range(count - 1):
            until = pieces[one, UNTIL]
            shorter = min(until - start, pieces[one + 1, UNTIL] - until)
            step_k = pieces[one + 1, FRONT] - pieces[one, FRONT] * (1 + pieces[one, SLOPE])
            if shorter * abs(step_k) < least:
                best, least = one, shorter * abs(step_k)
            start = until
        begun = pieces[best - 1, UNTIL] if best > 0 else 0.0
        middle, until = pieces[best, UNTIL], pieces[best + 1, UNTIL]
        heat = (middle - begun) * pieces[best, FRONT] * mean(pieces[best, SLOPE])
        heat += (until - middle) * pieces[best + 1, FRONT] * mean(pieces[best + 1, SLOPE])
        slope = pieces[best, SLOPE] + pieces[best + 1, SLOPE]
        pieces[best, UNTIL], pieces[best, SLOPE] = until, slope
        pieces[best, FRONT] = heat / ((until - begun) * mean(slope)) if until > begun else 0.0
        for number in range(best + 1, count - 1):
            for column in range(3):
                pieces[number, column] = pieces[number + 1, column]
        count -= 1
    return count
