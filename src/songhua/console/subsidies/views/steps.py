"""Each step of the workflow: what its form sends, and the service it asks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.design.posted import civil
from songhua.console.ledger.models import Evidence
from songhua.console.people.models import User
from songhua.console.subsidies.forms import FactsForm, amount_text
from songhua.console.subsidies.services import (
    amounts,
    decisions,
    drafts,
    engine,
    evaluations,
    intake,
    notices,
    panel,
    payments,
    recoveries,
)
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import QueryDict

    from songhua.console.subsidies.models import Application

    Step = Callable[[User, Application, QueryDict], object]

_BETWEEN = re.compile(r"[、,;；，\n]+")


def matters(given: Mapping[str, str]) -> list[str]:
    """The matters (事项) of a form, separated by commas or lines."""
    return _BETWEEN.split(given.get("matters", ""))


def money(given: QueryDict, name: str) -> str | None:
    """An amount as the services take it; None where it is blank."""
    return amount_text(given.get(name, "")) or None


def ticked(given: QueryDict, name: str) -> bool:
    """Yes or no; raises `InputError` where neither was chosen."""
    answer = given.get(name)
    if answer not in ("1", "0"):
        raise InputError(Problem(name, "empty"))
    return answer == "1"


def _reason(service: Callable[..., object]) -> Step:
    return lambda user, row, given: service(user, row, reason=given.get("reason", ""))


def _plain(service: Callable[..., object]) -> Step:
    return lambda user, row, _given: service(user, row)


def _seat(user: User, row: Application, given: QueryDict) -> object:
    key = given.get("expert", "")
    expert = User.objects.filter(pk=int(key)).first() if key.isascii() and key.isdigit() else None
    if expert is None:
        raise InputError(Problem("expert", "subsidy_not_an_expert", key))
    return panel.seat(user, row, expert)


def _compute(user: User, row: Application, given: QueryDict) -> object:
    policy = engine.policy_of(row.policy, row.version)
    rule = engine.rule_of(row.policy, row.version, row.rule)
    others = set(rule.facts) - engine.settled_facts(rule)
    form = FactsForm(policy, rule, given.dict(), clock.today(), omitted=others)
    usual = {key: each.default for key, each in (policy.readings | rule.readings).items()}
    chosen = {key: option for key, option in form.reading().items() if option != usual[key]}
    return amounts.compute(
        user, row, reading=chosen if chosen != row.reading else None, settled=form.facts(),
        reason=given.get("reason", ""),
    )  # fmt: skip


def _evaluate(user: User, row: Application, given: QueryDict) -> object:
    key, evidence = given.get("evidence", "").strip(), None
    if key:
        known = key.isascii() and key.isdigit() and len(key) < 18
        evidence = Evidence.objects.filter(pk=int(key)).first() if known else None
        if evidence is None:
            raise InputError(Problem("evidence", "subsidy_evidence_not_accepted", key))
    return evaluations.evaluate(
        user, row, passed=ticked(given, "passed"), text=given.get("reason", ""), evidence=evidence
    )


STEPS: dict[str, Step] = {
    "submit": _plain(drafts.submit),
    "withdraw": _reason(drafts.withdraw),
    "accept": _plain(intake.accept),
    "ask_correction": _reason(intake.ask_correction),
    "decline": _reason(intake.decline),
    "pass_formal": _plain(intake.pass_formal),
    "transfer": lambda user, row, given: intake.transfer(
        user, row, addressee=given.get("addressee", "")
    ),
    "refuse": _reason(intake.refuse),
    "sign": lambda user, row, given: intake.sign(
        user, row, agreed=ticked(given, "agreed"), opinion=given.get("opinion", "")
    ),
    "call_experts": _plain(panel.call_experts),
    "skip_experts": _plain(intake.skip_experts),
    "review_again": _reason(intake.review_again),
    "seat": _seat,
    "close_panel": lambda user, row, given: panel.close_panel(
        user, row, reviewed_amount_yuan=money(given, "reviewed_amount_yuan")
    ),
    "compute": _compute,
    "propose": lambda user, row, given: amounts.propose(
        user, row, amount_yuan=money(given, "amount_yuan"), reason=given.get("reason", "")
    ),
    "close_notice": _plain(notices.close_notice),
    "approve": _plain(decisions.approve),
    "send_back": _reason(decisions.send_back),
    "pay": lambda user, row, given: payments.pay(
        user, row, amount_yuan=money(given, "amount_yuan") or "",
        paid_on=civil(given.get("paid_on", ""), "paid_on"), payee=given.get("payee", ""),
        bank=given.get("bank", ""), account=given.get("account", ""),
    ),
    "close_payments": _reason(payments.close_payments),
    "recover": lambda user, row, given: recoveries.propose(
        user, row, amount_yuan=money(given, "amount_yuan") or "", reason=given.get("reason", "")
    ),
    "evaluate": _evaluate,
    "archive": _plain(evaluations.archive),
}  # fmt: skip
