"""What the demonstration shows beside the ledger: every scenario on its own sample, decided on by
two people, and a few applications for support. All through the real services; all simulated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.people.models import Role, User
from songhua.console.people.services import create_account
from songhua.console.runs import access
from songhua.console.runs.services import decisions, runs, supervise, tables
from songhua.console.subsidies.models import Budget
from songhua.console.subsidies.services import (
    amounts,
    budgets,
    drafts,
    intake,
    notices,
    panel,
    payments,
    registry,
)
from songhua.console.subsidies.services import decisions as approval
from songhua.console.subsidies.workflow import standard
from songhua.kit.money import yuan
from songhua.runtime.registry import scenarios

if TYPE_CHECKING:
    from songhua.console.people.models import Unit
    from songhua.console.subsidies.models import Application
    from songhua.kit.spec import Scenario

# Rule, facts, the state it is brought to, and how many days ago it was sent in.
APPLICATIONS = (
    ("P04", {"field": "智慧供热", "government_investment": False, "is_investor": True,
             "total_investment_yuan": "8000000.00"}, "paying", 30),
    ("P09b", {"in_harbin_org": True, "event_kind": "产业论坛",
              "actual_expense_yuan": "620000.00"}, "notice", 4),
    ("P02b", {"platform_kind": "科技创新服务平台", "builder_kind": "科技型企业",
              "open_shared": True, "actual_investment_yuan": "3600000.00"}, "submitted", 1),
)  # fmt: skip


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


def play_applications(day: date) -> None:
    """Three applications of the demonstration's enterprise: one being paid, one on public notice,
    one just sent in."""
    firm = User.objects.get(username="enterprise")
    office = User.objects.get(username="office")
    subject = registry.register(
        firm, kind="enterprise", name=firm.name, credit_code=firm.credit_code,
        since=date(2020, 1, 1),
    )  # fmt: skip
    experts = [User.objects.get(username="reviewer"), *map(_expert, ("reviewer2", "reviewer3"))]
    for rule, facts, state, before in APPLICATIONS:
        with clock.pinned(day - timedelta(days=before)):
            row = drafts.draft(
                firm, subject, policy="pilot_zone", version="issued-2022", rule=rule, facts=facts,
                matters=(f"{rule}（模拟）",),
            )  # fmt: skip
            drafts.submit(firm, row)
            row.refresh_from_db()
            if not Budget.objects.filter(unit=row.unit, year=day.year).exists():
                budgets.set_budget(office, row.unit, day.year, amount_yuan="20000000")
            if state != "submitted":
                _to_notice(row, experts)
        if state == "paying":
            with clock.pinned(day - timedelta(days=1)):
                _to_payment(row, day)


def _to_notice(row: Application, experts: list[User]) -> None:
    handler = _staff(row.unit)
    intake.accept(handler, row)
    intake.pass_formal(handler, row)
    for asked in row.sign_offs.select_related("unit"):
        intake.sign(_staff(asked.unit), row, agreed=True)
    panel.call_experts(handler, row)
    for expert in experts:
        panel.seat(handler, row, expert)
    for expert in experts:
        scores = {"innovation": "32", "feasibility": "26", "benefit": "25"}
        panel.score(expert, row, scores=scores, opinion="同意（模拟）")
    panel.close_panel(handler, row)
    amounts.compute(handler, row)
    amounts.propose(handler, row)


def _to_payment(row: Application, day: date) -> None:
    notices.close_notice(_staff(row.unit), row)
    approval.approve(User.objects.get(username="leader"), row)
    row.refresh_from_db()
    finance = User.objects.get(role=Role.STAFF, unit__code=standard().settings.finance_unit)
    half = yuan((row.approved_fen or 0) // 2)
    payments.pay(finance, row, amount_yuan=half, paid_on=day - timedelta(days=1))


def _staff(unit: Unit) -> User:
    return User.objects.filter(role=Role.STAFF, unit=unit).order_by("pk")[0]


def _expert(username: str) -> User:
    known = User.objects.get(username="reviewer")
    return create_account(
        "simulation", username=username, name=f"验收专家 {username[-1]}", role=Role.REVIEWER,
        password_hash=known.password,
    )[0]  # fmt: skip
