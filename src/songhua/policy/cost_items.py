"""The reading by cost item (票据级口径): every invoice counts under one clause at most.

Maximises the sum over clauses of min(rate · its items, cap), each clause rounded half up to the
fen once. Filling the highest rate first is wrong, because caps bind. `allocate` answers only with
an optimum that `allocation_search` has proven in whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.kit.errors import Infeasible, InputError, Problem, require
from songhua.kit.money import share, yuan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from fractions import Fraction


@dataclass(frozen=True)
class Clause:
    """A clause that pays `rate` of its cost items, at most `cap` fen."""

    rate: Fraction
    cap: int

    def __post_init__(self) -> None:
        require(self.rate >= 0, "rate", "negative", self.rate)
        require(self.cap >= 0, "cap", "negative", self.cap)

    def award(self, base: int) -> int:
        """Fen paid for `base` fen of cost items: the rate, rounded half up once, then the cap."""
        return min(share(base, self.rate), self.cap)


@dataclass(frozen=True)
class CostItem:
    """An invoice of `amount` fen and the clauses it may count under."""

    amount: int
    clauses: frozenset[str]

    def __post_init__(self) -> None:
        require(self.amount >= 0, "cost_item", "negative", self.amount)


@dataclass(frozen=True)
class Allocation:
    """The optimum in fen, what each clause pays of it, and the clause of each item (None where no
    clause takes it). Other allocations may reach the same amount.
    """

    amount: int
    awards: Mapping[str, int]
    clause_of: tuple[str | None, ...]


def allocate(clauses: Mapping[str, Clause], items: Sequence[CostItem]) -> Allocation:
    """One optimal allocation of `items` to `clauses`.

    Raises `InputError` for an item that names a clause not given, `Infeasible` where the figures
    are too large or the optimum is not proven within the search's limit; never a lesser answer.

    >>> from fractions import Fraction
    >>> clauses = {"P04": Clause(Fraction(3, 10), 500), "P06a": Clause(Fraction(1, 2), 100)}
    >>> both, one = frozenset({"P04", "P06a"}), frozenset({"P06a"})
    >>> allocate(clauses, [CostItem(400, both), CostItem(200, one)])
    Allocation(amount=220, awards={'P04': 120, 'P06a': 100}, clause_of=('P04', 'P06a'))
    """
    from songhua.policy.allocation_search import search

    named = frozenset[str]().union(*(item.clauses for item in items))
    unknown = [
        Problem("clauses", "clause_unknown", name) for name in sorted(named - clauses.keys())
    ]
    if unknown:
        raise InputError(unknown)
    names = sorted(clauses, key=lambda name: (-clauses[name].rate, name))
    found = search(
        [clauses[name] for name in names],
        [item.amount for item in items],
        [[i for i, name in enumerate(names) if name in item.clauses] for item in items],
    )
    clause_of = tuple(None if i is None else names[i] for i in found.clause_of)
    awards = {
        name: clause.award(
            sum(item.amount for item, c in zip(items, clause_of, strict=True) if c == name)
        )
        for name, clause in clauses.items()
    }
    amount = sum(awards.values())
    if amount < found.bound:
        gap = f"{yuan(amount)}–{yuan(found.bound)}"
        raise Infeasible(Problem("cost_items", "cost_items_not_proven", gap))
    return Allocation(amount, awards, clause_of)
