"""What a subject already has: sums over payments and approvals, read from the rows. In fen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q, Sum

from songhua.console.subsidies.access import family
from songhua.console.subsidies.models import (
    Application,
    Budget,
    Choice,
    OtherAward,
    Payment,
    Repayment,
    Subject,
)
from songhua.console.subsidies.workflow import standard
from songhua.policy.choice import Recheck, recheck
from songhua.policy.portfolio import Candidate, Reading, conflicts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.policy import Rule

GRANTED = ("paying", "evaluation", "archived")
GONE = ("draft", "not_accepted", "withdrawn", "refused")


def paid_fen(application: Application) -> int:
    """What was paid, transfers and set-offs together."""
    return _total(Payment.objects.filter(application=application))


def repaid_fen(application: Application) -> int:
    """What came back of it."""
    return _total(Repayment.objects.filter(recovery__application=application))


def granted_fen(application: Application) -> int:
    """What the subject has or will have of it: approved while payments run, else paid; less what
    came back."""
    if application.state not in GRANTED:
        return 0
    running = application.state == "paying"
    gross = application.approved_fen or 0 if running else paid_fen(application)
    return gross - repaid_fen(application)


def _total(rows: Any) -> int:
    return rows.aggregate(total=Sum("amount_fen"))["total"] or 0


def prior_fen(application: Application, rule: Rule) -> int:
    """What the same subject was granted before under the same rule, as far as its cap counts it:
    of the same year for a yearly cap, on the same matter for a cap per project."""
    others = Application.objects.filter(
        subject__in=family([application.subject]), policy=application.policy,
        rule=application.rule, state__in=GRANTED,
    ).exclude(pk=application.pk)  # fmt: skip
    kind = rule.cap.kind if rule.cap else ""
    if kind == "per_year" and application.applied_on:
        others = others.filter(applied_on__year=application.applied_on.year)
    found = list(others)
    if kind == "per_project":
        found = [one for one in found if set(one.matters) & set(application.matters)]
    return sum(granted_fen(one) for one in found)


def organisation(subject: Subject) -> list[int]:
    """The keys of all subjects that the organisation of `subject` answers for."""
    code = subject.organisation_code
    same = Q(pk=subject.pk)
    if code:
        same |= Q(credit_code=code) | Q(credit_code="", operator__credit_code=code)
    return family(list(Subject.objects.filter(same)))


def amount_of(application: Application) -> int | None:
    """The newest figure: approved, proposed, or as last computed; None while unknown."""
    if application.state in GRANTED:
        return granted_fen(application)
    if application.proposed_fen is not None:
        return application.proposed_fen
    last = application.assessments.last()
    return last.award["amount"] if last else None


def reading() -> Reading:
    """How this desk reads 不重复支持: a setting of the workflow, never the applicant's."""
    return Reading(**standard().settings.no_double_support.model_dump())


def candidates(subject: Subject, policy: str) -> list[Candidate]:
    """Every award of the organisation of `subject`, as the portfolio of `policy` sees it."""
    keys = organisation(subject)
    own = Application.objects.filter(subject__in=keys).exclude(state__in=GONE).order_by("pk")
    others = OtherAward.objects.filter(subject__in=keys, declined=False).order_by("pk")
    return [
        *(
            Candidate(
                row.award_id, "this" if row.policy == policy else "city", amount_of(row),
                frozenset(row.matters),
            )
            for row in own
            if row.state not in GRANTED or granted_fen(row) > 0
        ),
        *(
            Candidate(row.award_id, row.source, row.amount_fen, frozenset(row.matters))
            for row in others
        ),
    ]  # fmt: skip


def as_json(found: Iterable[Candidate]) -> list[dict[str, Any]]:
    """Candidates as a record keeps them."""
    return [
        {"id": c.id, "source": c.source, "amount": c.amount, "matters": sorted(c.matters)}
        for c in found
    ]


def from_json(kept: list[dict[str, Any]]) -> list[Candidate]:
    """The reverse of `as_json`."""
    return [Candidate(c["id"], c["source"], c["amount"], frozenset(c["matters"])) for c in kept]


def current_choice(subject: Subject, policy: str) -> tuple[Choice, Recheck] | None:
    """The newest choice of the organisation under `policy`, checked against today's awards."""
    choices = Choice.objects.filter(subject__in=organisation(subject), policy=policy)
    choice = choices.order_by("-pk").first()
    if choice is None:
        return None
    old, new = from_json(choice.candidates), candidates(subject, policy)
    return choice, recheck(old, new, choice.chosen, reading())


def foes(application: Application) -> list[str]:
    """The awards of the organisation that fall on a matter of `application` and exclude it."""
    found = candidates(application.subject, application.policy)
    own = application.award_id
    pairs = [{pair.first, pair.second} for pair in conflicts(found, reading())]
    return sorted(name for pair in pairs if own in pair for name in pair - {own})


def received_foes(application: Application) -> list[str]:
    """Those of them that were granted by us or received from another body."""
    return [name for name in foes(application) if is_received(name)]


def excluded(application: Application) -> list[str]:
    """Those of them that stand in its way: received, or not given up by a choice that stands."""
    found = foes(application)
    received = [name for name in found if is_received(name)]
    if received or not found:
        return received
    chosen = current_choice(application.subject, application.policy)
    if chosen is None or application.award_id not in chosen[0].chosen:
        return found
    choice, check = chosen
    if check.changed and check.ask_again:
        return found
    return [name for name in found if name in choice.chosen]


def is_received(award_id: str) -> bool:
    """Whether money of this award was granted by us or received from another body."""
    kind, _, key = award_id.partition(":")
    if kind == "application":
        return granted_fen(Application.objects.get(pk=key)) > 0
    return OtherAward.objects.filter(pk=key, paid_on__isnull=False, declined=False).exists()


@dataclass(frozen=True)
class Position:
    """A unit's year: what it has, what is approved and not yet paid, what is paid, what is free."""

    amount: int
    committed: int
    paid: int

    @property
    def free(self) -> int:
        """What may still be approved."""
        return self.amount - self.committed - self.paid


def position(budget: Budget) -> Position:
    """The position of `budget`, summed from the rows."""
    paid = _total(Payment.objects.filter(application__budget=budget))
    running = Application.objects.filter(budget=budget, state="paying")
    approved = running.aggregate(total=Sum("approved_fen"))["total"] or 0
    paid_of_running = _total(Payment.objects.filter(application__in=running))
    return Position(budget.amount_fen, approved - paid_of_running, paid)
