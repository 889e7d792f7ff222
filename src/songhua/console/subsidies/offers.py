"""The steps that a person may take now, and what stands in the way of the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from songhua.console.subsidies import access
from songhua.console.subsidies.services import guards
from songhua.console.subsidies.workflow import standard
from songhua.governance.transitions import obstacles

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application
    from songhua.governance.transitions import Refusal

ELSEWHERE = frozenset({"score", "object", "answer", "uphold"})  # asked where they belong
LAST = ("withdraw", "refuse", "decline", "recover")


@dataclass(frozen=True)
class Offer:
    """One step: possible where `refusals` is empty; `reason` says that it needs one."""

    action: str
    refusals: tuple[Refusal, ...]
    reason: bool


@transaction.atomic  # a guard locks the budget that it looks at
def offers(user: User, row: Application) -> list[Offer]:
    """Every step of the present state that is this person's, what is done least at the end."""
    mine = access.capacities(user, row)
    flow = standard()
    found = []
    for step in flow.transitions:
        if step.source != row.state or step.action in ELSEWHERE or not mine & set(step.roles):
            continue
        asked = guards.Asked(user, row, "?")  # the reason is still to be given
        refusals = obstacles(
            flow, "subsidy", row.state, step.action, mine,
            lambda name, asked=asked: guards.check(name, asked),
        )  # fmt: skip
        found.append(Offer(step.action, refusals, "reason" in step.guards))
    return sorted(found, key=lambda offer: (bool(offer.refusals), offer.action in LAST))
