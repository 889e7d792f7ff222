"""A small invented city for the console's tests: Ice Harbour with its people and a few tasks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from django.contrib.auth.hashers import make_password
from django.test import Client

from songhua.console import clock
from songhua.console.ledger.models import (
    AuditEntry,
    Evidence,
    MonthlyPlan,
    MonthlyReport,
    Obligation,
    Task,
)
from songhua.console.ledger.services import evidence as evidence_service
from songhua.console.ledger.services import plans, reports, tasks
from songhua.console.ledger.services.programme import load_programme
from songhua.console.people.models import Unit, User
from songhua.console.people.services import create_account
from songhua.programmes.load import load

if TYPE_CHECKING:
    from songhua.kit.errors import Problem, SonghuaError

ICE_HARBOUR = Path(__file__).parents[1] / "programmes" / "ice_harbour"
PASSWORD = "Harbour-2024"
CREDIT_CODE = "91110000600037341L"
OPENED = date(2024, 1, 2)


def month(text: str) -> date:
    """The first day of a month written 2024-03."""
    return date.fromisoformat(f"{text}-01")


def on(text: str) -> object:
    """Within this block it is nine in the morning of that day."""
    return clock.pinned(date.fromisoformat(text))


@dataclass
class City:
    """The people, by what they are, and the tasks, by code."""

    units: dict[str, Unit]
    people: dict[str, User]
    tasks: dict[str, Task] = field(default_factory=dict)

    def __getattr__(self, name: str) -> User:
        try:
            return self.people[name]
        except KeyError:
            raise AttributeError(name) from None

    def task(self, code: str) -> Task:
        """The task as it is recorded now."""
        return Task.objects.select_related("lead_unit", "obligation").get(code=code)

    def client(self, name: str, **extra: object) -> Client:
        """A browser in which this person has signed in."""
        client = Client(**extra)
        client.force_login(self.people[name])
        return client

    def report(
        self, code: str, text: str, percent: object, by: str = "staff", **more: object
    ) -> MonthlyReport:
        """A month's figure through the service."""
        correction = bool(more.pop("correction", False))
        given = {"month": text, "percent": str(percent), "summary": "照计划进行", **more}
        return reports.submit_report(self.people[by], self.task(code), given, correction=correction)

    def proof(self, code: str, by: str = "staff", content: bytes = b"proof") -> Evidence:
        """A file submitted as evidence."""
        return evidence_service.submit_file(
            self.people[by], self.task(code), title="证明", filename="proof.txt", chunks=[content]
        )

    def accepted(self, code: str, by: str = "staff") -> Evidence:
        """A file submitted and accepted by the reviewer."""
        return evidence_service.decide(self.reviewer, self.proof(code, by), accepted=True)


ACCOUNTS: dict[str, dict[str, str]] = {
    "office": {"role": "office"},
    "deputy": {"role": "office"},
    "leader": {"role": "leader"},
    "staff": {"role": "staff", "unit": "harbour_bureau"},
    "weather": {"role": "staff", "unit": "weather_bureau"},
    "enterprise": {"role": "enterprise", "credit_code": CREDIT_CODE},
    "reviewer": {"role": "reviewer"},
    "public": {"role": "public"},
}
TASKS: dict[str, dict[str, str]] = {
    "H-1": {"unit": "harbour_bureau", "obligation": "OB-001"},
    "H-2": {"unit": "harbour_bureau", "obligation": "OB-002"},
    "H-3": {"unit": "harbour_bureau", "obligation": "OB-004"},
    "W-1": {"unit": "weather_bureau", "obligation": "OB-003"},
    "P-1": {"unit": "harbour_bureau", "obligation": "OB-001", "parent": "H-1"},
}


def people() -> City:
    """The programme loaded and an account for every role, as the services make them."""
    load_programme("setup", load(ICE_HARBOUR))
    units = {u.code: u for u in Unit.objects.all()}
    hashed = make_password(PASSWORD)
    found = {
        name: create_account(
            "setup", username=name, name=f"{name} 某", role=given["role"],
            unit=units.get(given.get("unit", "")), credit_code=given.get("credit_code", ""),
            password_hash=hashed,
        )[0]
        for name, given in ACCOUNTS.items()
    }  # fmt: skip
    return City(units, found)


def found() -> City:
    """The city on the second of January 2024: five active tasks that run through the year, each
    planned to advance evenly (8, 16, … 92, 100 percent)."""
    with clock.pinned(OPENED):
        city = people()
        for code, given in TASKS.items():
            parent = city.tasks.get(given.get("parent", ""))
            task = tasks.create(
                city.office, code=code, title=f"任务 {code}",
                obligation=Obligation.objects.get(code=given["obligation"]),
                lead_unit=city.units[given["unit"]], start=date(2024, 1, 1),
                due=date(2024, 12, 31), parent=parent,
                enterprise="冰港示例公司" if parent else "",
                credit_code=CREDIT_CODE if parent else "",
            )  # fmt: skip
            tasks.act(city.office, task, "activate")
            plans.submit_plan(city.office, task, even_plan())
            city.tasks[code] = task
    return city


def even_plan() -> list[tuple[date, Decimal, str]]:
    """A twelfth of the work each month of 2024."""
    return [(date(2024, m, 1), Decimal(100 * m // 12), "") for m in range(1, 13)]


def rows_now() -> dict[str, int]:
    """How many figures, evidence and audit entries there are: what a refusal must not change."""
    models = (MonthlyReport, MonthlyPlan, Evidence, AuditEntry)
    return {model.__name__: model.objects.count() for model in models}


def codes(error: SonghuaError) -> list[tuple[str, str]]:
    """Where and which rule, for every problem."""
    return [(problem.where, problem.code) for problem in error.problems]


def spoken(problems: tuple[Problem, ...]) -> None:
    """Every problem is a Chinese and an English sentence, with nothing left to fill in."""
    for problem in problems:
        zh, en = problem.text("zh"), problem.text("en")
        assert problem.code not in (zh, en), problem.code
        assert any("\u4e00" <= c <= "\u9fff" for c in zh), zh
        assert en.isascii() or any(c.isascii() and c.isalpha() for c in en), en
        assert "{" not in zh + en
