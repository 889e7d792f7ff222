"""Finds the declared scenarios: those of the house, and those that installed packages bring.

Another package names its scenario as an entry point of the group ``songhua.scenarios``.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from songhua.kit.errors import InputError, Problem
from songhua.scenarios import SCENARIOS

if TYPE_CHECKING:
    from songhua.kit.spec import Action, Scenario


@cache
def scenarios() -> dict[str, Scenario]:
    """Every scenario by name: the house's in the plan's order, then those of other packages."""
    found = [import_module(f"songhua.scenarios.{name}").scenario for name in SCENARIOS]
    others = sorted(entry_points(group="songhua.scenarios"), key=lambda entry: entry.name)
    found += [entry.load() for entry in others]
    named = {scenario.name: scenario for scenario in found}
    if len(named) != len(found):
        raise ValueError("two scenarios have the same name")
    return named


def find(scenario: str, action: str) -> tuple[Scenario, Action]:
    """The action and its scenario; `InputError` naming what there is instead."""
    known = scenarios()
    if scenario not in known:
        raise InputError(
            Problem("scenario", "scenario_unknown", f"{scenario} ({'、'.join(known)})")
        )
    actions = {a.name: a for a in known[scenario].actions}
    if action not in actions:
        raise InputError(Problem("action", "action_unknown", f"{action} ({'、'.join(actions)})"))
    return known[scenario], actions[action]
