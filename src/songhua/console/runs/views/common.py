"""What the views of scenarios share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import Http404

from songhua.console.runs import access
from songhua.kit.errors import Problem
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.http import HttpRequest

    from songhua.console.runs.models import Work
    from songhua.kit.spec import Action, Dataset, Scenario

SHOWN = 200  # problems listed on a page; the file holds them all


def declared(name: str) -> Scenario:
    """The scenario; 404 where there is none."""
    found = scenarios().get(name)
    if found is None:
        raise Http404
    return found


def readable(request: HttpRequest, name: str) -> Scenario:
    """The scenario, if this person may see its tables and runs; 404 otherwise."""
    found = declared(name)
    if name not in access.readable(request.user):
        raise Http404
    return found


def dataset_of(scenario: Scenario, name: str) -> Dataset:
    """One of the datasets that the scenario reads; 404 otherwise."""
    found = next((d for d in scenario.inputs if d.name == name), None)
    if found is None:
        raise Http404
    return found


def action_of(scenario: Scenario, name: str) -> Action:
    """One of the scenario's actions; 404 otherwise."""
    found = next((a for a in scenario.actions if a.name == name), None)
    if found is None:
        raise Http404
    return found


def problems_of(row: Work) -> list[Problem]:
    """What was wrong, as problems."""
    return [Problem(**p) for p in row.problems]


def count(problems: Iterable[Problem]) -> int:
    """How many problems there are, with those that are only counted."""
    return sum(int(p.value) if p.code == "more_problems" else 1 for p in problems)
