"""不重复支持 on plain facts: the best lawful combination, or the applicant's own, as an answer
with a status like that of a rule.

``PX`` takes awards on matters, ``PXI`` cost items that may count under several clauses.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError

from songhua.kit.errors import InputError, Problem
from songhua.policy.amounts import read_fen
from songhua.policy.assessment import outside
from songhua.policy.values import Rate, Word

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from songhua.policy.award import Binding, Status
    from songhua.policy.model import Policy

COMBINATIONS = ("PX", "PXI")


@dataclass(frozen=True)
class Combination:
    """The answer: amounts in fen, and every optimal set of awards, or the chosen one."""

    status: Status
    amount: int | None = None
    ceiling: int | None = None
    binding: Binding = "none"
    codes: tuple[str, ...] = ()
    sets: tuple[tuple[str, ...], ...] = ()


class _Award(Word):
    id: str
    source: Literal["this", "city", "district", "province", "state"]
    amount_yuan: Any
    matters: list[str]


class _Awards(Word):
    awards: list[_Award]
    applicant_choice: list[str] | None = None


class _Clause(Word):
    rate: Rate
    cap_yuan: Any


class _Item(Word):
    amount_yuan: Any
    clauses: list[str]


class _Items(Word):
    clauses: dict[str, _Clause]
    items: list[_Item]


class _Reading(Word):
    within_policy: Literal["exclusive", "allow"] = "exclusive"
    district_conflicts: bool = False


def combine(
    policy: Policy,
    rule_id: str,
    facts: Mapping[str, object],
    on: date,
    reading: Mapping[str, object] | None = None,
) -> Combination:
    """The answer of ``PX`` or ``PXI`` for an application on the day `on`.

    Raises `InputError` for facts or readings of the wrong structure.
    """
    chosen = _parse(_Reading, reading or {}, "reading")
    given = _parse(_Awards if rule_id == "PX" else _Items, facts, "facts")
    amounts = _amounts(given)
    bad = tuple(code for read in amounts if isinstance(read, tuple) for code in read)
    if bad:
        return Combination("invalid_input", codes=bad)
    reason = outside(policy, on)
    if reason:
        return Combination("out_of_force", 0, 0, codes=(reason.code,))
    fen = [read for read in amounts if isinstance(read, int)]
    return _items(given, fen) if isinstance(given, _Items) else _awards(given, fen, chosen)


def _parse(model: type[Any], given: object, where: str) -> Any:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        raise InputError(
            [
                Problem(".".join((where, *map(str, e["loc"]))), "param_invalid", e["msg"])
                for e in error.errors()
            ]
        ) from error


def _amounts(given: _Awards | _Items) -> list[int | tuple[str, ...]]:
    """Every amount of the facts: of the awards, or of the items and then the caps."""
    if isinstance(given, _Awards):
        return [read_fen(award.amount_yuan) for award in given.awards]
    texts = [item.amount_yuan for item in given.items]
    return [read_fen(text) for text in texts + [c.cap_yuan for c in given.clauses.values()]]


def _awards(given: _Awards, fen: list[int], chosen: _Reading) -> Combination:
    from songhua.policy.choice import choose
    from songhua.policy.portfolio import Candidate, Reading, best

    candidates = [
        Candidate(award.id, award.source, amount, frozenset(award.matters))
        for award, amount in zip(given.awards, fen, strict=True)
    ]
    reading = Reading(**dict(chosen))
    optimum = best(candidates, reading)
    if not given.applicant_choice:
        return Combination(
            "computed", optimum.amount, optimum.amount, "optimum", optimum.flags, optimum.sets
        )
    own = choose(candidates, given.applicant_choice, reading)
    if own.status == "computed":
        return Combination(
            "computed", own.amount, own.ceiling, "choice", own.reasons, (own.chosen,)
        )
    return Combination(own.status, own.amount, own.ceiling, "none", own.reasons, optimum.sets)


def _items(given: _Items, fen: list[int]) -> Combination:
    from songhua.policy.cost_items import Clause, CostItem, allocate

    caps = fen[len(given.items) :]
    clauses = {
        key: Clause(clause.rate, cap)
        for (key, clause), cap in zip(given.clauses.items(), caps, strict=True)
    }
    items = [
        CostItem(amount, frozenset(item.clauses))
        for item, amount in zip(given.items, fen, strict=False)
    ]
    found = allocate(clauses, items)
    sets = (tuple(clause or "" for clause in found.clause_of),)
    return Combination("computed", found.amount, found.amount, "optimum", (), sets)
