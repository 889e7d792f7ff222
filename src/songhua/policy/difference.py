"""What changed between two versions of a policy, field by field, and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from songhua.kit.errors import InputError, Problem, require
from songhua.policy.assessment import assess

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from songhua.policy.award import Award
    from songhua.policy.model import Policy

_HEADING = {"rules", "quotes", "carries_over", "policy"}


@dataclass(frozen=True)
class Change:
    """A field that differs, in the words of the YAML; None where a side does not have it.

    `rule` is None for the heading. `field` is the path, conditions by their reason:
    ``conditions.REVIEW_NOT_PASSED.zh``.
    """

    rule: str | None
    field: str
    old: str | None
    new: str | None


@dataclass(frozen=True)
class MoneyChange:
    """The awards of both versions on the same facts; `fen` is new less old, None if unknown."""

    rule: str
    old: Award
    new: Award
    fen: int | None


@dataclass(frozen=True)
class Difference:
    """Every changed field, and the money where facts were given."""

    changes: tuple[Change, ...]
    money: tuple[MoneyChange, ...]


def diff(
    old: Policy,
    new: Policy,
    facts: Mapping[str, Mapping[str, object]] | None = None,
    on: date | None = None,
    reading: Mapping[str, str] | None = None,
) -> Difference:
    """Compare two versions; `facts` are those of an application by rule id, judged on the day `on`.

    Without `on` each version judges on its own first day in force. A fact that only one version
    asks for is left out for the other. Raises `InputError` as `assess` does.
    """
    money = tuple(
        _money(old, new, rule, given, on, reading) for rule, given in (facts or {}).items()
    )
    return Difference(tuple(_changes(old, new)), money)


def _changes(old: Policy, new: Policy) -> Iterator[Change]:
    yield from _compare(None, *(p.model_dump(exclude=_HEADING) for p in (old, new)))
    for rule in sorted(old.rules.keys() | new.rules.keys()):
        sides = [p.rules[rule].model_dump() if rule in p.rules else {} for p in (old, new)]
        yield from _compare(rule, *sides)


def _compare(rule: str | None, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
    before, after = dict(leaves(old)), dict(leaves(new))
    for path in dict.fromkeys([*before, *after]):
        if before.get(path) != after.get(path):
            yield Change(rule, path, before.get(path), after.get(path))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """The written values with their paths; a list of plain words is one value."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, f"{path}.{key}" if path else str(key))
    elif isinstance(value, tuple) and any(isinstance(part, dict) for part in value):
        for place, part in enumerate(value, start=1):
            yield from leaves(part, f"{path}.{part_name(part, place)}")
    elif isinstance(value, tuple):
        yield path, "、".join(map(str, value))
    elif value is not None:
        yield path, str(value)


def part_name(part: Any, place: int) -> str:
    """What a condition or reason is known by; other parts by their place."""
    code = part.get("code") or part.get("refused", {}).get("code")
    return str(code or place)


def _money(
    old: Policy,
    new: Policy,
    rule: str,
    facts: Mapping[str, object],
    on: date | None,
    reading: Mapping[str, str] | None,
) -> MoneyChange:
    asked = {name for p in (old, new) if rule in p.rules for name in p.rules[rule].facts}
    unknown = [Problem("facts", "unknown_key", str(key)) for key in facts if key not in asked]
    if unknown:
        raise InputError(unknown)
    awards = []
    for policy in (old, new):
        require(rule in policy.rules, "rule", "policy_rule_unknown", rule)
        own = {key: value for key, value in facts.items() if key in policy.rules[rule].facts}
        day = on or policy.validity.starts or date.min
        awards.append(assess(policy, rule, own, day, reading))
    before, after = awards
    known = before.amount is not None and after.amount is not None
    fen = (after.amount or 0) - (before.amount or 0) if known else None
    return MoneyChange(rule, before, after, fen)
