"""The demonstration's scenarios: each on its own sample, run, and decided on by two people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.console.people.models import Role, User
from songhua.console.runs import access
from songhua.console.runs.services import decisions, runs, supervise, tables
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from songhua.kit.spec import Scenario


def play_scenarios() -> None:
    """Let the responsible department of every scenario try each of its actions."""
    leader = User.objects.get(username="leader")
    try:
        for scenario in scenarios().values():
            _play(scenario, leader)
    finally:
        supervise.our_lane().stop()


def _play(scenario: Scenario, leader: User) -> None:
    actor = operator(scenario)
    brought = {
        dataset.name: tables.sample(actor, scenario.name, dataset.name).pk
        for dataset in scenario.inputs
    }
    _work_off()
    asked = [
        runs.ask(
            actor, scenario.name, action.name, params={},
            tables={name: brought[name] for name in action.reads},
        )
        for action in scenario.actions
    ]  # fmt: skip
    _work_off()
    last, action = asked[-1], scenario.actions[-1]
    proposed = decisions.propose(
        actor, last, text="按模拟结果试行一个月。", indicator=action.kpis[0]
    )  # fmt: skip
    decisions.decide(leader, proposed, approved=True)


def operator(scenario: Scenario) -> User:
    """Somebody of a department responsible for `scenario`, or of the office where none is here."""
    staff = User.objects.filter(role=Role.STAFF, is_active=True).select_related("unit")
    for user in staff.order_by("pk"):
        if scenario.name in access.usable(user):
            return user
    return User.objects.filter(role=Role.OFFICE).order_by("pk")[0]


def _work_off() -> None:
    while supervise.next_work():
        pass
