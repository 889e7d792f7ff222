"""What must hold before a step, each guard of ``workflow.yaml`` on its own. A guard answers None
where it holds, else the value that its sentence names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.console import clock
from songhua.console.subsidies import access
from songhua.console.subsidies.models import Budget, Objection
from songhua.console.subsidies.services import engine, holdings
from songhua.console.subsidies.workflow import standard
from songhua.governance.transitions import Refusal
from songhua.kit.money import yuan

if TYPE_CHECKING:
    from collections.abc import Callable

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Application, Assessment, PublicNotice
    from songhua.policy import Rule


@dataclass(frozen=True)
class Asked:
    """Who asks for a step on which application, and why."""

    actor: User
    row: Application
    reason: str

    @property
    def rule(self) -> Rule:
        """The rule applied for."""
        return engine.rule_of(self.row.policy, self.row.version, self.row.rule)


def check(name: str, asked: Asked) -> Refusal | None:
    """The refusal of the guard `name`, None where it holds."""
    value = GUARDS[name](asked)
    if value is None:
        return None
    kind = "forbidden" if name in PERSONAL else "conflict"
    return Refusal(name, f"subsidy_guard_{name}", value, kind=kind)


def _unless(holds: bool, value: object = "") -> str | None:
    return None if holds else str(value)


def _disinterested(asked: Asked) -> str | None:
    row, actor = asked.row, asked.actor
    return _unless(not access.interested(actor, row.subject))


def _not_scorer(asked: Asked) -> str | None:
    row, actor = asked.row, asked.actor
    scored = row.seats.filter(expert=actor, total__isnull=False).exists()
    return _unless(not scored and not row.sign_offs.filter(signed_by=actor).exists())


def _not_proposer(asked: Asked) -> str | None:
    row, actor = asked.row, asked.actor
    computed = row.assessments.filter(made_by=actor).exists()
    return _unless(not computed and actor.pk not in (row.proposed_by_id, row.created_by_id))


def _gives_no_amount(asked: Asked) -> str | None:
    row = asked.row
    if row.applied_on is None:
        return ""
    policy = engine.policy_of(row.policy, row.version)
    award = engine.assess(policy, row.rule, row.facts | row.findings, row.applied_on, row.reading)
    word = f"@policy_status_{award['status']}"
    return _unless(engine.case_kind(asked.rule, award) is not None, word)


def _all_signed(asked: Asked) -> str | None:
    missing = asked.row.sign_offs.filter(round=asked.row.round).exclude(agreed=True)
    names = "、".join(missing.values_list("unit__name_zh", flat=True))
    return _unless(not names, names)


def _needs_no_experts(asked: Asked) -> str | None:
    rule, known = asked.rule, asked.row.findings
    wanted = engine.review_facts(rule)
    if rule.grant.kind == "reviewed":
        wanted |= {rule.grant.fact}
    missing = sorted(name for name in wanted if known.get(name) is None)
    return _unless(not missing, "、".join(rule.facts[name].zh for name in missing))


def _panel_complete(asked: Asked) -> str | None:
    seats = asked.row.seats.filter(round=asked.row.round, recused=False)
    scored = seats.filter(total__isnull=False).count()
    least = standard().settings.experts_at_least
    return _unless(scored >= least and scored == seats.count(), f"{scored}/{max(least, scored)}")


def latest(row: Application) -> Assessment | None:
    """The newest computation of this round."""
    return row.assessments.filter(round=row.round).last()


def _amount_known(asked: Asked) -> str | None:
    last = latest(asked.row)
    if last is None:
        return ""
    award = last.award
    computed = award["status"] == "computed" and award["amount"]
    admissible = engine.open_points(award) and award["ceiling"]
    return _unless(bool(computed or admissible), f"@policy_status_{award['status']}")


def _choice_stands(asked: Asked) -> str | None:
    foes = holdings.excluded(asked.row)
    return _unless(not foes, "、".join(foes))


def _not_paid_elsewhere(asked: Asked) -> str | None:
    foes = holdings.received_foes(asked.row)
    return _unless(not foes, "、".join(foes))


def notice_of(row: Application) -> PublicNotice | None:
    """The notice of this round that was opened last."""
    return row.notices.filter(round=row.round).last()


def _notice_open(asked: Asked) -> str | None:
    notice = notice_of(asked.row)
    return _unless(notice is not None and notice.starts <= clock.today() <= notice.ends)


def _notice_over(asked: Asked) -> str | None:
    notice = notice_of(asked.row)
    if notice is None:
        return ""
    return _unless(clock.today() > notice.ends, notice.ends)


def _objections_answered(asked: Asked) -> str | None:
    waiting = Objection.objects.filter(notice__application=asked.row, upheld=None).count()
    return _unless(waiting == 0, waiting)


def cap_left(row: Application, rule: Rule) -> int | None:
    """What earlier grants to the same subject leave of the cap; None without a cap."""
    if rule.cap is None:
        return None
    prior = holdings.prior_fen(row, rule)
    if rule.cap.kind == "one_off" and prior > 0:
        return 0
    return rule.cap.amount - prior


def _within_cap(asked: Asked) -> str | None:
    left = cap_left(asked.row, asked.rule)
    return _unless(left is None or (asked.row.proposed_fen or 0) <= left, yuan(left or 0))


def budget_of(row: Application) -> Budget | None:
    """The budget of the unit that handles it, for the present year, locked."""
    rows = Budget.objects.select_for_update(of=("self",))
    return rows.filter(unit=row.unit, year=clock.today().year).first()


def _within_budget(asked: Asked) -> str | None:
    budget = budget_of(asked.row)
    free = holdings.position(budget).free if budget else 0
    return _unless((asked.row.proposed_fen or 0) <= free, yuan(free))


PERSONAL = frozenset({"disinterested", "not_scorer", "not_proposer", "not_approver"})
GUARDS: dict[str, Callable[[Asked], str | None]] = {
    "disinterested": _disinterested,
    "reason": lambda asked: _unless(bool(asked.reason.strip())),
    "gives_amount": lambda asked: _unless(engine.gives_amount(asked.rule)),
    "gives_no_amount": _gives_no_amount,
    "all_signed": _all_signed,
    "needs_no_experts": _needs_no_experts,
    "panel_complete": _panel_complete,
    "amount_known": _amount_known,
    "choice_stands": _choice_stands,
    "not_paid_elsewhere": _not_paid_elsewhere,
    "notice_open": _notice_open,
    "notice_over": _notice_over,
    "objections_answered": _objections_answered,
    "not_scorer": _not_scorer,
    "not_proposer": _not_proposer,
    "not_approver": lambda asked: _unless(asked.actor.pk != asked.row.approved_by_id),
    "within_cap": _within_cap,
    "within_budget": _within_budget,
    "evaluated": lambda asked: _unless(asked.row.evaluations.filter(passed=True).exists()),
}
