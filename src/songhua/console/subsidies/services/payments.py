"""拨付 in instalments: never above what was approved, the cap, or the budget."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Payment
from songhua.console.subsidies.services import engine, guards, holdings
from songhua.console.subsidies.services.rows import (
    append,
    begin,
    finish,
    locked,
    not_future,
    positive_fen,
    take,
)
from songhua.console.subsidies.workflow import standard
from songhua.kit.errors import Conflict, InputError, Problem
from songhua.kit.money import yuan
from songhua.tables import to_csv, to_xlsx

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application

PAYERS = (Role.OFFICE, Role.LEADER)
HEADINGS = (
    "序号", "拨付日期", "收款单位", "统一社会信用代码", "开户银行", "账号", "金额（元）", "方式",
    "条款", "决定文号", "期次",
)  # fmt: skip


@transaction.atomic
def pay(
    actor: User,
    application: Application,
    *,
    amount_yuan: object,
    paid_on: date,
    payee: str = "",
    bank: str = "",
    account: str = "",
    way: str = Payment.Way.TRANSFER,
) -> Payment:
    """Enter one instalment; the payee is the subject's organisation unless named."""
    locked(application.subject)
    row = begin(actor, application, "pay")
    amount = positive_fen(amount_yuan, "amount_yuan")
    not_future(paid_on, clock.today(), "paid_on")
    _within_all(row, amount)
    finish(actor, row, "pay")
    made = Payment(
        application=row, number=row.payments.count() + 1, amount_fen=amount, way=way,
        paid_on=paid_on, payee=payee.strip() or _payee(row), bank=bank.strip(),
        account=account.strip(), entered_by=actor, entered_at=clock.now(),
    )  # fmt: skip
    return append(actor, made, "payment_made")


def _payee(row: Application) -> str:
    subject = row.subject.merged_into or row.subject
    code_holder = subject if subject.credit_code or not subject.operator else subject.operator
    return code_holder.name


def _within_all(row: Application, amount: int) -> None:
    """Raise `Conflict` naming every bound that the instalment would break."""
    before = holdings.paid_fen(row)
    left = (row.approved_fen or 0) - before
    problems = []
    if amount > left:
        problems.append(Problem("amount_yuan", "subsidy_above_approved", yuan(left)))
    cap = guards.cap_left(row, engine.rule_of(row.policy, row.version, row.rule))
    if cap is not None and before + amount > cap:
        problems.append(Problem("amount_yuan", "subsidy_above_cap", yuan(max(cap - before, 0))))
    assert row.budget is not None
    position = holdings.position(row.budget)
    if position.paid + amount > position.amount:
        free = yuan(position.amount - position.paid)
        problems.append(Problem("amount_yuan", "subsidy_above_budget", free))
    if problems:
        raise Conflict(problems)


def close_payments(actor: User, application: Application, *, reason: str) -> Application:
    """Say that no more will be paid; what was approved beyond it is free again."""
    return take(actor, application, "close_payments", reason)


def between(start: date, end: date) -> QuerySet[Payment]:
    """The payments of the days from `start` to `end`, both included."""
    rows = Payment.objects.filter(paid_on__range=(start, end)).order_by("paid_on", "pk")
    subject = "application__subject"
    return rows.select_related(f"{subject}__operator", f"{subject}__merged_into")


def export(actor: User, start: date, end: date, form: str) -> bytes:
    """The payments of a period for the finance bureau, as ``csv`` or ``xlsx``."""
    finance = standard().settings.finance_unit
    if actor.unit is None or actor.unit.code != finance:
        access.demand(actor, *PAYERS)
    if end < start:
        raise InputError(Problem("end", "due_before_start", str(end)))
    rows = [_line(number, payment) for number, payment in enumerate(between(start, end), 1)]
    if form == "csv":
        return to_csv(HEADINGS, rows)
    return to_xlsx(f"拨付 {start} {end}", HEADINGS, rows)


def _line(number: int, payment: Payment) -> list[str | int | date | Decimal]:
    row = payment.application
    rule = engine.rule_of(row.policy, row.version, row.rule)
    return [
        number, payment.paid_on, payment.payee, row.subject.organisation_code, payment.bank,
        payment.account, Decimal(yuan(payment.amount_fen)), payment.get_way_display(),
        f"{rule.article}（{rule.zh}）", row.decision_number, payment.number,
    ]  # fmt: skip
