"""Who may work with a scenario: its responsible departments and the office."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.people.models import Role, UnitAlias
from songhua.kit.errors import NotAllowed, Problem
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from songhua.console.people.models import User

READERS = (Role.LEADER, Role.OFFICE, Role.REVIEWER)


def usable(user: User) -> frozenset[str]:
    """The scenarios that `user` may bring tables to, run and propose decisions on."""
    if user.role == Role.OFFICE:
        return frozenset(scenarios())
    if user.role != Role.STAFF or user.unit is None:
        return frozenset()
    names = {
        user.unit.name_zh,
        *UnitAlias.objects.filter(unit=user.unit).values_list("name", flat=True),
    }
    return frozenset(s.name for s in scenarios().values() if names & set(s.departments))


def readable(user: User) -> frozenset[str]:
    """The scenarios whose tables and runs `user` may see."""
    return frozenset(scenarios()) if user.role in READERS else usable(user)


def demand(user: User, scenario: str) -> None:
    """Raise `NotAllowed` unless `user` may work with `scenario`."""
    if scenario not in usable(user):
        raise NotAllowed(Problem("scenario", "scenario_not_yours", scenario))
