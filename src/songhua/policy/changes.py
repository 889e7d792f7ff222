"""A policy with other figures: rates, caps, thresholds and readings, each named by its path.

A path is that of `diff`, after the rule's id: ``P04.grant.rate``, ``P04.cap.amount``,
``P03b.conditions.INCREMENT_BELOW_5YI.require.amount``, ``P03b.readings.cohort.default``; what all
rules share has no id before it: ``readings.rounding.default``. Values are written as in the YAML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from songhua.kit.errors import InputError, Problem
from songhua.policy.difference import leaves, part_name
from songhua.policy.model import Reading, Rule

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.policy.model import Policy

CHANGEABLE = frozenset({"rate", "amount", "count", "start", "first", "each", "further", "default"})
"""What a path may end in."""


def figures(rule: Rule) -> dict[str, str]:
    """Every figure and reading of a rule that `changed` can change, by its path, as written.

    >>> from songhua.policy.loading import bundled
    >>> figures(bundled()[1].rules["P09b"])
    {'P09b.grant.rate': '50%', 'P09b.cap.amount': '500000.00元'}
    """
    return {
        f"{rule.id}.{path}": written
        for path, written in leaves(rule.model_dump())
        if path.rpartition(".")[2] in CHANGEABLE
    }


def changed(policy: Policy, changes: Mapping[str, str]) -> Policy:
    """`policy` with the value of every path replaced.

    Raises `InputError` for a path that leads to no figure or reading, and for a value that the
    YAML could not hold there.

    >>> from songhua.policy.loading import bundled
    >>> draft = changed(bundled()[1], {"P04.grant.rate": "1/4", "P04.cap.amount": "400万元"})
    >>> draft.rules["P04"].grant.rate, draft.rules["P04"].cap.amount
    (Fraction(1, 4), 400000000)
    """
    problems = []
    for path, value in changes.items():
        try:
            policy = _with(policy, path, value)
        except LookupError:
            problems.append(Problem("changes", "policy_change_unknown", path))
        except ValidationError:
            problems.append(Problem(path, "policy_change_invalid", str(value)))
    if problems:
        raise InputError(problems)
    return policy


def _with(policy: Policy, path: str, value: str) -> Policy:
    """One change; `LookupError` where the path leads nowhere."""
    first, *rest = path.split(".")
    if first in policy.rules:
        tree = _replaced(policy.rules[first].model_dump(), rest, value)
        rules = policy.rules | {first: Rule.model_validate(tree)}
        return policy.model_copy(update={"rules": rules})
    readings = policy.model_dump(include={"readings"})
    tree = _replaced(readings, [first, *rest], value)["readings"]
    made = {name: Reading.model_validate(reading) for name, reading in tree.items()}
    return policy.model_copy(update={"readings": made})


def _replaced(tree: Any, path: list[str], value: str) -> Any:
    """A copy of `tree` with the leaf at `path` replaced."""
    if not path:
        if tree is None or isinstance(tree, dict | tuple):
            raise LookupError
        return value
    step, rest = path[0], path[1:]
    if isinstance(tree, tuple):
        names = [part_name(part, place) for place, part in enumerate(tree, start=1)]
        if step not in names:
            raise LookupError
        place = names.index(step)
        return (*tree[:place], _replaced(tree[place], rest, value), *tree[place + 1 :])
    if not isinstance(tree, dict) or step not in tree or not (rest or step in CHANGEABLE):
        raise LookupError
    return tree | {step: _replaced(tree[step], rest, value)}
