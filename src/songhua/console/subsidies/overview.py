"""What lists show: what waits for whom, deadlines, budgets; a fixed number of queries each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import F, OuterRef, Q, Subquery, Sum

from songhua.console.people.models import Role
from songhua.console.subsidies.models import Application, Payment, PublicNotice
from songhua.console.subsidies.services.holdings import Position
from songhua.console.subsidies.workflow import standard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from songhua.console.people.models import User
    from songhua.console.subsidies.models import Budget

PATH = (
    "draft", "submitted", "formal_review", "joint_review", "expert_review", "amount", "notice",
    "approval", "paying", "evaluation", "archived",
)  # fmt: skip
AT_WILL = frozenset({"withdraw", "recover"})  # may be done, but nobody waits for it


def _states(role: str) -> set[str]:
    """The states in which somebody with `role` is waited for."""
    rows = standard().transitions
    return {row.source for row in rows if role in row.roles and row.action not in AT_WILL}


def waiting(user: User) -> Q:
    """The applications that wait for `user`, as a filter on those that they may see."""
    if user.role == Role.ENTERPRISE:
        return Q(state__in=_states("applicant"))
    if user.role == Role.LEADER:
        return Q(state__in=_states("leader"))
    if user.role != Role.STAFF:
        return Q(notices__objections__upheld__isnull=True, notices__objections__isnull=False,
                 state="notice")  # fmt: skip
    mine = Q(unit=user.unit, state__in=_states("handler"))
    unsigned = Q(
        state="joint_review", sign_offs__unit=user.unit, sign_offs__round=F("round"),
        sign_offs__agreed__isnull=True,
    )  # fmt: skip
    if user.unit is not None and user.unit.code == standard().settings.finance_unit:
        return mine | unsigned | Q(state__in=_states("finance"))
    return mine | unsigned


def filtered(
    rows: QuerySet[Application], user: User, given: Mapping[str, str]
) -> QuerySet[Application]:
    """Under the filters of the page, with the end of the newest notice."""
    if given.get("mine"):
        found = Application.objects.filter(waiting(user)).values("pk")
        rows = rows.filter(pk__in=found)
    if state := given.get("state", ""):
        rows = rows.filter(state=state)
    if (unit := given.get("unit", "")) and unit.isascii() and unit.isdigit():
        rows = rows.filter(unit=int(unit[:9]))
    if text := given.get("q", "").strip():
        rows = rows.filter(Q(subject__name__icontains=text) | Q(rule__iexact=text))
    last = PublicNotice.objects.filter(application=OuterRef("pk")).order_by("-pk")
    return rows.annotate(notice_ends=Subquery(last.values("ends")[:1]))


def positions(budgets: Iterable[Budget]) -> list[tuple[Budget, Position]]:
    """Every budget with what is committed, paid and free: 3 queries."""
    paid = _sums(Payment.objects.values_list("application__budget"), "amount_fen")
    running = Application.objects.filter(state="paying")
    approved = _sums(running.values_list("budget"), "approved_fen")
    under_way = Payment.objects.filter(application__state="paying")
    paid_running = _sums(under_way.values_list("application__budget"), "amount_fen")
    return [
        (
            row,
            Position(
                row.amount_fen, approved.get(row.pk, 0) - paid_running.get(row.pk, 0),
                paid.get(row.pk, 0),
            ),
        )
        for row in budgets
    ]  # fmt: skip


def _sums(rows: QuerySet, field: str) -> dict[int, int]:
    return dict(rows.order_by().annotate(total=Sum(field)))
