"""A unit's budget of a year, set by the office; never below what is committed and paid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.ledger.services import audit, vouch
from songhua.console.people.models import Role
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Budget
from songhua.console.subsidies.services import holdings
from songhua.console.subsidies.services.rows import append, required
from songhua.kit import money
from songhua.kit.errors import Conflict, InputError, Problem

if TYPE_CHECKING:
    from songhua.console.people.models import Unit, User


@transaction.atomic
def set_budget(
    actor: User, unit: Unit, year: int, *, amount_yuan: object, reason: str = ""
) -> Budget:
    """Set the budget, or change it with a reason."""
    access.demand(actor, Role.OFFICE)
    amount = money.fen(amount_yuan, "amount_yuan")
    if not 2000 <= year <= 2200:
        raise InputError(Problem("year", "out_of_range", str(year)))
    audit.hold()
    row = Budget.objects.select_for_update(of=("self",)).filter(unit=unit, year=year).first()
    if row is None:
        return append(
            actor, Budget(unit=unit, year=year, amount_fen=amount), "budget_set", "amount_fen"
        )
    required(reason=reason)
    position = holdings.position(row)
    used = position.committed + position.paid
    if amount < used:
        raise Conflict(Problem("amount_yuan", "subsidy_budget_used", money.yuan(used)))
    row.amount_fen = amount
    row.save()
    audit.record(
        actor, "budget_changed", vouch.subject(row), reason=reason,
        sets=vouch.sets(row, "amount_fen"),
    )  # fmt: skip
    return row
