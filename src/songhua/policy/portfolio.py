"""不重复支持: which awards on one matter (事项) exclude each other, and the best lawful set.

The clause speaks of a matter that qualifies under this policy and under other support of the city
(我市其他奖补). So awards of the province and the state never conflict, different matters stack, and
where the text is silent a named reading (口径) decides and a flag says so. An award may cover
several matters, which makes the choice a weighted set packing: taking the largest first is wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Literal

from songhua.kit.errors import InputError, Problem, require
from songhua.policy.packing import PackingProblem, members, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

Source = Literal["this", "city", "district", "province", "state"]
Rule = Literal["within_policy", "other_city_award", "between_city_awards", "district_award"]

_SOURCES = frozenset({"this", "city", "district", "province", "state"})
_BEYOND_THE_CITY = frozenset({"province", "state"})
_LARGEST_FEN = 10**14
MOST_SETS = 1000


@dataclass(frozen=True)
class Candidate:
    """An award that the applicant qualifies for: `amount` in fen, None while it is unknown.

    `matters` are the things it pays for; `groups` are the quotas it counts against.
    """

    id: str
    source: Source
    amount: int | None
    matters: frozenset[str]
    groups: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        require(self.source in _SOURCES, self.id, "award_word_unknown", self.source)
        if self.amount is not None:
            require(self.amount >= 0, self.id, "negative", self.amount)
            require(self.amount <= _LARGEST_FEN, self.id, "out_of_range", self.amount)


@dataclass(frozen=True)
class Limit:
    """At most so many awards of a group, as where an enterprise may take two a year."""

    group: str
    at_most: int

    def __post_init__(self) -> None:
        require(self.at_most >= 0, self.group, "negative", self.at_most)


@dataclass(frozen=True)
class Reading:
    """How the clause is read. The defaults follow the letter of the Harbin text.

    `within_policy`: may two clauses of this policy pay for one matter? `between_city`: may two
    other awards of the city? `district_conflicts`: is a district's award one of "our city"?
    `selection`: the applicant chooses, or the largest is paid as of right (从高不重复).
    """

    within_policy: Literal["exclusive", "allow"] = "exclusive"
    between_city: Literal["exclusive", "allow"] = "exclusive"
    district_conflicts: bool = False
    selection: Literal["choice", "automatic_maximum"] = "choice"
    limits: tuple[Limit, ...] = ()

    def __post_init__(self) -> None:
        for name in ("within_policy", "between_city"):
            value = getattr(self, name)
            require(value in ("exclusive", "allow"), name, "award_word_unknown", value)
        known = self.selection in ("choice", "automatic_maximum")
        require(known, "selection", "award_word_unknown", self.selection)


DEFAULT = Reading()


@dataclass(frozen=True)
class Exclusion:
    """Two awards that cannot both be taken: on which matters, and by which rule."""

    first: str
    second: str
    matters: tuple[str, ...]
    rule: Rule


@dataclass(frozen=True)
class Portfolio:
    """The best lawful sets of awards.

    `amount` is the optimum in fen, None where an award's amount is unknown; `at_least` is the
    optimum of the known amounts and `sets` are all the sets that reach it, each sorted; `unknown`
    names the awards left out. Flags: TIES_CUT (more sets tie than are listed), AMOUNT_UNKNOWN,
    MATTER_MISSING (an award names no matter, so nothing can exclude it), DISTRICT_OVERLAP_FLAG and
    CITY_OVERLAP_FLAG (the text is silent on a pair here and a reading decided).
    """

    amount: int | None
    at_least: int
    sets: tuple[tuple[str, ...], ...]
    unknown: tuple[str, ...]
    flags: tuple[str, ...]


def conflicts(candidates: Sequence[Candidate], reading: Reading = DEFAULT) -> tuple[Exclusion, ...]:
    """Every pair that excludes each other, in the order of `candidates`.

    >>> a = Candidate("P04", "this", 300, frozenset({"hall"}))
    >>> b = Candidate("other", "city", 200, frozenset({"hall", "park"}))
    >>> conflicts([a, b])
    (Exclusion(first='P04', second='other', matters=('hall',), rule='other_city_award'),)
    """
    return tuple(
        Exclusion(one.id, other.id, tuple(sorted(one.matters & other.matters)), rule)
        for one, other in _overlaps(candidates)
        if (rule := _rule(one, other, reading))
    )


def best(
    candidates: Sequence[Candidate], reading: Reading = DEFAULT, *, most_sets: int = MOST_SETS
) -> Portfolio:
    """The proven optimum and every set that reaches it, up to `most_sets` (then flagged).

    Raises `InputError` for an id given twice, `Infeasible` where no proof is found.

    >>> a = Candidate("a", "city", 300, frozenset({"x", "y"}))
    >>> b, c = (Candidate(m, "this", 200, frozenset({m})) for m in ("x", "y"))
    >>> best([a, b, c]).amount, best([a, b, c]).sets
    (400, (('x', 'y'),))
    """
    require(most_sets >= 1, "most_sets", "out_of_range", most_sets)
    _require_distinct(candidates)
    overlaps = list(_overlaps(candidates))
    amounts = {c.id: c.amount for c in candidates if c.amount is not None}
    known = sorted((c for c in candidates if c.id in amounts), key=lambda c: (-amounts[c.id], c.id))
    foes, limits = _foes(known, overlaps, reading), _limits(known, reading)
    packing = pack(PackingProblem([amounts[c.id] for c in known], foes, limits), most_sets)
    sets = tuple(sorted(tuple(sorted(known[i].id for i in members(s))) for s in packing.sets))
    unknown = tuple(sorted(c.id for c in candidates if c.id not in amounts))
    flags = tuple(_flags(candidates, overlaps, complete=packing.complete))
    amount = None if unknown else packing.optimum
    return Portfolio(amount, packing.optimum, sets, unknown, flags)


def best_many(
    applicants: Iterable[Sequence[Candidate]],
    reading: Reading = DEFAULT,
    *,
    most_sets: int = MOST_SETS,
) -> list[Portfolio]:
    """`best` of every applicant's candidates, in order."""
    return [best(candidates, reading, most_sets=most_sets) for candidates in applicants]


