"""批准: by somebody who neither scored nor proposed, within the cap, the budget and 不重复支持."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console import clock
from songhua.console.subsidies.models import Application
from songhua.console.subsidies.services import guards
from songhua.console.subsidies.services.rows import begin, finish, locked, take

if TYPE_CHECKING:
    from songhua.console.people.models import User


@transaction.atomic
def approve(actor: User, application: Application) -> Application:
    """Approve the proposed amount; it is committed against the unit's budget of this year."""
    locked(application.subject)  # two awards to one subject wait for each other
    row = begin(actor, application, "approve")
    row.approved_fen, row.approved_by, row.approved_at = row.proposed_fen, actor, clock.now()
    row.budget = guards.budget_of(row)
    year = clock.today().year
    row.decision_number = f"〔{year}〕{_decided_in(year) + 1}号"
    return finish(
        actor, row, "approve", "approved_fen", "approved_by_id", "approved_at", "budget_id",
        "decision_number",
    )  # fmt: skip


def _decided_in(year: int) -> int:
    return Application.objects.filter(decision_number__startswith=f"〔{year}〕").count()


@transaction.atomic
def send_back(actor: User, application: Application, *, reason: str) -> Application:
    """Back to the amount, which is then proposed and published anew."""
    row = begin(actor, application, "send_back", reason)
    row.proposed_fen, row.proposed_by = None, None
    return finish(actor, row, "send_back", "proposed_fen", "proposed_by_id", reason=reason)


def refuse(actor: User, application: Application, *, reason: str) -> Application:
    """驳回 instead of approving."""
    return take(actor, application, "refuse", reason)
