"""Water in a pipe as a queue of slugs, each remembering how warm it was when it came in, and when.

A parcel that came in θ kelvin above the ground and leaves R seconds later is θ exp(-r R) above it,
with r = U / (ρ A c) for a loss of U W/(m·K). Along a slug, from its front to its end, the
temperature on entry goes as front · exp(slope · y), 0 ≤ y ≤ 1, and the time of entry as entry +
window · y. Cutting, cooling and turning round keep that form exactly; nothing is smeared.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from songhua.engines.hydraulics.lean import lean

if TYPE_CHECKING:
    from songhua.engines.hydraulics.network import Floats, Integers

MASS, FRONT, SLOPE, ENTRY, WINDOW = range(5)  # columns of a slug: kg, K, 1, s, s
UNTIL = 0  # in a piece of a node's water: seconds of the step, in place of a mass


class Slugs(NamedTuple):
    """The water of supply or return pipes.

    `slug`, shape (pipes, most, 5); a pipe's first to leave is at `head`, and `size` stand in the
    ring. `facing`, +1 where the head is at the pipe's end, -1 at its start; `rate`, r in 1/s.
    """

    slug: Floats
    head: Integers
    size: Integers
    facing: Floats
    rate: Floats


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def mean(slope):  # type: ignore[no-untyped-def]
    """The mean of exp(slope · y) over 0 ≤ y ≤ 1."""
    if abs(slope) < 0.02:
        return 1 + slope / 2 * (1 + slope / 3 * (1 + slope / 4 * (1 + slope / 5 * (1 + slope / 6))))
    return np.expm1(slope) / slope


@lean  # type: ignore[untyped-decorator, unused-ignore]
def turn(slugs, pipe):  # type: ignore[no-untyped-def]
    """Let the last to come in be the first to leave: the flow has reversed."""
    slug, head, count, most = slugs.slug, slugs.head[pipe], slugs.size[pipe], slugs.slug.shape[1]
    for place in range(count // 2):
        one, other = (head + place) % most, (head + count - 1 - place) % most
        for column in range(5):
            kept = slug[pipe, one, column]
            slug[pipe, one, column] = slug[pipe, other, column]
            slug[pipe, other, column] = kept
    for place in range(count):
        at = (head + place) % most
        slug[pipe, at, FRONT] *= np.exp(slug[pipe, at, SLOPE])
        slug[pipe, at, ENTRY] += slug[pipe, at, WINDOW]
        slug[pipe, at, SLOPE] *= -1
        slug[pipe, at, WINDOW] *= -1
    slugs.facing[pipe] *= -1


@lean  # type: ignore[untyped-decorator, unused-ignore]
def push(slugs, pipe, flow, now, piece, node, count):  # type: ignore[no-untyped-def]
    """Let a node's `count` pieces follow into a pipe; the kg·K lost by what had to be joined."""
    slug, heads, sizes = slugs.slug, slugs.head, slugs.size
    lost, start, most = 0.0, 0.0, slug.shape[1]
    for number in range(count):
        until = piece[node, number, UNTIL]
        if until <= start:
            continue
        if sizes[pipe] == most:
            lost += _join(slugs, pipe)
        at = (heads[pipe] + sizes[pipe]) % most
        slug[pipe, at, MASS] = flow * (until - start)
        slug[pipe, at, FRONT] = piece[node, number, FRONT]
        slug[pipe, at, SLOPE] = piece[node, number, SLOPE]
        slug[pipe, at, ENTRY], slug[pipe, at, WINDOW] = now + start, until - start
        sizes[pipe] += 1
        start = until
    return lost


