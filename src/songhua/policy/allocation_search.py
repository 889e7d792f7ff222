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
from songhua.policy.packing import members

if TYPE_CHECKING:
    from collections.abc import Sequence
    from fractions import Fraction

    from numpy.typing import NDArray

    from songhua.policy.cost_items import Clause

    Whole = NDArray[np.int64]

WIDTHS = (64, 2_048, 131_072)
MOST_STATES = 4_000_000  # over all layers of one pass: about 100 MB
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
    best: tuple[int | None, ...] = ()
    value, lost = -1, -1
    for width in WIDTHS:
        affordable = 1 + MOST_STATES // (1 + len(amounts))
        reached, clause_of, lost = question.sweep(min(width, affordable), value)
        if reached > value:
            value, best = reached, clause_of
        if lost <= value:
            break
    return Found(best, max(value, lost))


class _Question:
    """The clauses and items as whole-number arrays, the largest item first.

    `rates` (one a clause) are fen times `denominator`; `full` is the base at which a cap binds;
    `touched[n, mask]` is the fen of the items from the n-th on that some clause of mask may take.
    """

    def __init__(
        self, clauses: Sequence[Clause], amounts: Sequence[int], choices: Sequence[Sequence[int]]
    ) -> None:
        self.amounts, self.choices = amounts, choices
        self.order = sorted(
            (i for i, allowed in enumerate(choices) if allowed), key=lambda i: -amounts[i]
        )
        self.denominator = lcm(2, *(clause.rate.denominator for clause in clauses))
        rates = [int(clause.rate * self.denominator) for clause in clauses]
        largest = 4 * (2 + sum(amounts)) * sum(rates, self.denominator)
        if len(clauses) > MOST_CLAUSES or largest > _LARGEST:
            raise Infeasible(Problem("cost_items", "cost_items_too_large", str(len(clauses))))
        caps = [min(clause.cap, clause.award(sum(amounts))) for clause in clauses]
        full = [_full_at(clause.rate, cap) for clause, cap in zip(clauses, caps, strict=True)]
        self.rates, self.caps, self.full = (np.array(v, np.int64) for v in (rates, caps, full))
        self.rounding = sum(self._rounding(clause, rate) for clause, rate in enumerate(rates))
        # For each fall from a rate to the next: its size, and the sets of the clauses above it.
        falls = [higher - lower for higher, lower in pairwise([*rates, 0])]
        self.cuts = [(fall, range(2 << i)) for i, fall in enumerate(falls) if fall]
        self.touched = self._touched()

    def _rounding(self, clause: int, rate: int) -> int:
        """The most that rounding can add to what a clause pays, times the denominator."""
        step = gcd(*(a for a, c in zip(self.amounts, self.choices, strict=True) if clause in c))
        parts = self.denominator // gcd(self.denominator, rate * step)
        return (parts // 2) * self.denominator // parts

    def _touched(self) -> Whole:
        masks = np.arange(1 << len(self.rates))
        touched = np.zeros((len(self.order) + 1, len(masks)), np.int64)
        for n in reversed(range(len(self.order))):
            allowed = sum(1 << clause for clause in self.choices[self.order[n]])
            amount = self.amounts[self.order[n]]
            touched[n] = touched[n + 1] + np.where(masks & allowed, amount, 0)
        return touched

    def awards(self, bases: Whole) -> Whole:
        """Fen paid in all for each row of bases."""
        doubled = 2 * self.rates * bases + self.denominator
        paid: Whole = np.minimum(doubled // (2 * self.denominator), self.caps).sum(axis=1)
        return paid

    def bounds(self, bases: Whole, n: int) -> Whole:
        """Fen above which the items from the n-th on cannot bring each row of bases."""
        touched, room = self.touched[n], self.full - bases
        value: Whole = bases @ self.rates + self.rounding
        for fall, masks in self.cuts:
            flow = np.full(len(bases), touched[masks[-1]])
            for mask in masks[1:]:
                cut = room[:, members(mask)].sum(axis=1) + touched[masks[-1] ^ mask]
                flow = np.minimum(flow, cut)
            value += fall * flow
        alone = touched[1 << np.arange(len(self.rates))]  # all that is left under each clause
        return np.minimum(value // self.denominator, self.awards(bases + alone))

    def sweep(self, width: int, known: int) -> tuple[int, tuple[int | None, ...], int]:
        """One pass that keeps at most `width` states a layer and only those that may exceed
        `known`: the best amount (-1 for none), its allocation, and the largest bound lost.
        """
        bases = np.zeros((1, len(self.rates)), np.int64)
        trail: list[tuple[Whole, Whole]] = []
        lost = -1
        for n, item in enumerate(self.order):
            allowed = np.array(self.choices[item], np.int64)
            reached = np.repeat(bases[None], len(allowed), axis=0)
            for row, clause in enumerate(allowed):
                reached[row, :, clause] += self.amounts[item]
            rows = np.minimum(reached.reshape(-1, len(self.rates)), self.full)
            merged, first = np.unique(rows, axis=0, return_index=True)
            kept, dropped = _most_promising(self.bounds(merged, n + 1), width, known)
            lost = max(lost, dropped)
            choice, parent = np.divmod(first[kept], len(bases))
            trail.append((parent, allowed[choice]))
            bases = merged[kept]
            if not len(bases):
                return -1, (), lost
        awards = self.awards(bases)
        state = best = int(awards.argmax())
        clause_of: list[int | None] = [None] * len(self.amounts)
        for item, (parents, taken) in zip(reversed(self.order), reversed(trail), strict=True):
            clause_of[item] = int(taken[state])
            state = int(parents[state])
        return int(awards[best]), tuple(clause_of), lost


def _full_at(rate: Fraction, cap: int) -> int:
    """The least base whose share, rounded half up, is `cap` fen."""
    p, q = rate.as_integer_ratio()
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