def _overlaps(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, Candidate]]:
    """Pairs that share a matter."""
    for one, other in combinations(candidates, 2):
        if not one.matters.isdisjoint(other.matters):
            yield one, other


def _rule(one: Candidate, other: Candidate, reading: Reading) -> Rule | None:
    """The rule that lets only one of two awards on a matter be taken, None if both may be."""
    sources = {one.source, other.source}
    if sources & _BEYOND_THE_CITY:
        return None
    if sources == {"this"}:
        return "within_policy" if reading.within_policy == "exclusive" else None
    if "this" not in sources and reading.between_city == "allow":
        return None
    if "district" in sources:
        return "district_award" if reading.district_conflicts else None
    return "other_city_award" if "this" in sources else "between_city_awards"


def _foes(
    known: Sequence[Candidate], overlaps: Sequence[tuple[Candidate, Candidate]], reading: Reading
) -> list[int]:
    """For each candidate of `known` the mask of those of `known` that exclude it."""
    position = {candidate.id: i for i, candidate in enumerate(known)}
    foes = [0] * len(known)
    for one, other in overlaps:
        if one.id in position and other.id in position and _rule(one, other, reading):
            i, j = position[one.id], position[other.id]
            foes[i] |= 1 << j
            foes[j] |= 1 << i
    return foes


def _limits(candidates: Sequence[Candidate], reading: Reading) -> list[tuple[int, int]]:
    """For each limit the mask of the candidates it counts, and how many it lets through."""
    return [
        (sum(1 << i for i, c in enumerate(candidates) if limit.group in c.groups), limit.at_most)
        for limit in reading.limits
    ]


def _flags(
    candidates: Sequence[Candidate],
    overlaps: Sequence[tuple[Candidate, Candidate]],
    *,
    complete: bool,
) -> Iterator[str]:
    if not complete:
        yield "TIES_CUT"
    if any(candidate.amount is None for candidate in candidates):
        yield "AMOUNT_UNKNOWN"
    if not all(candidate.matters for candidate in candidates):
        yield "MATTER_MISSING"
    pairs = [{one.source, other.source} for one, other in overlaps]
    in_the_city = [pair for pair in pairs if not pair & _BEYOND_THE_CITY]
    if any("district" in pair for pair in in_the_city):
        yield "DISTRICT_OVERLAP_FLAG"
    if {"city"} in in_the_city:
        yield "CITY_OVERLAP_FLAG"


def _require_distinct(candidates: Sequence[Candidate]) -> None:
    names = [candidate.id for candidate in candidates]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputError([Problem("awards", "award_twice", name) for name in twice])