@lean  # type: ignore[untyped-decorator, unused-ignore]
def pop(slugs, pipe, flow, now, step_s, pieces):  # type: ignore[no-untyped-def]
    """Let `flow` kg/s leave for a step: how many pieces that fills, and the kg·K they have lost."""
    slug, rate, most = slugs.slug, slugs.rate[pipe], slugs.slug.shape[1]
    at, remaining = slugs.head[pipe], slugs.size[pipe]
    left, start, lost, count = flow * step_s, 0.0, 0.0, 0
    while left > 0 and remaining > 0:
        taken = min(slug[pipe, at, MASS], left)
        left -= taken
        part = taken / slug[pipe, at, MASS]
        until = step_s - left / flow
        came, before = slug[pipe, at, FRONT], part * slug[pipe, at, SLOPE]
        window = part * slug[pipe, at, WINDOW]
        front = came * np.exp(-rate * (now + start - slug[pipe, at, ENTRY]))
        slope = before - rate * (until - start - window)
        lost += taken * (came * mean(before) - front * mean(slope))
        pieces[count, UNTIL], pieces[count, FRONT], pieces[count, SLOPE] = until, front, slope
        count, start = count + 1, until
        if part < 1:
            slug[pipe, at, MASS] -= taken
            slug[pipe, at, FRONT] *= np.exp(before)
            slug[pipe, at, SLOPE] -= before
            slug[pipe, at, ENTRY] += window
            slug[pipe, at, WINDOW] -= window
        else:
            at, remaining = (at + 1) % most, remaining - 1
    slugs.head[pipe], slugs.size[pipe] = at, remaining
    pieces[count - 1, UNTIL] = step_s
    return count, lost


@lean  # type: ignore[untyped-decorator, unused-ignore]
def _join(slugs, pipe):  # type: ignore[no-untyped-def]
    """Join the two neighbours of a full queue that differ least; the kg·K they had lost."""
    ring, head, size = slugs.slug[pipe], slugs.head[pipe], slugs.slug.shape[1]
    best, least, now = 0, np.inf, _latest(ring[(head + size - 1) % size])
    warm, mass = 0.0, 0.0
    for place in range(size):
        slug = ring[(head + place) % size]
        warmth = _left(slug, slugs.rate[pipe], now)
        difference = abs(warmth - warm) * min(slug[MASS], mass)
        if place > 0 and difference < least:
            best, least = place, difference
        warm, mass = warmth, slug[MASS]
    one, other = ring[(head + best - 1) % size], ring[(head + best) % size]
    now, mass = max(_latest(one), _latest(other)), one[MASS] + other[MASS]
    came = one[MASS] * one[FRONT] * mean(one[SLOPE])
    came += other[MASS] * other[FRONT] * mean(other[SLOPE])
    kept = one[MASS] * _left(one, slugs.rate[pipe], now)
    kept += other[MASS] * _left(other, slugs.rate[pipe], now)
    one[MASS], one[FRONT], one[SLOPE], one[ENTRY], one[WINDOW] = mass, kept / mass, 0.0, now, 0.0
    for place in range(best + 1, size):
        for column in range(5):
            ring[(head + place - 1) % size, column] = ring[(head + place) % size, column]
    slugs.size[pipe] -= 1
    return came - kept


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _latest(slug):  # type: ignore[no-untyped-def]
    return slug[ENTRY] + max(slug[WINDOW], 0.0)


@njit(cache=True, inline="always")  # type: ignore[untyped-decorator, unused-ignore]
def _left(slug, rate, now):  # type: ignore[no-untyped-def]
    """The slug's mean temperature above the ground now."""
    return (
        slug[FRONT] * np.exp(-rate * (now - slug[ENTRY])) * mean(slug[SLOPE] + rate * slug[WINDOW])
    )


@lean  # type: ignore[untyped-decorator, unused-ignore]
def held(slugs, now):  # type: ignore[no-untyped-def]
    """The kg·K that all pipes hold now, and those their water has lost since it came in."""
    holds = lost = 0.0
    for pipe in range(slugs.head.size):
        for place in range(slugs.size[pipe]):
            slug = slugs.slug[pipe, (slugs.head[pipe] + place) % slugs.slug.shape[1]]
            kept = slug[MASS] * _left(slug, slugs.rate[pipe], now)
            holds += kept
            lost += slug[MASS] * slug[FRONT] * mean(slug[SLOPE]) - kept
    return holds, lost
