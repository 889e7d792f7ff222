"""自愿选择: what the applicant chose, what it forgoes, and what happens when the facts change.

An applicant may take any lawful set of awards. A choice is looked at again when an amount changes
at review, and settled when another award later falls on a matter that is already paid.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from songhua.kit.money import yuan
from songhua.policy.portfolio import DEFAULT, best, conflicts

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from songhua.policy.portfolio import Candidate, Exclusion, Reading

Status = Literal["computed", "ineligible", "needs_review", "invalid_input"]


@dataclass(frozen=True)
class Choice:
    """An applicant's set of awards, sorted, beside the best one. Amounts in fen, None if unknown.

    `ceiling` is the optimum and `forgone` what the choice gives up against it. `exclusions` are
    the pairs within the choice that exclude each other. Reasons: UNKNOWN_AWARD_ID
    (invalid_input), CHOICE_CONFLICTS, CHOICE_ABOVE_LIMIT, AUTOMATIC_MAXIMUM (ineligible),
    FORGONE_<yuan>, and the flags of the portfolio.
    """

    status: Status
    chosen: tuple[str, ...]
    amount: int | None
    ceiling: int | None
    forgone: int | None
    exclusions: tuple[Exclusion, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Recheck:
    """A choice before and after a change: `changed` are the awards that are new, gone or changed
    in amount, `ask_again` whether the applicant must confirm or choose anew.
    """

    before: Choice
    after: Choice
    changed: tuple[str, ...]
    ask_again: bool


@dataclass(frozen=True)
class Settlement:
    """One lawful way out when two awards fall on one matter: keep some, give the others up.

    `kind` says what is done with `amount` fen: "offset" pays what is kept less what was already
    received, "recovery" takes back what was received beyond what is kept, "settled" leaves it
    (0), "unknown" waits for an amount that is not known yet (None).
    """

    keep: tuple[str, ...]
    give_up: tuple[str, ...]
    kind: Literal["offset", "recovery", "settled", "unknown"]
    amount: int | None


def choose(
    candidates: Sequence[Candidate], chosen: Collection[str], reading: Reading = DEFAULT
) -> Choice:
    """The applicant's own choice, respected where it is lawful; raises as `best` does.

    >>> from songhua.policy.portfolio import Candidate
    >>> a = Candidate("a", "this", 300, frozenset({"x"}))
    >>> b = Candidate("b", "city", 350, frozenset({"x"}))
    >>> choose([a, b], ["a"]).reasons, choose([a, b], ["a", "b"]).reasons
    (('FORGONE_0.50',), ('CHOICE_CONFLICTS',))
    """
    optimum = best(candidates, reading, most_sets=1)
    flags = tuple(flag for flag in optimum.flags if flag != "TIES_CUT")
    picked = [candidate for candidate in candidates if candidate.id in chosen]
    names, ceiling = tuple(sorted(set(chosen))), optimum.amount
    if len(picked) < len(names):
        return Choice("invalid_input", names, None, None, None, (), ("UNKNOWN_AWARD_ID", *flags))
    amount = _total(picked)
    forgone = None if ceiling is None or amount is None else ceiling - amount
    exclusions = conflicts(picked, reading)
    obstacles = []
    if exclusions:
        obstacles.append("CHOICE_CONFLICTS")
    for limit in reading.limits:
        if sum(limit.group in candidate.groups for candidate in picked) > limit.at_most:
            obstacles.append("CHOICE_ABOVE_LIMIT")
    automatic = reading.selection == "automatic_maximum"
    if automatic and forgone:
        obstacles.append("AUTOMATIC_MAXIMUM")
    if obstacles:
        reasons = (*dict.fromkeys(obstacles), *flags)
        return Choice("ineligible", names, 0, ceiling, None, exclusions, reasons)
    if amount is None or (automatic and forgone is None):
        return Choice("needs_review", names, None, ceiling, None, (), flags)
    told = () if forgone is None else (f"FORGONE_{yuan(forgone)}",)
    return Choice("computed", names, amount, ceiling, forgone, (), (*told, *flags))


def recheck(
    old: Sequence[Candidate],
    new: Sequence[Candidate],
    chosen: Collection[str],
    reading: Reading = DEFAULT,
) -> Recheck:
    """The same choice among the awards as they were and as they are now.

    The applicant is asked again unless the choice is still lawful, its loss is known, and it
    forgoes no more than was accepted before.
    """
    before, after = choose(old, chosen, reading), choose(new, chosen, reading)
    was, is_now = ({c.id: c.amount for c in candidates} for candidates in (old, new))
    changed = {
        name
        for name in was.keys() | is_now.keys()
        if name not in was or name not in is_now or was[name] != is_now[name]
    }
    accepted = 0 if before.forgone is None else before.forgone  # a loss never shown: none accepted
    stands = after.status == "computed" and after.forgone is not None and after.forgone <= accepted
    return Recheck(before, after, tuple(sorted(changed)), not stands)


def settle(
    paid: Sequence[Candidate],
    later: Candidate,
    reading: Reading = DEFAULT,
    *,
    later_paid: bool = False,
) -> tuple[Settlement, ...]:
    """The two ways out when `later` excludes awards already paid: keep those, or keep `later`.

    The amounts of `paid` are what was received so far. Empty where nothing excludes anything.

    >>> from songhua.policy.portfolio import Candidate
    >>> a = Candidate("a", "this", 300, frozenset({"x"}))
    >>> b = Candidate("b", "city", 350, frozenset({"x"}))
    >>> [(way.keep, way.kind, way.amount) for way in settle([a], b)]
    [(('a',), 'settled', 0), (('b',), 'offset', 50)]
    >>> [(way.keep, way.kind, way.amount) for way in settle([a], b, later_paid=True)]
    [(('a',), 'recovery', 350), (('b',), 'recovery', 300)]
    """
    excluded = [award for award in paid if conflicts([award, later], reading)]
    if not excluded:
        return ()
    received = _total([*excluded, later] if later_paid else excluded)
    return (_way_out(excluded, [later], received), _way_out([later], excluded, received))


def _way_out(
    keep: Sequence[Candidate], give_up: Sequence[Candidate], received: int | None
) -> Settlement:
    kept = tuple(sorted(award.id for award in keep))
    given = tuple(sorted(award.id for award in give_up))
    entitled = _total(keep)
    if entitled is None or received is None:
        return Settlement(kept, given, "unknown", None)
    due = entitled - received
    if due == 0:
        return Settlement(kept, given, "settled", 0)
    return Settlement(kept, given, "offset" if due > 0 else "recovery", abs(due))


def _total(awards: Sequence[Candidate]) -> int | None:
    """The sum in fen, None as soon as one amount is unknown."""
    amounts = [award.amount for award in awards if award.amount is not None]
    return sum(amounts) if len(amounts) == len(awards) else None
