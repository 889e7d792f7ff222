"""The draw of a panel, defined so that anybody can recompute it.

1. Experts with a tie (see `ties`) are left out.
2. The others stand in the order of SHA-256(seed + newline + id), as lower-case hexadecimal, UTF-8.
3. A panel is lawful if its members can be given one seat each, of a field of theirs, with at most
   `per_unit` of one unit and at least `outside` from outside the city (see `seats`).
4. The panel is the lawful one that comes first in that order: compared as the sorted lists of
   their members' places, the smaller list wins. Members kept from an earlier draw are given.
5. Its seats are filled in their order, each by the first member with whom the rest still works.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from songhua.governance.challenges.seats import ANY, PanelRules, seatable
from songhua.governance.challenges.ties import TIE_KINDS, Expert
from songhua.kit.errors import Infeasible, InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from songhua.governance.challenges.ties import TieKind


@dataclass(frozen=True)
class Candidates:
    """What is sealed before the seed is known: the registry, who is tied and how, the rules."""

    experts: tuple[Expert, ...]
    tied: Mapping[str, tuple[TieKind, ...]]
    rules: PanelRules

    def __post_init__(self) -> None:
        ids = [expert.id for expert in self.experts]
        twice = sorted({one for one in ids if ids.count(one) > 1})
        problems = [Problem("experts", "panel_expert_twice", one) for one in twice]
        problems += [Problem("tied", "panel_expert_unknown", e) for e in self.tied if e not in ids]
        places: dict[str, bool] = {}
        for expert in self.experts:
            if places.setdefault(expert.unit, expert.outside) != expert.outside:
                problems.append(Problem("experts", "panel_unit_two_places", expert.unit))
        if problems:
            raise InputError(problems)


def order(ids: Collection[str], seed: str) -> list[str]:
    """The ids as the seed puts them.

    >>> order(["a", "b", "c"], "harbour")
    ['c', 'a', 'b']
    """
    return sorted(ids, key=lambda one: (sha256(f"{seed}\n{one}".encode()).hexdigest(), one))


def draw(candidates: Candidates, seed: str, keep: Collection[str] = ()) -> tuple[str, ...]:
    """The panel, one id for each seat in the order of the seats. `keep` stay from an earlier draw.

    Raises `Infeasible` with the constraints in conflict (a set from which none can be left out)
    where no panel is lawful; `InputError` where somebody to be kept is tied or not a candidate.
    """
    rules = candidates.rules
    free = {e.id: e for e in candidates.experts if e.id not in candidates.tied}
    if wrong := sorted(set(keep) - free.keys()):
        raise InputError([Problem("keep", "panel_keep_unlawful", one) for one in wrong])
    if not seatable(list(free.values()), rules, keep):
        raise Infeasible(list(_conflict(candidates, keep)))
    chosen = [one for one in order(free, seed) if one in set(keep)]
    for one in order(free.keys() - set(keep), seed):
        if len(chosen) == len(rules.seats):
            break
        if seatable(list(free.values()), rules, [*chosen, one]):
            chosen.append(one)
        else:
            del free[one]
    return _seated([free[one] for one in order(chosen, seed)], rules.seats)


def _seated(members: list[Expert], seats: tuple[str, ...]) -> tuple[str, ...]:
    if not members:
        return ()
    for index, member in enumerate(members):
        rest = members[:index] + members[index + 1 :]
        fits = seats[0] in (ANY, *member.fields)
        if fits and (not rest or seatable(rest, _loose(seats[1:]))):
            return (member.id, *_seated(rest, seats[1:]))
    raise AssertionError("a lawful panel has its seats")


def _loose(seats: tuple[str, ...]) -> PanelRules:
    return PanelRules(seats=seats, per_unit=len(seats))


def _conflict(candidates: Candidates, keep: Collection[str]) -> Iterator[Problem]:
    """The constraints in conflict: each is left out in turn, and stays out where it is not needed
    for the contradiction. Ties are tried first, so they are named only where they matter."""
    rules, kinds = candidates.rules, sorted({k for ks in candidates.tied.values() for k in ks})
    fields = sorted(set(rules.seats) - {ANY})
    names = [f"tie:{kind}" for kind in kinds] + ["keep"] + [f"field:{field}" for field in fields]
    held = [*names, "per_unit", "outside"]
    for name in tuple(held):
        without = [other for other in held if other != name]
        if not _possible(candidates, keep, without):
            held = without
    able = len(candidates.experts) - len(candidates.tied)
    yield Problem("panel", "panel_infeasible", f"{able}/{len(rules.seats)}")
    for name in held:
        kind, _, what = name.partition(":")
        if kind == "tie":
            count = sum(what in each for each in candidates.tied.values())
            yield Problem("panel", f"panel_tie_{what}", str(count))
        elif kind == "field":
            yield Problem("panel", "panel_field", f"{what} × {rules.seats.count(what)}")
        else:
            shown = {"keep": len(keep), "per_unit": rules.per_unit, "outside": rules.outside}
            yield Problem("panel", f"panel_{kind}", str(shown[kind]))


def _possible(candidates: Candidates, keep: Collection[str], held: Sequence[str]) -> bool:
    """Whether a panel is lawful under the constraints in `held` alone."""
    rules, kinds = candidates.rules, {k for k in TIE_KINDS if f"tie:{k}" in held}
    free = [e for e in candidates.experts if not kinds & set(candidates.tied.get(e.id, ()))]
    loosened = PanelRules(
        seats=tuple(field if f"field:{field}" in held else ANY for field in rules.seats),
        per_unit=rules.per_unit if "per_unit" in held else len(rules.seats),
        outside=rules.outside if "outside" in held else 0,
    )
    return seatable(free, loosened, keep if "keep" in held else ())
