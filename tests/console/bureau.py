"""A small subsidies desk for the tests: Harbin's units, people of every capacity, a subject, and
an application that can be brought to any state through the services."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password

from songhua.console import clock
from songhua.console.ledger.models import AuditEntry
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit, User
from songhua.console.people.services import create_account
from songhua.console.subsidies.services import (
    amounts,
    budgets,
    decisions,
    drafts,
    intake,
    notices,
    panel,
    payments,
    registry,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from songhua.console.subsidies.models import Application, Subject

CODE = "91110000600037341L"
OTHER_CODE = "91440300708461136T"
DAY = date(2023, 3, 1)
AFTER_NOTICE = date(2023, 3, 13)  # seven working days after the first of March, and one more
SCENE = {
    "field": "智慧供热", "government_investment": False, "is_investor": True,
    "total_investment_yuan": "8000000.00",
}  # fmt: skip
ACCOUNTS: dict[str, tuple[str, str]] = {
    "office": ("office", ""),
    "leader": ("leader", ""),
    "science": ("staff", "市科技局"),
    "finance": ("staff", "市财政局"),
    "industry": ("staff", "市工信局"),
    "firm": ("enterprise", CODE),
    "rival": ("enterprise", OTHER_CODE),
    "first": ("reviewer", ""),
    "second": ("reviewer", ""),
    "third": ("reviewer", ""),
    "fourth": ("reviewer", ""),
    "citizen": ("public", ""),
}


@dataclass
class Bureau:
    """The people by name, the subject, and steps that play an application forward."""

    people: dict[str, User]
    firm_subject: Subject

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def draft(
        self,
        facts: Mapping[str, object] = SCENE,
        rule: str = "P04",
        matters: tuple[str, ...] = ("hall",),
        subject: Subject | None = None,
        by: str = "firm",
    ) -> Application:
        """A draft of the issued policy."""
        return drafts.draft(
            self.people[by], subject or self.firm_subject, policy="pilot_zone",
            version="issued-2022", rule=rule, facts=facts, matters=matters,
        )  # fmt: skip

    def at(self, state: str, **draft: object) -> Application:
        """An application brought to `state` on the way that everything goes well."""
        return self.carry(self.draft(**draft), state)  # type: ignore[arg-type]

    def carry(self, row: Application, state: str) -> Application:
        """A draft brought to `state`."""
        with clock.pinned(DAY):
            for reached, step in self._way():
                if row.state == state:
                    return row
                step(row)
                row.refresh_from_db()
                assert row.state == reached, row.state
        if row.state != state:
            with clock.pinned(AFTER_NOTICE):
                notices.close_notice(self.science, row)
                row.refresh_from_db()
                if row.state != state:
                    decisions.approve(self.leader, row)
                    row.refresh_from_db()
        assert row.state == state
        return row

    def _way(self) -> list[tuple[str, object]]:
        return [
            ("submitted", lambda row: drafts.submit(self.people_of(row), row)),
            ("formal_review", lambda row: intake.accept(self.science, row)),
            ("joint_review", lambda row: intake.pass_formal(self.science, row)),
            ("expert_review", self._joint),
            ("amount", self._panel),
            ("notice", self._amount),
        ]

    def people_of(self, row: Application) -> User:
        """The account of the organisation that applied."""
        return User.objects.get(role="enterprise", credit_code=row.subject.organisation_code)

    def _joint(self, row: Application) -> None:
        self.sign_all(row)
        panel.call_experts(self.science, row)

    def sign_all(self, row: Application) -> None:
        """Every unit that was asked agrees."""
        for asked in row.sign_offs.filter(round=row.round, agreed=None):
            intake.sign(self.of(asked.unit), row, agreed=True)

    def of(self, unit: Unit) -> User:
        """Somebody of the staff of `unit`."""
        found = User.objects.filter(role="staff", unit=unit).first()
        return found or account(f"staff-{unit.code}", "staff", unit.name_zh)

    def score_all(self, row: Application, points: str = "30") -> None:
        """Three experts are seated and give everything the same points."""
        for name in ("first", "second", "third"):
            panel.seat(self.science, row, self.people[name])
        for name in ("first", "second", "third"):
            scores = {"innovation": points, "feasibility": points, "benefit": points}
            panel.score(self.people[name], row, scores=scores, opinion="可行")

    def _panel(self, row: Application) -> None:
        self.score_all(row, "28")
        panel.close_panel(self.science, row)

    def _amount(self, row: Application) -> None:
        amounts.compute(self.science, row)
        amounts.propose(self.science, row)

    def pay(self, row: Application, yuan: str, day: date = AFTER_NOTICE) -> object:
        """An instalment."""
        with clock.pinned(day):
            return payments.pay(self.finance, row, amount_yuan=yuan, paid_on=day)


def account(name: str, role: str, belongs: str) -> User:
    """An account as the services make it."""
    unit = Unit.objects.filter(name_zh=belongs).first() if role == "staff" else None
    return create_account(
        "setup", username=name, name=f"{name} 某", role=role, unit=unit,
        credit_code=belongs if role == "enterprise" else "",
        password_hash=make_password("Harbour-2024"),
    )[0]  # fmt: skip


def found(budget_yuan: str = "20000000") -> Bureau:
    """Harbin's units, the people, the firm, and a budget of the science bureau for 2023."""
    with clock.pinned(DAY):
        load_programme("setup")
        people = {name: account(name, *given) for name, given in ACCOUNTS.items()}
        subject = registry.register(
            people["firm"], kind="enterprise", name="冰城智能科技有限公司", credit_code=CODE,
            since=date(2020, 1, 1),
        )  # fmt: skip
        unit = people["science"].unit
        assert unit is not None
        budgets.set_budget(people["office"], unit, 2023, amount_yuan=budget_yuan)
    return Bureau(people, subject)


def written() -> int:
    """How many acts are on record: what a refusal must not change."""
    return AuditEntry.objects.count()
