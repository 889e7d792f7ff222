"""Which clause each cost item counts under: a search that carries its own proof.

Items are placed one after the other, the largest first, and the search keeps a layer of states:
the fen placed under each clause, up to where its cap binds, so that equal states merge. A state is
dropped when its upper bound is not above the best allocation known. Only the most promising states
are kept when a layer grows too wide; the largest bound so lost is remembered, and the search is
repeated wider until nothing lost could have been better.

The bound lets an item be split between clauses. The best split takes the clauses by falling rate,
each with the largest flow that leaves the earlier ones theirs (a polymatroid greedy; J. Edmonds,
Submodular functions, matroids and certain polyhedra, 1970); the flow is a minimum cut over the
clauses. Everything is whole numbers: fen times the common denominator of the rates.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import gcd, lcm
from typing import TYPE_CHECKING

import numpy as np

from songhua.kit.errors import Infeasible, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from songhua.policy.cost_items import Clause

    Whole = NDArray[np.int64]

WIDTHS = (64, 2_048, 32_768)
MOST_STATES = 8_000_000  # over all layers of one pass: about half a gigabyte
MOST_CLAUSES = 10
_LARGEST = 2**62


@dataclass(frozen=True)
class Found:
    """The clause of each item (its position, None for none), and a bound on every allocation."""

    clause_of: tuple[int | None, ...]
    bound: int


def search(
    clauses: Sequence[Clause], amounts: Sequence[int], choices: Sequence[Sequence[int]]
) -> Found:
    """The best allocation found; it is optimal when it reaches `bound`.

    `clauses` stand by falling rate; `choices[i]` are the positions that item i may count under.
    Raises `Infeasible` for more clauses or larger figures than the whole numbers here can carry.
    """
    question = _Question(clauses, amounts, choices)
    best = Found((), -1)
    value = -1
    for width in WIDTHS:
        width = min(width, 1 + MOST_STATES // max(1, len(question.order)))
        reached, clause_of, lost = question.sweep(width, value)
        if reached > value:
            value, best = reached, Found(clause_of, reached)
        if lost <= value:
            return best
    return Found(best.clause_of, lost)


class _Question:
    """The clauses and items as arrays, largest item first."""

    def __init__(
        self, clauses: Sequence[Clause], amounts: Sequence[int], choices: Sequence[Sequence[int]]
    ) -> None:
        self.amounts, self.choices = amounts, choices
        self.order = sorted(
            (i for i, allowed in enumerate(choices) if allowed), key=lambda i: -amounts[i]
        )
        self.denominator = lcm(2, *(clause.rate.denominator for clause in clauses))
        total = sum(amounts)
        whole = [int(clause.rate * self.denominator) for clause in clauses]
        finest = lcm(*(rate for rate in whole if rate))  # parts of a fen where a split fills a cap
        largest = (2 + total) * sum(whole, self.denominator) * 4
        self.parts = finest if largest * finest <= _LARGEST else 1
        if len(clauses) > MOST_CLAUSES or largest > _LARGEST:
            raise Infeasible(Problem("cost_items", "cost_items_too_large", str(len(clauses))))
        rounding = [self._rounding(j, rate) for j, rate in enumerate(whole)]
        caps = [min(clause.cap, clause.award(total)) for clause in clauses]
        filled = [
            max(0, -((slack - self.denominator * cap) * self.parts // rate)) if rate else 0
            for rate, slack, cap in zip(whole, rounding, caps, strict=True)
        ]
        self.rates, self.caps = np.array(whole, dtype=np.int64), np.array(caps, dtype=np.int64)
        self.rounding = np.array(rounding, dtype=np.int64)
        self.filled = np.array(filled, dtype=np.int64)
        self.full = np.array(
            [_full_at(c, cap) for c, cap in zip(clauses, caps, strict=True)], dtype=np.int64
        )
        self.cuts = self._cuts()
        self.touched = self._touched()

    def _rounding(self, clause: int, rate: int) -> int:
        """The most that rounding can add to a clause, times the denominator."""
        step = gcd(*(a for a, c in zip(self.amounts, self.choices, strict=True) if clause in c))
        parts = self.denominator // gcd(self.denominator, rate * step)
        return (parts // 2) * self.denominator // parts

    def _cuts(self) -> list[tuple[int, list[int]]]:
        """For each clause whose rate is above the next: by how much, and the sets of clauses up
        to it as masks.
        """
        falls = [a - b for a, b in pairwise([*self.rates.tolist(), 0])]
        return [(fall, list(range(2 << i))) for i, fall in enumerate(falls) if fall]

    def _touched(self) -> Whole:
        """`[n, mask]`: fen of the items from the n-th on that may count under a clause of mask."""
        masks = np.arange(1 << len(self.rates))
        touched = np.zeros((len(self.order) + 1, len(masks)), dtype=np.int64)
        for n in reversed(range(len(self.order))):
            allowed = sum(1 << j for j in self.choices[self.order[n]])
            amount = self.amounts[self.order[n]]
            touched[n] = touched[n + 1] + np.where(masks & allowed, amount, 0)
        return touched

    def awards(self, bases: Whole) -> Whole:
        """Fen paid in all for each row of bases."""
        exact = 2 * self.rates * bases + self.denominator
        return np.minimum(exact // (2 * self.denominator), self.caps).sum(axis=1)

    def bounds(self, bases: Whole, n: int) -> Whole:
        """No allocation of the items from the n-th on brings a row of bases above this, in fen."""
        touched = self.touched[n] * self.parts
        room = np.maximum(self.filled - bases * self.parts, 0)
        exact = np.minimum(bases * self.rates + self.rounding, self.caps * self.denominator)
        value = exact.sum(axis=1) * self.parts
        for fall, masks in self.cuts:
            everything = masks[-1]
            flow = np.full(len(bases), touched[everything])
            for mask in masks[1:]:
                inside = [j for j in range(len(self.rates)) if mask >> j & 1]
                flow = np.minimum(flow, room[:, inside].sum(axis=1) + touched[everything ^ mask])
            value += fall * flow
        alone = self.touched[n][1 << np.arange(len(self.rates))]
        return np.minimum(value // (self.denominator * self.parts), self.awards(bases + alone))

    def sweep(self, width: int, known: int) -> tuple[int, tuple[int | None, ...], int]:
        """One pass that keeps at most `width` states a layer and only those that may exceed
        `known`: the best amount (-1 for none), its allocation, and the largest bound lost.
        """
        bases = np.zeros((1, len(self.rates)), dtype=np.int64)
        trail: list[tuple[Whole, Whole]] = []
        lost = -1
        for n, item in enumerate(self.order):
            allowed = self.choices[item]
            reached = np.repeat(bases[None], len(allowed), axis=0)
            for row, clause in enumerate(allowed):
                reached[row, :, clause] += self.amounts[item]
            merged, first = np.unique(
                np.minimum(reached.reshape(-1, len(self.rates)), self.full),
                axis=0, return_index=True,
            )  # fmt: skip
            bounds = self.bounds(merged, n + 1)
            kept, dropped = _most_promising(bounds, width, known)
            lost = max(lost, dropped)
            bases = merged[kept]
            row, parent = np.divmod(first[kept], reached.shape[1])
            trail.append((parent, np.array(allowed)[row]))
        if not len(bases):
            return -1, (), lost
        awards = self.awards(bases)
        state = int(awards.argmax())
        clause_of: list[int | None] = [None] * len(self.amounts)
        value = int(awards[state])
        for item, (parents, clauses) in zip(reversed(self.order), reversed(trail), strict=True):
            clause_of[item] = int(clauses[state])
            state = int(parents[state])
        return value, tuple(clause_of), lost


def _full_at(clause: Clause, cap: int) -> int:
    """The least base that is paid `cap` fen."""
    p, q = clause.rate.as_integer_ratio()
    return max(0, -((q - 2 * q * cap) // (2 * p))) if p else 0


def _most_promising(bounds: Whole, width: int, known: int) -> tuple[Whole, int]:
    """The states that may exceed `known`, at most `width` of them by falling bound (evenly spread
    among equals), and the largest bound of those left out for width (-1 for none).
    """
    alive = np.flatnonzero(bounds > known)
    if len(alive) <= width:
        return alive, -1
    threshold = -np.partition(-bounds[alive], width)[width]
    above = alive[bounds[alive] > threshold]
    equal = alive[bounds[alive] == threshold]
    spread = np.linspace(0, len(equal) - 1, width - len(above)).astype(np.int64)
    return np.concatenate([above, equal[spread]]), int(threshold)
