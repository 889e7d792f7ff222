"""What must hold of each kind of record beyond its columns, and what follows from entering one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from songhua.console import clock
from songhua.console.cooperation.services import bookings, entries
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from songhua.console.cooperation.models import (
        Agreement,
        Contest,
        CooperationEvent,
        Duty,
        ExpertCost,
        Fund,
        FundReturn,
        Placement,
        Record,
    )
    from songhua.console.people.models import User

LONGEST_EVENT = timedelta(days=366)


def _event(row: CooperationEvent) -> Iterator[Problem]:
    if row.ends < row.starts or row.ends - row.starts > LONGEST_EVENT:
        yield Problem("ends", "due_before_start", str(row.ends))


def _agreement(row: Agreement) -> Iterator[Problem]:
    if row.signed_on > clock.today():
        yield Problem("signed_on", "subsidy_day_future", str(row.signed_on))
    if row.ends_on is not None and row.ends_on < row.signed_on:
        yield Problem("ends_on", "due_before_start", str(row.ends_on))
    if row.renews is not None and (
        row.renews == row or row.renews.partner_id != row.partner_id
        or row.renews.signed_on > row.signed_on
        or row.renews.renewals.filter(struck=False).exclude(pk=row.pk).exists()
    ):  # fmt: skip
        yield Problem("renews", "cooperation_renews", row.renews.title)


def _duty(row: Duty) -> Iterator[Problem]:
    if (row.agreement_id is None) == (row.event_id is None):
        yield Problem("agreement", "cooperation_duty_origin")


def _cost(row: ExpertCost) -> Iterator[Problem]:
    if row.subject_id is None:
        yield Problem("subject", "empty")
    if row.amount_fen == 0:
        yield Problem("amount_fen", "subsidy_amount_zero")
    if row.paid_on > clock.today():
        yield Problem("paid_on", "subsidy_day_future", str(row.paid_on))


def _fund(row: Fund) -> Iterator[Problem]:
    above, passed = row.parent, {row.pk}
    while above is not None:
        if above.pk in passed:
            yield Problem("parent", "cooperation_circle", above.title)
            return
        passed.add(above.pk)
        above = above.parent


def _placement(row: Placement) -> Iterator[Problem]:
    if row.public_fen == 0:
        yield Problem("public_fen", "subsidy_amount_zero")
    if row.placed_on > clock.today():
        yield Problem("placed_on", "subsidy_day_future", str(row.placed_on))
    if row.subject_id is None and row.kind != "sub_fund":
        yield Problem("subject", "empty")


def _return(row: FundReturn) -> Iterator[Problem]:
    if not row.placement.placed_on <= row.returned_on <= clock.today():
        yield Problem("returned_on", "cooperation_return_day", str(row.placement.placed_on))


def _contest(row: Contest) -> Iterator[Problem]:
    if row.closes <= clock.now():
        yield Problem("closes", "contest_closes_past")


def after(row: Record) -> None:
    """What follows once a record is stored, in the same transaction."""
    if row._meta.model_name == "booking":
        bookings.take_hours(row)


TROUBLE: dict[str, Callable[[Any], Iterator[Problem]]] = {
    "events": _event, "agreements": _agreement, "duties": _duty, "expert_costs": _cost,
    "funds": _fund, "placements": _placement, "returns": _return, "contests": _contest,
    "bookings": bookings.trouble, "entries": entries.trouble,
}  # fmt: skip
SETTLE: dict[str, Callable[[User, Any], None]] = {
    "bookings": bookings.settle, "entries": entries.settle,
}  # fmt: skip
