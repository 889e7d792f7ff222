"""What experts cost a centre becomes a fact of its registry entry, for policy clause 六."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Sum

from songhua.console import clock
from songhua.console.cooperation.models import ExpertCost
from songhua.console.subsidies.access import family
from songhua.console.subsidies.services import registry
from songhua.kit.errors import InputError, Problem
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Subject, SubjectFact

FACT = "experts"  # as the rule P06b of policies/pilot_zone names it


def by_expert(subject: Subject) -> list[dict[str, object]]:
    """The costs of each expert of a centre so far, in yuan as text: the list that the rule sums."""
    rows = ExpertCost.objects.filter(subject__in=family([subject]), struck=False)
    rows = rows.filter(paid_on__lte=clock.today()).order_by("title", "foreign")
    found = rows.values("title", "foreign").annotate(total=Sum("amount_fen"))
    return [{"work_cost_yuan": yuan(one["total"]), "foreign": one["foreign"]} for one in found]


def file_facts(actor: User, subject: Subject) -> SubjectFact:
    """Enter the costs as a fact of the centre as of today, without the experts' names."""
    value = by_expert(subject)
    if not value:
        raise InputError(Problem("subject", "cooperation_no_costs", subject.name))
    return registry.put_fact(
        actor, subject, name=FACT, value=value, as_of=clock.today(), source="专家工作经费台账",
    )  # fmt: skip
