"""Aid for a firm or carrier: what the policy engine makes of what the registry knows of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from songhua.console.design.bilingual import choose
from songhua.console.growth import figures, selectors
from songhua.console.growth.ladder import last_whole_year
from songhua.console.growth.models import Carrier
from songhua.console.subsidies.services import engine
from songhua.console.subsidies.services.registry import known_facts
from songhua.kit import money
from songhua.kit.errors import InputError

if TYPE_CHECKING:
    from datetime import date

    from songhua.console.subsidies.models import Subject
    from songhua.policy import Policy, Rule

OPEN = ("computed", "needs_review", "case_by_case", "referral")


@dataclass(frozen=True)
class Aid:
    """One rule: its award, or the facts (in words) that are still to be entered."""

    rule: Rule
    award: dict[str, Any] | None
    missing: tuple[str, ...] = ()


def proposed(subject: Subject, on: date) -> tuple[Policy, list[Aid]]:
    """The rules that give `subject` something, then those for which a fact or two are missing;
    none that are closed to it, and none of which nothing is known."""
    policy = engine.newest(engine.policies())
    known = known_facts(subject, on) | _of_carrier(subject, on)
    found = [aid for rule in policy.rules.values() if (aid := _aid(policy, rule, known, on))]
    return policy, sorted(found, key=lambda aid: (aid.award is None, len(aid.missing)))


def _aid(policy: Policy, rule: Rule, known: dict[str, object], on: date) -> Aid | None:
    used = {name: value for name, value in known.items() if name in rule.facts}
    if not used:
        return None
    blank = Aid(rule, None)
    try:
        award = engine.assess(policy, rule.id, used, on, {})
    except InputError as error:
        names = dict.fromkeys(p.where.partition("[")[0].partition(".")[0] for p in error.problems)
        said = (rule.facts[n] for n in names if n in rule.facts)
        return replace(blank, missing=tuple(choose(fact.zh, fact.en) for fact in said))
    return replace(blank, award=award) if award["status"] in OPEN else None


def _of_carrier(subject: Subject, on: date) -> dict[str, object]:
    """The tenants that moved into a carrier in the last whole year, as clause three asks."""
    carrier = Carrier.objects.filter(subject=subject).first()
    if carrier is None:
        return {}
    year = last_whole_year(on)
    stays = selectors.stays().filter(selectors.staying(on), home=carrier.pk)
    new = {firm: since.year == year for firm, since in stays.values_list("kept", "moved_in")}
    known = figures.yearly(on, new.keys())
    tenants = []
    for firm, arrived in new.items():
        years = known.get(firm, {})
        revenue = [years[y].revenue_fen if y in years else None for y in (year, year - 1)]
        if None not in revenue:
            now, before = (money.yuan(fen or 0) for fen in revenue)
            tenants.append({"revenue_yuan": now, "prev_revenue_yuan": before, "new": arrived})
    return {"tenants": tenants} if tenants else {}
